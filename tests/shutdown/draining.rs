//! From the wish to stop until all is answered: nothing that was begun is lost, and nothing new is begun.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use fastweb::prelude::*;
use tokio::io::AsyncReadExt;

use crate::app::{GATED, HELLO, app, long_limits};
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::{PATIENCE, eventually};

/// Long enough for every message that could be on its way.
const LONG_GRACE: Duration = Duration::from_secs(600);

/// Asks the server to stop, and waits until it does not listen any more.
#[track_caller]
fn begin_shutdown(server: &TestServer) {
    server.stop.shutdown();
    eventually("the server stops listening", || TcpStream::connect_timeout(&server.address, PATIENCE).is_err());
}

#[test]
fn a_request_in_flight_is_finished() {
    let probe = Probe::default();
    let (app, gate) = app(&probe);
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(GATED);
    probe.wait_for("handler /gated", 1);
    begin_shutdown(&server);
    client.assert_quiet(Duration::from_millis(300));
    assert!(!server.has_ended());
    assert_eq!(probe.count("close"), 0, "on_close waits for the request");
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 close gated");
    client.assert_closed();
    server.wait().expect("a graceful end");
    assert_eq!(probe.events(), ["handler /gated", "response /gated", "close"]);
}

#[test]
fn an_idle_connection_is_served_once_more_within_the_grace() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app.limits(long_limits().with_shutdown_grace(LONG_GRACE)));
    let mut used = server.client();
    assert_eq!(used.ask(HELLO).summary(), "200 - hello");
    let mut fresh = server.client();
    let mut last = server.client();
    assert_eq!(last.ask(HELLO).summary(), "200 - hello");
    begin_shutdown(&server);
    for client in [&mut used, &mut fresh, &mut last] {
        assert_eq!(client.ask(HELLO).summary(), "200 close hello");
        client.assert_closed();
    }
    server.wait().expect("a graceful end");
    assert_eq!(probe.events().last().map(String::as_str), Some("close"));
}

#[test]
fn idle_connections_are_closed_after_the_grace() {
    let probe = Probe::default();
    let (app, gate) = app(&probe);
    let grace = Duration::from_millis(400);
    let server = TestServer::start(app.limits(long_limits().with_shutdown_grace(grace)));
    let mut busy = server.client();
    busy.send(GATED);
    probe.wait_for("handler /gated", 1);
    let mut used = server.client();
    assert_eq!(used.ask(HELLO).summary(), "200 - hello");
    let mut fresh = server.client();
    let began = Instant::now();
    server.stop.shutdown();
    used.assert_closed();
    fresh.assert_closed();
    assert!(began.elapsed() >= grace, "closed after {:?}", began.elapsed());
    assert!(!server.has_ended(), "a request is still in flight");
    gate.add_permits(1);
    assert_eq!(busy.answer().summary(), "200 close gated");
    server.wait().expect("a graceful end");
}

/// A request counts as accepted once its first byte is read.
#[test]
fn a_request_that_has_begun_may_arrive_after_the_grace() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app);
    let (mut head, mut body, mut idle) = (server.client(), server.client(), server.client());
    head.send("GET /hello HT");
    body.send("POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234");
    begin_shutdown(&server);
    // Now the grace is over.
    idle.assert_closed();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(head.ask("TP/1.1\r\nHost: x\r\n\r\n").summary(), "200 close hello");
    assert_eq!(body.ask("56789").summary(), "200 close 0123456789");
    head.assert_closed();
    body.assert_closed();
    server.wait().expect("a graceful end");
}

/// The requests of a batch were all read before the server was asked to stop.
#[test]
fn a_batch_is_answered_to_its_end() {
    let probe = Probe::default();
    let (app, gate) = app(&probe);
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send([GATED, HELLO, "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\ntext", HELLO].concat());
    probe.wait_for("handler /gated", 1);
    begin_shutdown(&server);
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 - gated");
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.answer().summary(), "200 - text");
    assert_eq!(client.answer().summary(), "200 close hello");
    client.assert_closed();
    server.wait().expect("a graceful end");
}

#[test]
fn a_stream_is_finished() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let (mut writing, reading) = tokio::io::duplex(64);
    let reading = std::sync::Mutex::new(Some(reading));
    let stream =
        move || Body::from_reader(reading.lock().expect("not poisoned").take().expect("it is asked for once"), None);
    let server = TestServer::start(app.get("/stream", stream));
    let mut client = server.client();
    client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut write = |text: &str| {
        runtime.block_on(tokio::io::AsyncWriteExt::write_all(&mut writing, text.as_bytes())).expect("the server reads");
    };
    write("before, ");
    client.wait_for_bytes();
    begin_shutdown(&server);
    std::thread::sleep(Duration::from_millis(150));
    write("after");
    drop(writing);
    assert_eq!(client.answer().text(), "before, after");
    client.assert_closed();
    server.wait().expect("a graceful end");
}

/// They connected in time and wait in the system's queue.
#[test]
fn connections_that_wait_to_be_accepted_are_served() {
    let probe = Probe::default();
    let (app, gate) = app(&probe);
    let server = TestServer::start(app.limits(long_limits().with_connections(1)));
    let mut busy = server.client();
    busy.send(GATED);
    probe.wait_for("handler /gated", 1);
    let mut waiting: Vec<_> = (0..5).map(|_| server.client()).collect();
    for client in &mut waiting {
        client.send(HELLO);
    }
    assert_eq!(probe.count("handler /hello"), 0);
    begin_shutdown(&server);
    for client in &mut waiting {
        // One worker may accept them for another that has yet to hear of the shutdown: then they are closed as idle ones are.
        let answer = client.answer();
        assert_eq!((answer.status, &*answer.text()), (200, "hello"));
        client.assert_closed();
    }
    gate.add_permits(1);
    assert_eq!(busy.answer().summary(), "200 close gated");
    server.wait().expect("a graceful end");
}

#[test]
fn asynchronous_on_response_hooks_are_waited_for() {
    let probe = Probe::default();
    let (app, gate) = app(&probe);
    let (waiting, noted) = (gate.clone(), probe.clone());
    let hook = async move |_: &mut Request, _: &Completed| {
        noted.note("hook began");
        waiting.acquire().await.expect("the gate is not closed").forget();
        noted.note("hook ended");
    };
    let server = TestServer::start(app.on_response(hook));
    let mut client = server.client();
    assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    probe.wait_for("hook began", 1);
    begin_shutdown(&server);
    client.assert_closed();
    std::thread::sleep(Duration::from_millis(200));
    assert!(!server.has_ended(), "the hook is still running");
    gate.add_permits(1);
    server.wait().expect("a graceful end");
    let events = probe.events();
    assert_eq!(events[events.len() - 2..], ["hook ended", "close"]);
}

#[test]
fn a_client_that_still_writes_to_a_large_upload_is_read_to_its_end() {
    let count = async |mut body: Body| -> Result<String> {
        let mut count = 0;
        while let Some(chunk) = body.chunk().await? {
            count += chunk.len();
        }
        Ok(count.to_string())
    };
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app.route(post("/count", count).body_limit(u64::MAX)));
    let mut client = server.client();
    client.send("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n").send(vec![b'x'; 1_000_000]);
    begin_shutdown(&server);
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(60));
        client.send(vec![b'x'; 1_000_000]);
    }
    assert_eq!(client.answer().summary(), "200 close 4000000");
    client.assert_closed();
    server.wait().expect("a graceful end");
}

#[test]
fn a_second_wish_changes_nothing() {
    let probe = Probe::default();
    let (app, gate) = app(&probe);
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(GATED);
    probe.wait_for("handler /gated", 1);
    begin_shutdown(&server);
    server.stop.shutdown();
    server.stop.clone().shutdown();
    client.assert_quiet(Duration::from_millis(50));
    gate.add_permits(1);
    assert_eq!(client.answer().summary(), "200 close gated");
    server.wait().expect("a graceful end");
    assert_eq!(probe.count("close"), 1);
}

/// Many clients that ask again and again on live connections: each request has its answer, whenever the server is asked to stop.
#[test]
fn no_request_is_lost_under_load() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app.limits(long_limits().with_shutdown_grace(LONG_GRACE)));
    let clients: Vec<_> = (0..8).map(|_| server.client()).collect();
    let running: Vec<_> = clients
        .into_iter()
        .map(|mut client| {
            std::thread::spawn(move || {
                let mut answers = 0;
                loop {
                    let answer = client.ask(HELLO);
                    assert_eq!(answer.text(), "hello");
                    answers += 1;
                    if answer.closes() {
                        client.assert_closed();
                        return answers;
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(50));
    server.stop.shutdown();
    let answers: usize = running.into_iter().map(|thread| thread.join().expect("every request is answered")).sum();
    server.wait().expect("a graceful end");
    assert_eq!(probe.count("handler /hello"), answers);
    assert_eq!(probe.count("response /hello"), answers);
    assert_eq!(probe.events().last().map(String::as_str), Some("close"));
}

/// A reader of a long answer takes its time.
#[test]
fn a_slow_reader_gets_all_of_its_answer() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let size = 16 * 1024 * 1024;
    let large = move || Body::from_reader(tokio::io::repeat(b'x').take(size), size);
    let server = TestServer::start(app.get("/large", large));
    let mut client = server.client();
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    client.wait_for_bytes();
    begin_shutdown(&server);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(client.answer().body.len() as u64, size);
    client.assert_closed();
    server.wait().expect("a graceful end");
}
