//! A service that was written with axum moves to fastweb piece by piece: its router stays as it is below `/v1`, new routes are fastweb's below `/v2`,
//! and the middleware of both is tower's.
//!
//! ```text
//! cargo run --release --features tower --example tower [ADDRESS]
//!
//! curl -i http://127.0.0.1:3000/v1/words -d 'one two two'
//! curl -i http://127.0.0.1:3000/v1/words/two
//! curl -i http://127.0.0.1:3000/v2/words
//! curl -i http://127.0.0.1:3000/v2/slow
//! ```

mod v1;
mod words;

use std::time::Duration;

use fastweb::prelude::*;
use http::HeaderName;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;
use words::Words;

async fn list(words: State<Words>) -> Json<Vec<(String, usize)>> {
    Json(words.counted())
}

/// Takes longer than the layer around it allows.
async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_secs(60)).await;
    "never sent"
}

fn main() -> Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let words = Words::default();
    let id = HeaderName::from_static("x-request-id");
    // Around everything: a request without an id gets one, and its reply has it, too.
    let ids = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(id.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(id));

    App::new()
        .state(words.clone())
        .layer(ids)
        // The router sees paths without `/v1`. It has its own extractors, errors and middleware.
        .mount_service("/v1", v1::router(words))
        .scope("/v2", |v2| {
            v2.layer(GlobalConcurrencyLimitLayer::new(100))
                .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_millis(200)))
                .get("/words", list)
                .get("/slow", slow)
        })
        // What fastweb's own hooks do, they do for both.
        .on_send(|req: &mut Request, reply: &mut Reply| {
            reply.set_header("x-route", req.route().pattern());
        })
        .on_listen(|address| println!("http://{address}"))
        .run(address)
}
