//! Clients that go away. A reset while a handler is pending drops the handler's future and runs `on_request_abort` once; the end of the client's
//! stream alone does not: a half-closed client gets its answers.

use std::time::Duration;

use fastweb::prelude::*;
use tokio::io::AsyncReadExt;

use crate::app::{app, gated_app, long_limits};
use crate::support::eventually;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

/// What the hooks noted, without calls of handlers.
fn endings(probe: &Probe) -> Vec<String> {
    probe.events().into_iter().filter(|event| !event.starts_with("handler")).collect()
}

/// Asserts that `expected` is all that the hooks have noted, after the server had the time to note more.
#[track_caller]
fn assert_endings(server: &TestServer, probe: &Probe, expected: &[&str]) {
    assert_eq!(server.client().ask(get("/alive")).text(), "alive", "the server goes on");
    probe.wait_for("response /alive", 1);
    let noted: Vec<_> = endings(probe).into_iter().filter(|event| event != "response /alive").collect();
    assert_eq!(noted, expected);
}

#[test]
fn a_reset_while_a_handler_is_pending() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(long_limits()));
    let mut client = server.client();
    client.send(get("/pending"));
    probe.wait_for("handler /pending", 1);
    assert_eq!(probe.live(), 1);
    client.reset();
    probe.wait_for("abort", 1);
    assert_eq!(probe.live(), 0, "the future was dropped before the hook ran");
    assert_endings(&server, &probe, &["abort /pending"]);
}

#[test]
fn a_reset_with_requests_waiting_behind() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(long_limits()));
    let mut client = server.client();
    client.send(get("/pending") + &get("/hello") + &get("/hello"));
    probe.wait_for("handler /pending", 1);
    client.reset();
    probe.wait_for("abort", 1);
    assert_endings(&server, &probe, &["abort /pending"]);
    assert_eq!(probe.count("handler /hello"), 0);
}

/// The first answer was delivered. Only the second request is aborted.
#[test]
fn a_reset_behind_an_answer_that_was_read() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(long_limits()));
    let mut client = server.client();
    client.send(get("/hello") + &get("/pending"));
    assert_eq!(client.answer().summary(), "200 - hello");
    probe.wait_for("handler /pending", 1);
    client.reset();
    probe.wait_for("abort /pending", 1);
    assert_endings(&server, &probe, &["response /hello", "abort /pending"]);
}

#[test]
fn a_reset_while_the_body_is_awaited() {
    for path in ["/text", "/echo"] {
        let probe = Probe::default();
        let server = TestServer::start(app(&probe).limits(long_limits()));
        let mut client = server.client();
        client.send(format!("POST {path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"));
        // The server waits now.
        client.wait_for_bytes();
        client.reset();
        probe.wait_for("abort", 1);
        assert_endings(&server, &probe, &[&format!("abort {path}")]);
    }
}

#[test]
fn a_reset_while_a_hook_is_pending() {
    let probe = Probe::default();
    let entering = probe.clone();
    let hook = async move |req: &mut Request| {
        if req.path() == "/hello" {
            let _live = entering.enter("hook");
            std::future::pending::<()>().await;
        }
    };
    let server = TestServer::start(app(&probe).limits(long_limits()).on_send(hook));
    let mut client = server.client();
    client.send(get("/hello"));
    probe.wait_for("handler hook", 1);
    client.reset();
    probe.wait_for("abort", 1);
    probe.wait_until_none_is_live();
    assert_endings(&server, &probe, &["abort /hello"]);
}

#[test]
fn a_reset_while_an_error_handler_is_pending() {
    let probe = Probe::default();
    let entering = probe.clone();
    let handler = async move |_: &mut Request, _: Error| -> &'static str {
        let _live = entering.enter("error handler");
        std::future::pending().await
    };
    let server = TestServer::start(app(&probe).limits(long_limits()).error_handler(handler));
    let mut client = server.client();
    client.send(get("/conflict"));
    probe.wait_for("handler error handler", 1);
    client.reset();
    probe.wait_for("abort", 1);
    probe.wait_until_none_is_live();
    assert_endings(&server, &probe, &["abort /conflict"]);
}

#[test]
fn a_reset_while_the_answer_is_streamed() {
    let endless = || Body::from_reader(tokio::io::repeat(b'x'), None);
    let long = || Body::from_reader(tokio::io::repeat(b'x').take(1 << 40), 1 << 40);
    let stuck = || Body::from_reader((&b"first"[..]).chain(tokio::io::simplex(1).0), None);
    for path in ["/endless", "/long", "/stuck"] {
        let probe = Probe::default();
        let app = app(&probe).limits(long_limits()).get("/endless", endless).get("/long", long).get("/stuck", stuck);
        let server = TestServer::start(app);
        let mut client = server.client();
        client.send(get(path));
        client.wait_for_bytes();
        client.reset();
        probe.wait_for("abort", 1);
        assert_endings(&server, &probe, &[&format!("abort {path}")]);
    }
}

#[test]
fn a_reset_between_requests_is_no_abort() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(long_limits()));
    let mut client = server.client();
    assert_eq!(client.ask(get("/hello")).summary(), "200 - hello");
    probe.wait_for("response /hello", 1);
    client.reset();
    assert_endings(&server, &probe, &["response /hello"]);
}

#[test]
fn a_half_closed_client_gets_its_answers() {
    let probe = Probe::default();
    let (app, gate) = gated_app(&probe);
    let server = TestServer::start(app.limits(long_limits()));
    let mut client = server.client();
    client.send(get("/gated") + &get("/later") + &get("/gated") + &get("/chunked")).finish_sending();
    probe.wait_for("handler /gated", 1);
    client.assert_quiet(Duration::from_millis(50));
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - gated");
    assert_eq!(client.answer().summary(), "200 - later");
    client.assert_quiet(Duration::from_millis(50));
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - gated");
    assert_eq!(client.answer().summary(), "200 - chunked:chunked");
    client.assert_closed();
    probe.wait_for("response", 4);
    assert_endings(&server, &probe, &["response /gated", "response /later", "response /gated", "response /chunked"]);
}

#[test]
fn a_half_closed_client_that_sent_nothing_is_closed() {
    let server = TestServer::start(app(&Probe::default()).limits(long_limits()));
    server.client().finish_sending().assert_closed();
    let mut client = server.client();
    client.send("\r\n").finish_sending().assert_closed();
    let mut client = server.client();
    client.send("GET /hello HTTP/1.1\r\nHo").finish_sending().assert_closed();
}

/// While a handler is pending the server reads one buffer of what follows and no more.
#[test]
fn a_client_that_sends_on_while_its_handler_is_pending_has_to_wait() {
    let probe = Probe::default();
    let (app, gate) = gated_app(&probe);
    let server = TestServer::start(app.limits(long_limits()));
    let mut client = server.client();
    client.send(get("/gated"));
    probe.wait_for("handler /gated", 1);
    let stream = client.stream();
    stream.set_nonblocking(true).expect("it can be set");
    let batch = get("/constant").repeat(100);
    let (mut taken, mut refused) = (0, 0);
    // Socket buffers fill up, and then nothing is taken any more.
    while refused < 20 {
        match std::io::Write::write(&mut &stream, &batch.as_bytes()[taken % batch.len()..]) {
            Ok(n) => taken += n,
            Err(_) => {
                refused += 1;
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        assert!(taken < 64 * 1024 * 1024, "the server reads without end");
    }
    stream.set_nonblocking(false).expect("it can be set");
    gate.add_permits(1);
    let whole = get("/constant").len();
    let writing = std::thread::spawn(move || {
        let rest = (whole - taken % whole) % whole;
        let start = batch.len() - rest;
        std::io::Write::write_all(&mut &stream, &batch.as_bytes()[start..])
    });
    assert_eq!(client.answer().summary(), "200 - gated");
    for at in 0..taken.div_ceil(whole) {
        assert_eq!(client.answer().summary(), "200 - constant", "answer {at}");
    }
    writing.join().expect("no panic").expect("the server reads again");
}

/// Whoever reads the body on another task is told that nothing more comes, and so is a hook.
#[test]
fn a_reset_while_the_body_is_read_elsewhere() {
    let probe = Probe::default();
    let (reading, aborting) = (probe.clone(), probe.clone());
    let handler = async move |mut body: Body| {
        let reading = reading.clone();
        let task = tokio::task::spawn_local(async move {
            reading.note("reads");
            while let Ok(Some(_)) = body.chunk().await {}
            reading.note("has read");
        });
        let _ = task.await;
        std::future::pending::<&str>().await
    };
    let hook = async move |req: &mut Request| {
        let read = req.bytes().await.is_ok();
        aborting.note(format!("hook {} {read}", req.path()));
    };
    let waiting = async || std::future::pending::<&str>().await;
    let app = App::new().workers(1).limits(long_limits()).on_request_abort(hook);
    let server = TestServer::start(app.post("/elsewhere", handler).post("/waiting", waiting));
    let head = |path: &str| format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
    let mut client = server.client();
    client.send(head("/elsewhere"));
    probe.wait_for("reads", 1);
    client.reset();
    probe.wait_for("has read", 1);
    probe.wait_for("hook /elsewhere true", 1);
    let mut client = server.client();
    client.send(head("/waiting"));
    std::thread::sleep(Duration::from_millis(20));
    client.reset();
    probe.wait_for("hook /waiting false", 1);
}

/// The answer to the last request waits for those before it to be written, and they never are.
#[test]
fn a_reset_while_a_full_batch_is_written() {
    let probe = Probe::default();
    let called = probe.clone();
    let large = move || {
        let _live = called.enter("/large");
        "x".repeat(16_000)
    };
    let app = App::new().workers(1).limits(long_limits()).get("/large", large);
    let server = TestServer::start(probe.watch(app));
    let mut client = server.client();
    // More than the buffers of both systems hold.
    client.send(get("/large").repeat(2000));
    client.wait_for_bytes();
    std::thread::sleep(Duration::from_millis(200));
    client.reset();
    probe.wait_for("abort /large", 1);
    let ended = || probe.count("response /large") + probe.count("abort /large");
    eventually("every request that was begun has one end", || ended() == probe.count("handler /large"));
}

/// Without an `on_response` hook, too, an answer that nobody could read is an abort.
#[test]
fn an_answer_that_cannot_be_written() {
    let probe = Probe::default();
    let aborting = probe.clone();
    let hook = move |req: &mut Request| aborting.note(format!("abort {}", req.path()));
    let app = App::new().workers(1).limits(long_limits()).on_request_abort(hook).get("/large", || "x".repeat(16_000));
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get("/large").repeat(2000));
    client.wait_for_bytes();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(probe.count("abort"), 0);
    client.reset();
    probe.wait_for("abort /large", 3);
}
