//! How connections end: no client takes a part of an answer for the whole, or loses one because the server was quicker to close than it.

use std::time::Duration;

use fastweb::prelude::*;

use crate::app::{app, long_limits};
use crate::support::probe::Probe;
use crate::support::server::TestServer;

/// Long enough for the server to have done what it does.
const MOMENT: Duration = Duration::from_millis(100);

/// The end of the client's stream says nothing about whether it waits. A reset behind it does, and so does one behind bytes that nobody
/// reads yet.
#[test]
fn a_reset_that_no_read_tells_of() {
    let pending = "GET /pending HTTP/1.1\r\nHost: x\r\n\r\n";
    for behind in [0, 100_000] {
        let probe = Probe::default();
        let server = TestServer::start(app(&probe).limits(long_limits()));
        let mut client = server.client();
        client.send(pending);
        probe.wait_for("handler /pending", 1);
        client.send("x".repeat(behind));
        if behind == 0 {
            client.finish_sending();
        }
        client.assert_quiet(MOMENT);
        assert_eq!(probe.live(), 1, "that was no abort");
        client.reset();
        probe.wait_for("abort /pending", 1);
        assert_eq!(probe.live(), 0);
    }
}

/// A body without length that broke off ends with a reset: with an ordinary end it would look complete.
#[test]
fn a_broken_answer_to_an_old_client_does_not_look_complete() {
    let broken = || Body::from_reader(tokio::io::AsyncReadExt::chain(&b"first"[..], Failing), None);
    let server = TestServer::start(app(&Probe::default()).get("/broken", broken));
    let mut client = server.client();
    client.send("GET /broken HTTP/1.0\r\n\r\n");
    let ended = client.try_read_to_end();
    assert!(ended.is_err(), "{ended:?}");
    // With chunks the last one is missing, which says it as well, and what was sent arrives.
    let mut client = server.client();
    client.send("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(client.read_to_end().ends_with(b"\r\n\r\n5\r\nfirst\r\n"));
}

/// A reader that fails.
struct Failing;

impl tokio::io::AsyncRead for Failing {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Err(std::io::ErrorKind::Other.into()))
    }
}

/// Bytes that reach a socket that was closed are answered with a reset, and the client's system throws away what it has not read.
#[test]
fn what_comes_behind_the_last_answer_does_not_take_it_away() {
    const SIZE: usize = 1024 * 1024;
    let large = || vec![b'x'; SIZE];
    let closing = || Reply::text("x".repeat(SIZE)).with_header("connection", "close");
    let app = app(&Probe::default()).get("/large", large).get("/closing", closing);
    let server = TestServer::start(app.limits(long_limits()));
    for request in [
        "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /large HTTP/1.0\r\n\r\n",
        "GET /closing HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let mut client = server.client();
        client.send(request);
        std::thread::sleep(MOMENT);
        client.try_send(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        std::thread::sleep(MOMENT);
        let answer = client.answer();
        assert!(answer.closes());
        assert_eq!(answer.body.len(), SIZE, "{request:?}");
        client.assert_closed();
    }
}

/// A client that sends its head byte by byte costs what it sends, not the square of it.
#[test]
fn a_head_in_very_many_pieces() {
    let server = TestServer::start(app(&Probe::default()).limits(long_limits()));
    let mut client = server.client();
    let head = format!("GET /hello HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(90));
    for byte in head.as_bytes() {
        client.send([*byte]);
    }
    assert_eq!(client.answer().summary(), "200 - hello");
    // Nor do empty lines before a request count for ever.
    for _ in 0..100 {
        client.send("\r\n");
    }
    assert_eq!(client.ask(head).summary(), "200 - hello");
    client.try_send("\r\n".repeat(20_000).as_bytes());
    assert_eq!(client.answer().summary(), "431 close FW_ERR_HEAD_TOO_LARGE");
}
