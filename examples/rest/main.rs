//! Books, kept in memory: a small REST service with everything around it that a real one has.
//!
//! ```text
//! cargo run --release --example rest [ADDRESS]
//!
//! curl -i 'http://127.0.0.1:3000/books?limit=2'
//! curl -i http://127.0.0.1:3000/books -H 'x-api-key: secret' --json '{"title":"Emma","author":"Jane Austen","year":1815}'
//! curl -i http://127.0.0.1:3000/books/1/details
//! curl -i http://127.0.0.1:3000/books/1 -X DELETE -H 'x-api-key: secret'
//! ```
//!
//! Ctrl-C or SIGTERM stops it: what is being answered is answered first.

mod books;
mod error;
mod hooks;
mod store;

use std::time::Duration;

use fastweb::prelude::*;

fn main() -> Result<()> {
    // fastweb logs through `tracing`; where the lines go is the application's choice.
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());

    App::new()
        // Handlers take these as `State<Books>`, hooks as `req.state()`. A handler whose state is missing stops the start.
        .state(store::Books::classics())
        .state(hooks::ApiKey::from_env())
        // Hooks run in the order in which they were added, for every route.
        .on_request(hooks::check_api_key)
        .on_response(hooks::log)
        .on_response(slow_requests(Duration::from_millis(100)))
        .error_handler(error::answer)
        .get("/books", books::list)
        .get("/books/{id}", books::show)
        .get("/books/{id}/details", books::details)
        // A route with options of its own: no book needs more than 4 KiB.
        .route(post("/books", books::create).body_limit(4096))
        .route(put("/books/{id}", books::replace).body_limit(4096))
        .delete("/books/{id}", books::remove)
        .on_listen(|address| println!("http://{address}"))
        .on_close(async || println!("closed"))
        // Serves on all cores until a signal has stopped it.
        .run(address)
}
