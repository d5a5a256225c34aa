//! Ends that do not wait: the deadline of a graceful shutdown, abort, and a `serve()` that is dropped. And `on_close`.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use fastweb::prelude::*;

use crate::app::{GATED, HELLO, PENDING, app, long_limits};
use crate::support::pipe::block_on;
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::socket::Client;
use crate::support::{PATIENCE, eventually};

#[test]
fn after_the_deadline_pending_requests_are_answered_with_503() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let timeout = Duration::from_millis(400);
    let server = TestServer::start(app.limits(long_limits().with_shutdown_timeout(timeout)));
    let (mut pending, mut head, mut body) = (server.client(), server.client(), server.client());
    pending.send(PENDING);
    head.send("GET /hello HT");
    body.send("POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234");
    probe.wait_for("handler /pending", 1);
    let began = Instant::now();
    server.stop.shutdown();
    assert_eq!(pending.answer().summary(), "503 close FW_ERR_SHUTTING_DOWN");
    assert!(began.elapsed() >= timeout, "after {:?}", began.elapsed());
    assert_eq!(head.answer().summary(), "503 close FW_ERR_SHUTTING_DOWN");
    assert_eq!(body.answer().summary(), "503 close FW_ERR_SHUTTING_DOWN");
    for client in [&mut pending, &mut head, &mut body] {
        client.assert_closed();
    }
    server.wait().expect("the end is not an error");
    assert_eq!(probe.live(), 0, "the future was dropped");
    assert_eq!(probe.count("timeout"), 0, "it is not the handler that took too long");
    assert_eq!(probe.events().last().map(String::as_str), Some("close"));
}

#[test]
fn abort_does_not_wait() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app);
    let (mut pending, mut idle) = (server.client(), server.client());
    pending.send(PENDING);
    assert_eq!(idle.ask(HELLO).summary(), "200 - hello");
    probe.wait_for("handler /pending", 1);
    server.stop.abort();
    assert_eq!(pending.answer().summary(), "503 close FW_ERR_SHUTTING_DOWN");
    pending.assert_closed();
    idle.assert_closed();
    server.wait().expect("the end is not an error");
    assert_eq!(probe.live(), 0);
    assert_eq!(probe.events().last().map(String::as_str), Some("close"));
}

#[test]
fn abort_cuts_a_graceful_shutdown_short() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app);
    let mut pending = server.client();
    pending.send(PENDING);
    probe.wait_for("handler /pending", 1);
    server.stop.shutdown();
    pending.assert_quiet(Duration::from_millis(100));
    server.stop.abort();
    // Too late for a gentler wish.
    server.stop.shutdown();
    assert_eq!(pending.answer().summary(), "503 close FW_ERR_SHUTTING_DOWN");
    server.wait().expect("the end is not an error");
    assert_eq!(probe.count("close"), 1);
}

#[test]
fn answers_before_the_aborted_one_are_not_lost() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send([HELLO, HELLO, PENDING, HELLO].concat());
    probe.wait_for("handler /pending", 1);
    server.stop.abort();
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.answer().summary(), "503 close FW_ERR_SHUTTING_DOWN");
    client.assert_closed();
    server.wait().expect("the end is not an error");
}

/// A client that never reads holds nobody up.
#[test]
fn abort_leaves_a_client_that_does_not_read() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let server = TestServer::start(app.get("/endless", || Body::from_reader(tokio::io::repeat(b'x'), None)));
    let mut client = server.client();
    client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
    client.wait_for_bytes();
    std::thread::sleep(Duration::from_millis(50));
    server.stop.abort();
    server.wait().expect("the end is not an error");
}

#[test]
fn dropping_serve_stops_the_workers() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    block_on(async {
        let server = app.build().await.expect("a valid application");
        let listening = server.bind("127.0.0.1:0").expect("a free port");
        let address = listening.local_addr();
        let mut serving = Box::pin(listening.serve());
        let client = tokio::task::spawn_blocking({
            let probe = probe.clone();
            move || {
                let mut client = Client::connect(address);
                client.send(PENDING);
                probe.wait_for("handler /pending", 1);
                client
            }
        });
        let mut client = tokio::select! {
            client = client => client.expect("no panic"),
            ended = &mut serving => panic!("it ended by itself: {ended:?}"),
        };
        drop(serving);
        let stopped = tokio::task::spawn_blocking(move || {
            assert_eq!(client.answer().summary(), "503 close FW_ERR_SHUTTING_DOWN");
            client.assert_closed();
            eventually("nobody listens", || TcpStream::connect_timeout(&address, PATIENCE).is_err());
        });
        stopped.await.expect("no panic");
    });
    probe.wait_for("close", 1);
    assert_eq!(probe.live(), 0);
}

#[test]
fn a_runtime_that_ends_stops_the_workers() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let listening = runtime.block_on(app.build()).and_then(|server| server.bind("127.0.0.1:0")).expect("a free port");
    let address = listening.local_addr();
    runtime.spawn(listening.serve());
    let mut client = Client::connect(address);
    assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    drop(runtime);
    client.assert_closed();
    probe.wait_for("close", 1);
}

#[test]
fn on_close_runs_the_last_added_first() {
    let probe = Probe::default();
    let (first, second, third) = (probe.clone(), probe.clone(), probe.clone());
    let app = App::new()
        .workers(1)
        .get("/hello", "hello")
        .on_close(async move || first.note("first"))
        .on_close(async move || {
            tokio::time::sleep(Duration::from_millis(20)).await;
            second.note("second");
        })
        .on_close(async move || third.note("third"));
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(HELLO).summary(), "200 - hello");
    server.stop.shutdown();
    server.wait().expect("a graceful end");
    assert_eq!(probe.events(), ["third", "second", "first"]);
}

#[test]
fn an_on_close_that_fails_is_what_serve_returns_and_the_others_run() {
    let probe = Probe::default();
    let noted = probe.clone();
    let app = App::new()
        .workers(1)
        .get("/hello", "hello")
        .on_close(async move || noted.note("first"))
        .on_close(async || -> Result<()> { Err(Error::internal("the disk is full")) });
    let server = TestServer::start(app);
    server.stop.shutdown();
    let error = server.wait().expect_err("the hook failed");
    assert_eq!(error.message(), "the disk is full");
    assert_eq!(probe.events(), ["first"]);
}

#[test]
fn a_server_that_was_stopped_before_it_serves_ends_at_once() {
    let probe = Probe::default();
    let (app, _gate) = app(&probe);
    block_on(async {
        let listening = app.build().await.expect("a valid application").bind("127.0.0.1:0").expect("a free port");
        listening.shutdown_handle().shutdown();
        listening.serve().await.expect("the end is not an error");
    });
    assert_eq!(probe.events(), ["close"]);
}

#[test]
fn one_application_may_serve_on_two_addresses_and_each_ends_alone() {
    let probe = Probe::default();
    let (app, gate) = app(&probe);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = app.build().await.expect("a valid application");
        let (one, two) = (server.bind("127.0.0.1:0").expect("a port"), server.bind("127.0.0.1:0").expect("a port"));
        let (addresses, stops) = ([one.local_addr(), two.local_addr()], [one.shutdown_handle(), two.shutdown_handle()]);
        let (one, two) = (tokio::spawn(one.serve()), tokio::spawn(two.serve()));
        let mut clients = addresses.map(Client::connect);
        for client in &mut clients {
            client.send(GATED);
        }
        gate.add_permits(2);
        let [mut first, mut second] = clients;
        assert_eq!(first.answer().summary(), "200 - gated");
        stops[0].shutdown();
        one.await.expect("no panic").expect("a graceful end");
        first.assert_closed();
        assert_eq!(second.answer().summary(), "200 - gated");
        assert_eq!(second.ask(HELLO).summary(), "200 - hello");
        stops[1].shutdown();
        two.await.expect("no panic").expect("a graceful end");
        second.assert_closed();
    });
}
