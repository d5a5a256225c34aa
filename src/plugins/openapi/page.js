"use strict";

window.addEventListener("load", () => {
    const page = document.getElementById("page");
    const documents = JSON.parse(page.dataset.documents);
    const wanted = new URLSearchParams(location.search).get("document");
    const shown = documents.find(({ name }) => name === wanted) ?? documents[0];

    if (documents.length > 1) {
        const links = documents.map(({ name }) => {
            const link = document.createElement("a");
            link.href = "?" + new URLSearchParams({ document: name });
            link.textContent = name;
            if (name === shown.name) {
                link.setAttribute("aria-current", "page");
            }
            return link;
        });
        document.getElementById("documents").append(...links);
    }

    window.ui = SwaggerUIBundle({
        url: new URL(shown.url, location.href).href,
        domNode: page,
        deepLinking: true,
        // No validator of somebody else's is told of the document.
        validatorUrl: null,
        oauth2RedirectUrl: new URL(page.dataset.login, location.href).href,
    });
});
