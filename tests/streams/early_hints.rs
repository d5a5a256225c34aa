//! 103: what a client may fetch while it waits (RFC 8297).

use std::sync::Arc;
use std::time::Duration;

use fastweb::EarlyHints;
use fastweb::prelude::*;
use tokio::sync::Semaphore;

use crate::sources::get;
use crate::support::server::TestServer;

const LINK: (&str, &str) = ("link", "</app.css>; rel=preload");

fn app() -> (App, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let (waiting, twice) = (gate.clone(), gate.clone());
    let app = App::new()
        .workers(1)
        .get("/hello", "hello")
        .get("/gated", async move |hints: EarlyHints| -> Result<&'static str> {
            hints.send([LINK])?;
            waiting.acquire().await.expect("it stays open").forget();
            Ok("done")
        })
        .get("/twice", async move |req: &mut Request| -> Result<&'static str> {
            req.early_hints().send([LINK])?;
            req.early_hints().send([("link", "</b.js>"), ("x-n", "2")])?;
            twice.acquire().await.expect("it stays open").forget();
            req.early_hints().send([("link", "</late.js>")])?;
            Ok("done")
        })
        .get("/at-once", |hints: EarlyHints| hints.send([LINK]).map(|()| "at once"))
        .get("/plain", async || {
            tokio::time::sleep(Duration::from_millis(5)).await;
            "plain"
        })
        .get("/malformed", async |hints: EarlyHints| hints.send([("link", "a\r\nb: c")]))
        .get("/too-many", async |hints: EarlyHints| -> Result<()> {
            (0..1000).try_for_each(|_| hints.send([("link", "x".repeat(100))]))
        })
        .get("/streamed", async |hints: EarlyHints| {
            Body::from_fn(async move |out| {
                out.send("a").await;
                tokio::task::yield_now().await;
                hints.send([LINK])?;
                tokio::time::sleep(Duration::from_millis(5)).await;
                out.send("b").await;
                Ok(())
            })
        });
    (app, gate)
}

#[test]
fn they_leave_while_the_handler_waits() {
    let (app, gate) = app();
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get("/gated"));
    let hint = client.answer();
    assert_eq!((hint.status, hint.reason.as_str(), hint.header("link")), (103, "Early Hints", Some(LINK.1)));
    assert_eq!(hint.headers.len(), 1, "nothing else is said: {hint:?}");
    client.assert_quiet(Duration::from_millis(50));
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - done");
    client.send(get("/twice"));
    assert_eq!(client.answer().header("link"), Some(LINK.1));
    assert_eq!(client.answer().header("x-n"), Some("2"));
    gate.add_permits(1);
    // The answer is there: another hint would come too late.
    assert_eq!(client.answer().summary(), "200 - done");
    assert_eq!(client.ask(get("/hello")).text(), "hello");
}

#[test]
fn answers_before_them_come_first() {
    let (app, gate) = app();
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get("/hello") + &get("/gated") + &get("/hello"));
    assert_eq!(client.answer().text(), "hello");
    assert_eq!(client.answer().status, 103);
    gate.add_permits(1);
    assert_eq!(client.answer().text(), "done");
    assert_eq!(client.answer().text(), "hello");
}

#[test]
fn clients_of_http_1_0_get_none() {
    let (app, gate) = app();
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send("GET /gated HTTP/1.0\r\n\r\n").assert_quiet(Duration::from_millis(50));
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 close done");
}

/// Nothing of one request's hints gets into another's answer, or into a body.
#[test]
fn hints_that_come_too_late_are_dropped() {
    let (app, _) = app();
    let server = TestServer::start(app);
    let mut client = server.client();
    for _ in 0..3 {
        assert_eq!(client.ask(get("/at-once")).text(), "at once");
        assert_eq!(client.ask(get("/plain")).text(), "plain");
        assert_eq!(server.client().ask(get("/plain")).text(), "plain");
        assert_eq!(client.ask(get("/streamed")).text(), "ab");
    }
}

#[test]
fn hints_that_cannot_be_sent_are_errors() {
    let (app, _) = app();
    let server = TestServer::start(app);
    let mut client = server.client();
    assert_eq!(client.ask(get("/malformed")).summary(), "500 - FW_ERR_INVALID_HEADER");
    assert_eq!(client.ask(get("/too-many")).summary(), "500 - FW_ERR_INTERNAL");
    assert_eq!(client.ask(get("/hello")).text(), "hello");
}

#[test]
fn a_client_that_is_gone_takes_its_hints_with_it() {
    let (app, gate) = app();
    let server = TestServer::start(app);
    for _ in 0..20 {
        let mut client = server.client();
        client.send(get("/gated"));
        client.reset();
    }
    gate.add_permits(20);
    assert_eq!(server.client().ask(get("/plain")).text(), "plain");
}
