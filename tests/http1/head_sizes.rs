//! The default limits of a request's head, to the byte.

use crate::app::app;
use crate::support::answer::Answer;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

fn answer_to(server: &TestServer, request: &str) -> Answer {
    let mut client = server.client();
    client.send(request);
    let answer = client.answer();
    if answer.status >= 400 {
        assert!(answer.closes());
        client.assert_closed();
    }
    answer
}

#[test]
fn a_target_has_at_most_8_kib() {
    let server = TestServer::start(app(&Probe::default()));
    let target =
        |len: usize| answer_to(&server, &format!("GET /hello?{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(len - 7)));
    assert_eq!(target(8192).summary(), "200 - hello");
    assert_eq!(target(8193).summary(), "414 close FW_ERR_URI_TOO_LONG");
    assert_eq!(target(100_000).summary(), "414 close FW_ERR_URI_TOO_LONG");
}

#[test]
fn a_head_has_at_most_16_kib() {
    let server = TestServer::start(app(&Probe::default()));
    let head = |len: usize| {
        let text = |filling: usize| format!("GET /hello HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(filling));
        let request = text(len - text(0).len());
        assert_eq!(request.len(), len);
        answer_to(&server, &request)
    };
    assert_eq!(head(16 * 1024).summary(), "200 - hello");
    assert_eq!(head(16 * 1024 + 1).summary(), "431 close FW_ERR_HEAD_TOO_LARGE");
    assert_eq!(head(1024 * 1024).summary(), "431 close FW_ERR_HEAD_TOO_LARGE");
}

#[test]
fn a_head_at_the_limit_may_stand_behind_another_request() {
    let server = TestServer::start(app(&Probe::default()));
    let filling = "a".repeat(16 * 1024 - "GET /hello HTTP/1.1\r\nHost: x\r\nX: \r\n\r\n".len());
    let longest = format!("GET /hello HTTP/1.1\r\nHost: x\r\nX: {filling}\r\n\r\n");
    let mut client = server.client();
    client.send(format!("GET /later HTTP/1.1\r\nHost: x\r\n\r\n{longest}{longest}"));
    for expected in ["200 - later", "200 - hello", "200 - hello"] {
        assert_eq!(client.answer().summary(), expected);
    }
}

#[test]
fn a_head_has_at_most_100_fields() {
    let server = TestServer::start(app(&Probe::default()));
    let fields =
        |n: usize| answer_to(&server, &format!("GET /hello HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(n - 1)));
    assert_eq!(fields(100).summary(), "200 - hello");
    assert_eq!(fields(101).summary(), "431 close FW_ERR_HEAD_TOO_LARGE");
    assert_eq!(fields(2000).summary(), "431 close FW_ERR_HEAD_TOO_LARGE");
}

#[test]
fn a_refused_client_reads_its_answer_even_if_it_writes_first() {
    let server = TestServer::start(app(&Probe::default()));
    for (start, status) in [("GET /", 414), ("GET /hello HTTP/1.1\r\nHost: x\r\nX: ", 431)] {
        let mut client = server.client();
        // Far more than socket buffers hold: the write ends only because the server reads it away.
        client.send(start).send(vec![b'a'; 10 * 1024 * 1024]);
        assert_eq!(client.answer().status, status);
        client.assert_closed();
    }
}
