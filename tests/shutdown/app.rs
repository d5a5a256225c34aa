//! The application that is started and stopped.

use std::sync::Arc;
use std::time::Duration;

use fastweb::prelude::*;
use tokio::sync::Semaphore;

use crate::support::probe::Probe;

pub(crate) const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
pub(crate) const GATED: &str = "GET /gated HTTP/1.1\r\nHost: x\r\n\r\n";
pub(crate) const PENDING: &str = "GET /pending HTTP/1.1\r\nHost: x\r\n\r\n";

/// A running server waits for a test this long before it does something of its own accord.
const LONG: Duration = Duration::from_secs(600);

/// No deadline that a test could meet by accident.
pub(crate) fn long_limits() -> Limits {
    let limits = Limits::default().with_head_timeout(LONG).with_body_timeout(LONG).with_keep_alive(LONG);
    limits.with_handler_timeout(LONG).with_write_timeout(LONG).with_shutdown_timeout(LONG)
}

/// `/hello` answers at once, `/gated` when the test gives it a permit, `/pending` never, `/text` with its body. `on_close` is noted.
pub(crate) fn app(probe: &Probe) -> (App, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let (waiting, hello, gated, pending, close) =
        (gate.clone(), probe.clone(), probe.clone(), probe.clone(), probe.clone());
    let app = App::new()
        .workers(2)
        .limits(long_limits())
        .get("/hello", async move || {
            let _live = hello.enter("/hello");
            "hello"
        })
        .get("/gated", async move || {
            let _live = gated.enter("/gated");
            waiting.acquire().await.expect("the gate is not closed").forget();
            "gated"
        })
        .get("/pending", async move || {
            let _live = pending.enter("/pending");
            std::future::pending::<&str>().await
        })
        .post("/text", async |body: String| body)
        .on_close(async move || close.note("close"));
    (probe.watch(app), gate)
}
