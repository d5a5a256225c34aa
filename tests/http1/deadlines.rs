//! Deadlines: never early, and what is said when they are over.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use fastweb::prelude::*;
use tokio::io::AsyncReadExt;

use crate::app::{app, long_limits};
use crate::support::answer::parse_all;
use crate::support::pipe::block_on;
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::socket::Client;

/// The deadline that a test is about. All others are far away.
const SHORT: Duration = Duration::from_millis(400);
/// A good part of it, that is over before it.
const PART: Duration = Duration::from_millis(150);

const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

fn server(probe: &Probe, limits: Limits) -> TestServer {
    TestServer::start(app(probe).limits(limits))
}

/// Runs `wait`, which ends by a deadline of `SHORT`, and asserts that it did not end early.
#[track_caller]
fn not_early<T>(wait: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = wait();
    assert!(began.elapsed() >= SHORT, "the deadline came after {:?}", began.elapsed());
    result
}

/// Runs `test` with each of `cases` at the same time: most of it is waiting.
fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    let test = &test;
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || test(case));
        }
    });
}

#[test]
fn a_head_that_does_not_end() {
    let server = server(&Probe::default(), long_limits().with_head_timeout(SHORT));
    at_once(["G", "GET /hello HTTP/1.1\r\nHost: x\r\n", "GET /hello HTTP/1.1\r\nHost: x\r\n\r"], |start| {
        not_early(|| {
            let mut client = server.client();
            client.send(start);
            assert_eq!(client.answer().summary(), "408 close FW_ERR_REQUEST_TIMEOUT", "{start:?}");
            client.assert_closed();
        });
    });
}

#[test]
fn a_head_that_comes_byte_by_byte_gains_no_time() {
    let server = server(&Probe::default(), long_limits().with_head_timeout(SHORT));
    let mut client = server.client();
    let mut writer = client.stream();
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\nX: ");
    let (stop, stopped) = mpsc::channel::<()>();
    let writing = std::thread::spawn(move || {
        while stopped.recv_timeout(Duration::from_millis(50)) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = std::io::Write::write_all(&mut writer, b"a");
        }
    });
    assert_eq!(client.answer().summary(), "408 close FW_ERR_REQUEST_TIMEOUT");
    drop(stop);
    writing.join().expect("no panic");
    client.assert_closed();
}

#[test]
fn a_second_head_has_its_time_from_its_first_byte() {
    let server = server(&Probe::default(), long_limits().with_head_timeout(SHORT));
    let mut client = server.client();
    assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    // Idle for longer than a head may take: that is no offence.
    std::thread::sleep(SHORT * 2);
    assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    not_early(|| assert_eq!(client.ask("GET /hello").summary(), "408 close FW_ERR_REQUEST_TIMEOUT"));
    client.assert_closed();
}

#[test]
fn answers_before_a_head_that_does_not_end_are_not_lost() {
    let server = server(&Probe::default(), long_limits().with_head_timeout(SHORT));
    let mut client = server.client();
    client.send(format!("{HELLO}{HELLO}GET /he"));
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.answer().summary(), "408 close FW_ERR_REQUEST_TIMEOUT");
    client.assert_closed();
}

#[test]
fn a_client_that_sent_nothing_is_told_nothing() {
    let server = server(&Probe::default(), long_limits().with_head_timeout(SHORT));
    not_early(|| server.client().assert_closed());
}

#[test]
fn an_idle_connection_is_closed_silently() {
    let server = server(&Probe::default(), long_limits().with_keep_alive(SHORT));
    let mut client = server.client();
    for _ in 0..4 {
        assert_eq!(client.ask(HELLO).summary(), "200 - hello");
        std::thread::sleep(PART);
    }
    let mut client = server.client();
    assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    // From the answer on, which this client may have read a moment after it was written.
    let began = Instant::now();
    client.assert_closed();
    assert!(began.elapsed() >= PART, "closed after {:?}", began.elapsed());
}

#[test]
fn a_body_that_pauses() {
    let probe = Probe::default();
    let server = server(&probe, long_limits().with_body_timeout(SHORT));
    at_once(
        ["Content-Length: 10\r\n\r\nhello", "Content-Length: 10\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"],
        |start| {
            not_early(|| {
                let mut client = server.client();
                client.send(format!("POST /text HTTP/1.1\r\nHost: x\r\n{start}"));
                assert_eq!(client.answer().summary(), "408 close FW_ERR_REQUEST_TIMEOUT", "{start:?}");
                client.assert_closed();
            });
            not_early(|| {
                let mut client = server.client();
                client.send(format!("POST /echo HTTP/1.1\r\nHost: x\r\n{start}"));
                // The echo has begun: it breaks off.
                let received = client.read_to_end();
                assert!(received.starts_with(b"HTTP/1.1 200 OK\r\n"));
                assert!(!received.ends_with(b"0\r\n\r\n"));
            });
        },
    );
    assert_eq!(probe.count("handler /text"), 0);
}

#[test]
fn a_body_that_comes_slowly_but_steadily() {
    let limits = long_limits().with_body_timeout(SHORT).with_handler_timeout(SHORT);
    let server = server(&Probe::default(), limits);
    at_once(["/text", "/echo"], |path| {
        let mut client = server.client();
        client.send(format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n"));
        not_early(|| {
            for byte in ["a", "b", "c", "d", "e", "f", "g", "h"] {
                std::thread::sleep(PART);
                client.send(byte);
            }
        });
        assert_eq!(client.answer().summary(), "200 - abcdefgh", "{path}");
    });
}

#[test]
fn a_handler_that_takes_too_long() {
    let probe = Probe::default();
    let server = server(&probe, long_limits().with_handler_timeout(SHORT));
    let mut client = server.client();
    not_early(|| {
        client.send(format!("{HELLO}GET /pending HTTP/1.1\r\nHost: x\r\n\r\n{HELLO}"));
        assert_eq!(client.answer().summary(), "200 - hello");
        assert_eq!(client.answer().summary(), "503 close FW_ERR_HANDLER_TIMEOUT");
    });
    client.assert_closed();
    assert_eq!(probe.live(), 0, "its future was dropped");
    probe.wait_for("response", 2);
    let events: Vec<_> = probe.events().into_iter().filter(|event| event.contains("/pending")).collect();
    assert_eq!(events, ["handler /pending", "timeout /pending", "response /pending"]);
    assert_eq!(probe.count("handler /hello"), 1, "nothing is answered behind a close");
}

#[test]
fn a_handler_within_its_time() {
    let slow = async || {
        tokio::time::sleep(PART).await;
        "slow"
    };
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(long_limits().with_handler_timeout(SHORT)).get("/slow", slow));
    let mut client = server.client();
    // Each of them has its own time.
    client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5));
    for _ in 0..5 {
        assert_eq!(client.answer().summary(), "200 - slow");
    }
    assert_eq!(probe.count("timeout"), 0);
}

#[test]
fn a_stream_that_stops() {
    let stuck = || Body::from_reader((&b"first"[..]).chain(tokio::io::simplex(1).0), None);
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(long_limits().with_handler_timeout(SHORT)).get("/stuck", stuck));
    let mut client = server.client();
    client.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n");
    let received = not_early(|| client.read_to_end());
    assert!(received.ends_with(b"5\r\nfirst\r\n"), "what was sent does not look complete");
}

#[test]
fn a_client_that_does_not_read() {
    let endless = || Body::from_reader(tokio::io::repeat(b'x'), None);
    let large = || vec![b'x'; 32 * 1024 * 1024];
    let limits = long_limits().with_write_timeout(SHORT).with_connections(1);
    at_once(["/endless", "/large"], |path| {
        let app = app(&Probe::default()).limits(limits.clone()).get("/endless", endless).get("/large", large);
        let server = TestServer::start(app);
        let mut stuck = server.client();
        stuck.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        stuck.wait_for_bytes();
        // There is one place. It becomes free because the server gives up.
        not_early(|| assert_eq!(server.client().ask(HELLO).summary(), "200 - hello"));
    });
}

/// What counts is the time without progress, not the time that it takes to write all of it.
#[test]
fn a_client_that_reads_slowly_but_steadily() {
    const SIZE: usize = 128 * 1024;
    let whole = || vec![b'x'; SIZE];
    let stream = || Body::from_reader(tokio::io::repeat(b'x').take(SIZE as u64), SIZE as u64);
    block_on(async {
        let limits = long_limits().with_write_timeout(SHORT);
        let server = App::new()
            .limits(limits)
            .get("/whole", whole)
            .get("/stream", stream)
            .build()
            .await
            .expect("a valid application");
        let server = &server;
        let read = async |path: &str| {
            use tokio::io::AsyncWriteExt;
            let (mut client, io) = tokio::io::duplex(8 * 1024);
            let slow = async {
                client
                    .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
                    .await
                    .expect("a pipe");
                let mut received = Vec::new();
                let mut space = vec![0; 8 * 1024];
                loop {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    match client.read(&mut space).await.expect("a pipe can be read") {
                        0 => return received,
                        n => received.extend_from_slice(&space[..n]),
                    }
                }
            };
            let ((), received) = tokio::join!(server.serve_connection(io), slow);
            let answers = parse_all(&received, |_| false);
            assert_eq!(answers[0].body.len(), SIZE, "{path}");
        };
        tokio::join!(read("/whole"), read("/stream"));
    });
}

/// A connection that nobody's worker thread keeps has its deadlines too.
#[test]
fn over_a_pipe() {
    block_on(async {
        let limits = long_limits()
            .with_head_timeout(SHORT)
            .with_keep_alive(SHORT)
            .with_handler_timeout(SHORT)
            .with_body_timeout(SHORT);
        let server = app(&Probe::default()).limits(limits).build().await.expect("a valid application");
        let cases = [
            ("", &[][..]),
            ("GET /he", &["408 close FW_ERR_REQUEST_TIMEOUT"]),
            (HELLO, &["200 - hello"]),
            ("GET /pending HTTP/1.1\r\nHost: x\r\n\r\n", &["503 close FW_ERR_HANDLER_TIMEOUT"]),
            ("POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab", &["408 close FW_ERR_REQUEST_TIMEOUT"]),
        ];
        let server = &server;
        let run = async |(sent, expected): (&str, &[&str])| {
            use tokio::io::AsyncWriteExt;
            let began = Instant::now();
            let (mut client, io) = tokio::io::duplex(1024);
            let mut received = Vec::new();
            let talk = async {
                client.write_all(sent.as_bytes()).await.expect("a pipe has room");
                client.read_to_end(&mut received).await.expect("a pipe can be read");
                drop(client);
            };
            tokio::join!(server.serve_connection(io), talk);
            let summaries: Vec<_> = parse_all(&received, |_| false).iter().map(|answer| answer.summary()).collect();
            assert_eq!(summaries, expected, "{sent:?}");
            assert!(began.elapsed() >= SHORT, "{sent:?}: after {:?}", began.elapsed());
        };
        let [a, b, c, d, e] = cases.map(run);
        tokio::join!(a, b, c, d, e);
    });
}

/// Many connections at once: each has its own deadline.
#[test]
fn deadlines_of_many_connections() {
    let server = server(&Probe::default(), long_limits().with_keep_alive(SHORT));
    let mut clients: Vec<Client> = (0..50).map(|_| server.client()).collect();
    for client in &mut clients {
        assert_eq!(client.ask(HELLO).summary(), "200 - hello");
    }
    for client in &mut clients {
        client.assert_closed();
    }
}

/// Some clients send an empty line behind a body (RFC 9112, 2.2). It begins no request that a deadline could end.
#[test]
fn an_empty_line_behind_a_request_leaves_the_connection_idle() {
    let limits = Limits::default().with_head_timeout(Duration::from_millis(250));
    let server = TestServer::start(App::new().limits(limits).post("/", async |body: Bytes| body));
    let mut client = server.client();
    let answer = client.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi\r\n");
    assert_eq!(answer.body, b"hi");
    client.assert_quiet(Duration::from_millis(1200));
    let answer = client.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nho");
    assert_eq!(answer.body, b"ho");
    // The same where it comes late.
    for part in ["\r", "\n"] {
        client.send(part);
        std::thread::sleep(Duration::from_millis(20));
    }
    client.assert_quiet(Duration::from_millis(1200));
    let answer = client.ask("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhe");
    assert_eq!(answer.body, b"he");
}
