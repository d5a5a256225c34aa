"use strict";

const MOST_ROWS = 100;
const prices = document.getElementById("prices");
const state = document.getElementById("state");

// It comes back by itself and says which event it has got last; the server sends what it has missed.
const source = new EventSource("/events");
source.onopen = () => {
    state.textContent = "live";
};
source.onerror = () => {
    state.textContent = source.readyState === EventSource.CLOSED ? "not connected" : "connecting";
};
source.addEventListener("price", (event) => {
    const { symbol, cents } = JSON.parse(event.data);
    const row = prices.insertRow(0);
    row.insertCell().textContent = symbol;
    row.insertCell().textContent = (cents / 100).toFixed(2);
    if (prices.rows.length > MOST_ROWS) {
        prices.deleteRow(-1);
    }
});
// More was missed than the server has kept. All that it has follows.
source.addEventListener("gap", () => prices.replaceChildren());
