//! The application that the tables are about.

use std::time::Duration;

use fastweb::prelude::*;

use crate::support::probe::Probe;

/// Small, so that what is too large can be sent in many pieces. No deadline is met by accident.
fn limits() -> Limits {
    let long = Duration::from_secs(600);
    Limits::default()
        .with_head(1024)
        .with_headers(20)
        .with_target(256)
        .with_body(1000)
        .with_head_timeout(long)
        .with_body_timeout(long)
        .with_keep_alive(long)
        .with_handler_timeout(long)
}

/// The path of the request that must be seen, or must not be.
pub(crate) const SENTINEL: &str = "/sentinel";

pub(crate) fn app(probe: &Probe) -> App {
    let (sentinel, smuggled) = (probe.clone(), probe.clone());
    let stream = |bytes: &'static [u8]| Body::from_reader(bytes, None);
    App::new()
        .workers(1)
        .limits(limits())
        .get(SENTINEL, move || {
            sentinel.note("sentinel");
            "sentinel"
        })
        .get("/smuggled", move || {
            smuggled.note("smuggled");
            "smuggled"
        })
        .get("/a", "a")
        .get("/b", async || "b")
        .get("/later", async || {
            tokio::time::sleep(Duration::from_micros(100)).await;
            "later"
        })
        .get("/host", |req: &mut Request| req.host().unwrap_or_default().to_owned())
        .post("/echo", async |body: String| body)
        .post("/ignore", async || "ignored")
        .get("/none", async || NoContent)
        .get("/none-with-body", async || (StatusCode::NO_CONTENT, "a body"))
        .get("/unmodified", async || (StatusCode::NOT_MODIFIED, [("etag", "\"1\"")], ""))
        .get("/unmodified-with-body", async move || (StatusCode::NOT_MODIFIED, stream(b"a body")))
        .get("/empty", async || ())
        .get("/sized", async || Body::from_reader(&b"sized"[..], 5))
        .get("/chunked", async move || stream(b"chunked"))
        .get("/conflict", async || -> Result<()> { Err(Error::conflict("taken").with_code("TAKEN")) })
        .get("/panics", async || -> &'static str { panic!("on purpose") })
        .get("/closes", || Reply::text("bye").with_header("connection", "close"))
}
