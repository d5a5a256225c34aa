//! What the server counts, and the bounds that only counting makes visible.

use std::time::{Duration, Instant};

use fastweb::prelude::*;
use fastweb::{Counters, Counts};

use crate::app::{app, long_limits};
use crate::support::eventually;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
const SHORT: Duration = Duration::from_millis(300);

fn start(limits: Limits) -> (TestServer, Counters) {
    let app = app(&Probe::default()).limits(limits);
    let counters = app.counters();
    (TestServer::start(app), counters)
}

#[track_caller]
fn wait_for(counters: &Counters, what: &str, holds: impl Fn(&Counts) -> bool) {
    eventually(what, || holds(&counters.read()));
}

#[test]
fn connections_and_requests() {
    let (server, counters) = start(long_limits());
    let mut clients: Vec<_> = (0..3).map(|_| server.client()).collect();
    for client in &mut clients {
        assert_eq!(client.ask(HELLO).summary(), "200 - hello");
        client.send(HELLO.repeat(2));
        assert_eq!(client.answer().summary(), "200 - hello");
        assert_eq!(client.answer().summary(), "200 - hello");
    }
    let counts = counters.read();
    assert_eq!((counts.requests, counts.connections_accepted, counts.connections_open()), (9, 3, 3));
    assert_eq!(counts.requests_refused, 0);
    drop(clients);
    wait_for(&counters, "all are closed", |counts| counts.connections_open() == 0);
    let mut client = server.client();
    assert!(client.ask("nonsense\r\n\r\n").closes());
    assert_eq!(counters.read().requests_refused, 1);
    assert_eq!(counters.read().requests, 9);
}

/// What workers counted that are gone is not forgotten.
#[test]
fn a_server_that_has_ended_has_its_counts() {
    let (server, counters) = start(long_limits());
    let mut client = server.client();
    assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    server.stop.shutdown();
    drop(client);
    server.wait().expect("a clean end");
    let counts = counters.read();
    assert_eq!((counts.requests, counts.connections_accepted, counts.connections_open()), (1, 1, 0));
}

#[test]
fn each_deadline_has_its_count() {
    let long = long_limits();
    type Case = (Limits, &'static str, fn(&Counts) -> u64);
    let cases: [Case; 5] = [
        (long.clone().with_head_timeout(SHORT), "GET /he", |counts| counts.head_timeouts),
        (long.clone().with_head_timeout(SHORT), "", |counts| counts.idle_timeouts),
        (long.clone().with_keep_alive(SHORT), HELLO, |counts| counts.idle_timeouts),
        (
            long.clone().with_body_timeout(SHORT),
            "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab",
            |counts| counts.body_timeouts,
        ),
        (long.with_handler_timeout(SHORT), "GET /pending HTTP/1.1\r\nHost: x\r\n\r\n", |counts| {
            counts.handler_timeouts
        }),
    ];
    std::thread::scope(|scope| {
        for (limits, sent, count) in cases {
            scope.spawn(move || {
                let (server, counters) = start(limits);
                let mut client = server.client();
                client.send(sent);
                client.read_to_end();
                let counts = counters.read();
                assert_eq!(count(&counts), 1, "{sent:?}: {counts:?}");
                let all = counts.head_timeouts + counts.idle_timeouts + counts.body_timeouts + counts.handler_timeouts;
                assert_eq!(all, 1, "{sent:?}: {counts:?}");
            });
        }
    });
}

#[test]
fn clients_that_leave() {
    let broken = || Body::from_reader(&b"short"[..], 10);
    let app = app(&Probe::default()).limits(long_limits()).get("/broken", broken);
    let counters = app.counters();
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send("GET /pending HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&counters, "the request is there", |counts| counts.requests == 1);
    client.reset();
    wait_for(&counters, "an abort", |counts| counts.requests_aborted == 1);
    let mut client = server.client();
    client.send("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_to_end();
    assert_eq!(counters.read().answers_broken, 1);
}

#[test]
fn a_client_that_does_not_read() {
    let app = App::new()
        .workers(1)
        .limits(long_limits().with_write_timeout(SHORT))
        .get("/endless", || Body::from_reader(tokio::io::repeat(b'x'), None));
    let counters = app.counters();
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_for(&counters, "it is given up", |counts| counts.write_timeouts == 1);
    wait_for(&counters, "it is gone", |counts| counts.connections_open() == 0);
}

/// A body that never pauses for long, and never ends.
#[test]
fn a_body_that_dribbles() {
    let (server, counters) = start(long_limits());
    std::thread::scope(|scope| {
        for path in ["/text", "/echo"] {
            let server = &server;
            scope.spawn(move || {
                let mut client = server.client();
                let began = Instant::now();
                client.send(format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"));
                // 100 bytes a second: 5 s, and what the bytes earn.
                let mut taken = true;
                while taken && began.elapsed() < Duration::from_secs(15) {
                    taken = client.try_send(b"0123456789");
                    std::thread::sleep(Duration::from_millis(100));
                    taken &= path == "/echo" || client.try_peek_is_quiet();
                }
                let took = began.elapsed();
                assert!(took >= Duration::from_secs(5) && took < Duration::from_secs(14), "{path}: after {took:?}");
                if path == "/text" {
                    assert_eq!(client.answer().summary(), "408 close FW_ERR_REQUEST_TIMEOUT");
                }
            });
        }
        // As fast as it has to be is fast enough.
        scope.spawn(|| {
            let mut client = server.client();
            client.send("POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 3600\r\n\r\n");
            for _ in 0..60 {
                client.send([b'x'; 60]);
                std::thread::sleep(Duration::from_millis(100));
            }
            assert_eq!(client.answer().status, 200);
        });
        // Whoever is not asked is not slow.
        scope.spawn(|| {
            let handler = async |mut body: Body| -> Result<String> {
                tokio::time::sleep(Duration::from_secs(6)).await;
                Ok(body.bytes().await?.len().to_string())
            };
            let server = TestServer::start(App::new().workers(1).post("/late", handler));
            let mut client = server.client();
            client.send("POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n").send([b'x'; 50]);
            std::thread::sleep(Duration::from_millis(6300));
            client.send([b'x'; 50]);
            assert_eq!(client.answer().summary(), "200 - 100");
        });
    });
    assert_eq!(counters.read().bodies_too_slow, 2);
    assert_eq!(counters.read().body_timeouts, 0);
}

#[test]
fn a_peer_with_many_connections() {
    let (server, counters) = start(long_limits().with_connections_per_peer(3));
    let mut clients: Vec<_> = (0..3).map(|_| server.client()).collect();
    for client in &mut clients {
        assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    }
    server.client().assert_closed();
    assert_eq!(counters.read().connections_refused, 1);
    assert_eq!(clients[0].ask(HELLO).summary(), "200 - hello", "those that it has go on");
    clients.pop();
    wait_for(&counters, "one is closed", |counts| counts.connections_open() == 2);
    eventually("there is room again", || {
        let mut client = server.client();
        client.try_send(HELLO.as_bytes()) && client.try_read_answer().is_some()
    });
}
