//! `expect: 100-continue` (RFC 9110, 10.1.1): the client is told to send its body when, and only when, somebody wants to read it.

use std::time::Duration;

use crate::app::app;
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::socket::Client;

/// Long enough for a wrong `100` to come.
const A_WHILE: Duration = Duration::from_millis(50);

fn head(path: &str, framing: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n{framing}\r\n\r\n")
}

#[track_caller]
fn assert_open(client: &mut Client) {
    assert_eq!(client.ask("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n").text(), "alive");
}

#[test]
fn a_handler_that_reads_makes_the_client_send() {
    let server = TestServer::start(app(&Probe::default()));
    for (framing, body) in [("Content-Length: 5", "hello"), ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")] {
        let mut client = server.client();
        for _ in 0..2 {
            assert_eq!(client.ask(head("/text", framing)).summary(), "100");
            client.assert_quiet(A_WHILE);
            assert_eq!(client.ask(body).summary(), "200 - hello", "{framing}");
        }
        assert_open(&mut client);
    }
}

#[test]
fn the_interim_answer_comes_once_however_the_body_comes() {
    let server = TestServer::start(app(&Probe::default()));
    let mut client = server.client();
    assert_eq!(client.ask(head("/text", "Content-Length: 5")).summary(), "100");
    for byte in ["h", "e", "l", "l"] {
        client.send(byte).assert_quiet(Duration::from_millis(5));
    }
    assert_eq!(client.ask("o").summary(), "200 - hello");
    assert_open(&mut client);
}

#[test]
fn a_body_that_is_there_needs_no_interim_answer() {
    let server = TestServer::start(app(&Probe::default()));
    let mut client = server.client();
    for path in ["/text", "/echo"] {
        let answer = client.ask(head(path, "Content-Length: 5") + "hello");
        assert_eq!(answer.text(), "hello", "{path}");
        let answer = client.ask(head(path, "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n");
        assert_eq!(answer.text(), "hello", "{path}");
    }
    assert_open(&mut client);
}

#[test]
fn the_interim_answer_waits_for_the_answers_before_it() {
    let server = TestServer::start(app(&Probe::default()));
    let mut client = server.client();
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n".to_owned() + &head("/text", "Content-Length: 5"));
    assert_eq!(client.answer().summary(), "200 - later");
    assert_eq!(client.answer().summary(), "100");
    assert_eq!(client.ask("hello").summary(), "200 - hello");
}

/// Here the head of the answer is known before anybody asks for the body.
#[test]
fn an_echo_makes_the_client_send_before_its_own_answer_begins() {
    let server = TestServer::start(app(&Probe::default()));
    for (framing, body) in [("Content-Length: 5", "hello"), ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")] {
        let mut client = server.client();
        assert_eq!(client.ask(head("/echo", framing)).summary(), "100", "{framing}");
        let answer = client.ask(body);
        assert_eq!((answer.status, &*answer.text()), (200, "hello"), "{framing}");
        assert_open(&mut client);
    }
}

/// RFC 9110, 10.1.1: after a final answer the client may send its body or not. Nobody can know where the next request begins.
#[test]
fn a_handler_that_does_not_read_answers_at_once_and_the_connection_ends() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    for framing in ["Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 100000000000"] {
        for (path, expected) in
            [("/ignore", "200 close ignored"), ("/unread", "200 close unread"), ("/nope", "404 close FW_ERR_NOT_FOUND")]
        {
            if path == "/nope" && framing.ends_with("000") {
                continue;
            }
            let mut client = server.client();
            client.send(head(path, framing));
            let answer = client.answer();
            if framing.ends_with("000") {
                assert!(answer.closes() && answer.status == 413, "{answer:?}");
            } else {
                assert_eq!(answer.summary(), expected, "{path} {framing}");
            }
            client.assert_closed();
        }
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_sent() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).body_limit(4));
    let mut client = server.client();
    assert_eq!(client.ask(head("/text", "Content-Length: 5")).summary(), "413 close FW_ERR_BODY_TOO_LARGE");
    client.assert_closed();
    assert_eq!(probe.count("handler"), 0);
}

#[test]
fn other_expectations_are_refused() {
    let server = TestServer::start(app(&Probe::default()));
    for expectation in ["200-ok", "100-continue, 200-ok", "", "100", "100-continues"] {
        let mut client = server.client();
        client
            .send(format!("POST /text HTTP/1.1\r\nHost: x\r\nExpect: {expectation}\r\nContent-Length: 5\r\n\r\nhello"));
        assert_eq!(client.answer().summary(), "417 close FW_ERR_EXPECTATION_FAILED", "{expectation:?}");
        client.assert_closed();
    }
}
