//! Answers that do not wait for the request's body. A small rest is read away and the connection goes on; with a large one it is closed, in a way
//! that lets a client that is still writing read its answer.

use std::time::Duration;

use fastweb::prelude::*;

use crate::app::{app, long_limits};
use crate::support::PATIENCE;
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::socket::Client;

const MIB: usize = 1024 * 1024;

fn server(probe: &Probe) -> TestServer {
    TestServer::start(app(probe).limits(long_limits().with_body(1 << 40)))
}

fn head(path: &str, framing: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n")
}

#[track_caller]
fn assert_open(client: &mut Client) {
    assert_eq!(client.ask("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n").text(), "alive");
}

#[test]
fn a_small_rest_is_read_away() {
    let probe = Probe::default();
    let server = server(&probe);
    for (path, answer) in
        [("/ignore", "200 - ignored"), ("/unread", "200 - unread"), ("/nope", "404 - FW_ERR_NOT_FOUND")]
    {
        let mut client = server.client();
        for size in [1, 1000, 64 * 1024] {
            client.send(head(path, &format!("Content-Length: {size}")));
            assert_eq!(client.answer().summary(), answer, "{path}: the answer does not wait for the body");
            client.send(vec![b'x'; size / 2]).send(vec![b'x'; size - size / 2]);
        }
        assert_open(&mut client);
        client.send(head(path, "Transfer-Encoding: chunked") + "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n");
        assert_eq!(client.answer().summary(), answer, "{path}");
        assert_open(&mut client);
    }
}

/// How much of a chunked body is to come cannot be known: where its end is not there, the answer says that the connection ends.
#[test]
fn with_a_chunked_rest_the_connection_ends() {
    let probe = Probe::default();
    let server = server(&probe);
    for (path, answer) in
        [("/ignore", "200 close ignored"), ("/unread", "200 close unread"), ("/nope", "404 close FW_ERR_NOT_FOUND")]
    {
        let mut client = server.client();
        client.send(head(path, "Transfer-Encoding: chunked") + "5\r\nhel");
        assert_eq!(client.answer().summary(), answer, "{path}: the answer does not wait for the body");
        client.try_send(b"lo\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        client.assert_closed();
        let mut client = server.client();
        let body = format!("{:x}\r\n{}\r\n", 10 * MIB, "x".repeat(10 * MIB));
        client.send(head(path, "Transfer-Encoding: chunked")).send(body).send("0\r\n\r\n");
        assert_eq!(client.answer().summary(), answer, "{path}");
        client.assert_closed();
    }
    assert_eq!(probe.count("handler /hello"), 0);
}

#[test]
fn a_rest_that_comes_with_its_head_is_read_away() {
    let server = server(&Probe::default());
    let mut client = server.client();
    let body = "x".repeat(60_000);
    let next = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    client.send(head("/ignore", "Content-Length: 60000") + &body + next);
    assert_eq!(client.answer().summary(), "200 - ignored");
    assert_eq!(client.answer().summary(), "200 - hello");
}

#[test]
fn with_a_large_rest_the_connection_ends() {
    let server = server(&Probe::default());
    for size in [64 * 1024 + 1, 10 * MIB] {
        let mut client = server.client();
        client.send(head("/unread", &format!("Content-Length: {size}")));
        assert_eq!(client.answer().summary(), "200 close unread", "{size}");
        client.assert_closed();
    }
}

/// A streamed answer need not be made of the request's body.
#[test]
fn a_stream_that_leaves_a_large_body_unread_says_that_the_connection_ends() {
    let stream = || Body::from_reader(&b"stream"[..], None);
    let server = TestServer::start(app(&Probe::default()).route(post("/stream", stream).body_limit(u64::MAX)));
    let mut client = server.client();
    assert_eq!(client.ask(head("/stream", "Content-Length: 10000000")).summary(), "200 close chunked:stream");
    client.assert_closed();
    let mut client = server.client();
    assert_eq!(client.ask(head("/stream", "Content-Length: 10")).summary(), "200 - chunked:stream");
    client.send("0123456789");
    assert_open(&mut client);
}

#[test]
fn a_client_that_writes_10_mib_before_it_reads_still_reads_its_413() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    for path in ["/text", "/ignore", "/echo"] {
        let mut client = server.client();
        client.send(head(path, &format!("Content-Length: {}", 10 * MIB))).send(vec![b'x'; 10 * MIB]);
        assert_eq!(client.answer().summary(), "413 close FW_ERR_BODY_TOO_LARGE", "{path}");
        client.assert_closed();
    }
    assert_eq!(probe.count("handler"), 0);
}

#[test]
fn a_client_that_writes_10_mib_of_chunks_before_it_reads_still_reads_its_413() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    for chunk in [1000, 64 * 1024, 10 * MIB] {
        let mut client = server.client();
        client.send(head("/text", "Transfer-Encoding: chunked"));
        let coded = [format!("{chunk:x}\r\n").as_bytes(), &vec![b'x'; chunk], b"\r\n"].concat();
        for _ in 0..10 * MIB / chunk {
            client.send(&coded);
        }
        client.send("0\r\n\r\n");
        let answer = client.answer();
        assert_eq!((answer.status, &*answer.code()), (413, "FW_ERR_BODY_TOO_LARGE"), "chunks of {chunk}");
        client.assert_closed();
    }
    assert_eq!(probe.count("handler"), 0);
}

#[test]
fn a_client_that_writes_10_mib_to_a_handler_that_does_not_read_gets_its_answer() {
    let server = server(&Probe::default());
    let mut client = server.client();
    client.send(head("/unread", &format!("Content-Length: {}", 10 * MIB))).send(vec![b'x'; 10 * MIB]);
    assert_eq!(client.answer().summary(), "200 close unread");
    client.assert_closed();
}

#[test]
fn what_follows_a_large_rest_is_not_handled() {
    let probe = Probe::default();
    let server = server(&probe);
    let mut client = server.client();
    client
        .send(head("/ignore", "Content-Length: 100000"))
        .send(vec![b'x'; 100_000])
        .send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.answer().summary(), "200 close ignored");
    client.assert_closed();
    assert_eq!(probe.count("handler /hello"), 0);
}

#[test]
fn a_malformed_rest_ends_the_connection() {
    let probe = Probe::default();
    let server = server(&probe);
    let mut client = server.client();
    client
        .send(head("/ignore", "Transfer-Encoding: chunked") + "nonsense\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.answer().text(), "ignored");
    client.assert_closed();
    assert_eq!(probe.count("handler /hello"), 0);
}

/// A handler reads half of a body and answers: what counts is the rest.
#[test]
fn a_body_that_was_read_in_part() {
    let part = async |mut body: Body| -> Result<String> {
        let first = body.chunk().await?;
        Ok(first.map_or(0, |chunk| chunk.len()).min(1).to_string())
    };
    let server = TestServer::start(app(&Probe::default()).route(post("/part", part).body_limit(u64::MAX)));
    let mut client = server.client();
    client.send(head("/part", "Content-Length: 50000")).send(vec![b'x'; 10]);
    assert_eq!(client.answer().summary(), "200 - 1");
    client.send(vec![b'x'; 49_990]);
    assert_open(&mut client);
    client.send(head("/part", "Content-Length: 500000")).send(vec![b'x'; 10]);
    assert_eq!(client.answer().summary(), "200 close 1");
    client.assert_closed();
}

/// Writes until the server has closed its side for good, `pause` between the bytes.
#[track_caller]
fn write_until_closed(client: &mut Client, pause: Duration) {
    let began = std::time::Instant::now();
    loop {
        std::thread::sleep(pause);
        // The first byte that comes too late is answered with a reset, the second finds it.
        let taken = client.try_send(b"x");
        std::thread::sleep(Duration::from_millis(10));
        if !taken || !client.try_send(b"x") {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "the server reads for ever");
    }
}

#[test]
fn a_silent_client_is_closed_soon() {
    let server = server(&Probe::default());
    let mut client = server.client();
    assert!(client.ask("nonsense\r\n\r\n").closes());
    client.assert_closed();
    // The server reads on for one second of silence. This client pauses longer.
    write_until_closed(&mut client, Duration::from_secs(2));
}

#[test]
fn a_client_that_never_ends_is_closed_after_some_time() {
    let server = server(&Probe::default());
    let mut client = server.client();
    assert!(client.ask("nonsense\r\n\r\n").closes());
    client.assert_closed();
    write_until_closed(&mut client, Duration::from_millis(100));
}

/// The rest of a small body that never comes holds the connection no longer than silence is allowed.
#[test]
fn a_rest_that_does_not_come() {
    let server = server(&Probe::default());
    let mut client = server.client();
    assert_eq!(client.ask(head("/ignore", "Content-Length: 10")).summary(), "200 - ignored");
    client.assert_closed();
}
