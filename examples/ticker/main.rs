//! Prices as they change, as server-sent events, and a page that shows them. A client that was away gets what it has missed.
//!
//! ```text
//! cargo run --release --example ticker [ADDRESS] [MILLISECONDS]
//!
//! curl -N http://127.0.0.1:3000/events
//! curl -X PUT http://127.0.0.1:3000/prices --json '{"symbol":"FWB","cents":1990}'
//! ```
//!
//! `http://127.0.0.1:3000/` in a browser is the page. A price changes every 1,000 ms, or not by itself where that is 0.

use std::time::Duration;

use fastweb::prelude::*;
use fastweb::sse::{Event, LastEventId, Sse, Topic};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct Price {
    symbol: String,
    cents: u64,
}

/// Who comes for the first time gets the last prices, who comes back those since.
async fn events(last: LastEventId, prices: State<Topic<Price>>) -> Sse<Price> {
    let subscription = prices.subscribe(last.id()).with_history();
    // When the server stops, clients do not all come back in the same second.
    subscription.sse().retry(Duration::from_secs(1)).last_words(Event::new().retry(Duration::from_secs(5)))
}

/// Encoded once, for all who listen.
async fn change(Json(price): Json<Price>, prices: State<Topic<Price>>) -> Result<NoContent> {
    prices.publish(Event::json(&price).event("price"))?;
    Ok(NoContent)
}

/// Changes prices by a rule that looks like none.
async fn tick(prices: Topic<Price>, pause: Duration) -> Result<()> {
    let mut cents = 100_000;
    for n in 0_u64.. {
        tokio::time::sleep(pause).await;
        cents = cents + n * 7919 % 501 - 250;
        prices.publish(Event::json(&Price { symbol: "FWB".into(), cents }).event("price"))?;
    }
    Ok(())
}

fn file(media_type: &'static str, text: &'static str) -> impl Fn() -> Reply + Clone + Send + Sync + 'static {
    move || Reply::new().with_content_type(media_type).with_body(text)
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".into());
    let pause =
        arguments.next().and_then(|pause| pause.parse().ok()).map_or(Duration::from_secs(1), Duration::from_millis);
    let prices = Topic::<Price>::new().replay(100, 64 * 1024);
    let ticking = prices.clone();
    App::new()
        .state(prices)
        .get("/", file("text/html; charset=utf-8", include_str!("page.html")))
        .get("/page.js", file("text/javascript; charset=utf-8", include_str!("page.js")))
        .get("/events", events)
        .put("/prices", change)
        .on_ready(async move || {
            // On the runtime that lives as long as the server.
            if !pause.is_zero() {
                tokio::spawn(tick(ticking.clone(), pause));
            }
        })
        .on_listen(|address| println!("http://{address}"))
        .run(address)
}
