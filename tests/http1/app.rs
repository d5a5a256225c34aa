//! The application that the tables of requests are about.

use std::sync::Arc;
use std::time::Duration;

use fastweb::prelude::*;
use tokio::sync::Semaphore;

use crate::support::probe::Probe;

/// Small, so that the longest allowed head can be sent byte by byte.
pub(crate) fn small_limits() -> Limits {
    Limits::default().with_head(1024).with_headers(20).with_target(256).with_body(1000)
}

/// No deadline that a test could meet by accident: what hangs, hangs until the test's own patience is over.
pub(crate) fn long_limits() -> Limits {
    let long = Duration::from_secs(600);
    Limits::default().with_head_timeout(long).with_body_timeout(long).with_keep_alive(long).with_handler_timeout(long)
}

/// Routes for every kind of request and answer. `/alive` and `/constant` leave no trace in `probe`.
pub(crate) fn app(probe: &Probe) -> App {
    let noted = |path: &'static str| {
        let probe = probe.clone();
        move || probe.enter(path)
    };
    let (hello, later, echo, text) = (noted("/hello"), noted("/later"), noted("/echo"), noted("/text"));
    let (ignore, unread, closes) = (noted("/ignore"), noted("/unread"), noted("/closes"));
    let pending = noted("/pending");
    let app = App::new()
        .workers(1)
        .get("/alive", async || "alive")
        .get("/constant", "constant")
        .get("/hello", move || {
            let _live = hello();
            "hello"
        })
        .get("/later", async move || {
            let _live = later();
            tokio::time::sleep(Duration::from_millis(1)).await;
            "later"
        })
        .post("/echo", move |body: Body| {
            let _live = echo();
            body
        })
        .post("/text", async move |body: String| {
            let _live = text();
            body
        })
        .post("/ignore", move || {
            let _live = ignore();
            "ignored"
        })
        .post("/unread", async move || {
            let _live = unread();
            tokio::time::sleep(Duration::from_millis(1)).await;
            "unread"
        })
        .get("/pending", async move || {
            let _live = pending();
            std::future::pending::<&str>().await
        })
        .get("/none", async || NoContent)
        .get("/unmodified", async || (StatusCode::NOT_MODIFIED, [("etag", "\"1\"")], ""))
        .get("/empty", async || ())
        .get("/sized", async || Body::from_reader(&b"sized"[..], 5))
        .get("/chunked", async || Body::from_reader(&b"chunked"[..], None))
        .get("/conflict", async || -> Result<()> { Err(Error::conflict("taken").with_code("TAKEN")) })
        .get("/panics", async || -> &'static str { panic!("on purpose") })
        .get("/closes", move || {
            let _live = closes();
            Reply::text("bye").with_header("connection", "close")
        });
    probe.watch(app)
}

/// `app` with `/gated`, which answers when the test gives it a permit.
pub(crate) fn gated_app(probe: &Probe) -> (App, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let (entering, waiting) = (probe.clone(), gate.clone());
    let app = app(probe).get("/gated", async move || {
        let _live = entering.enter("/gated");
        waiting.acquire().await.expect("the gate is not closed").forget();
        "gated"
    });
    (app, gate)
}
