"use strict";

const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

fetch("api/articles/1")
  .then((response) => response.json())
  .then(({ title, text }) => {
    show("title", title);
    show("text", text);
  });

fetch("api/visits", { method: "POST" })
  .then((response) => response.json())
  .then((count) => show("visits", count));
