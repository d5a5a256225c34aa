//! `live.txt`: raw bytes over a socket.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::facts;
use crate::support::PATIENCE;
use crate::support::server::TestServer;

/// Told in the guide.
const DIFFERENT: &[&str] = &["no host"];

fn app() -> App {
    App::new()
        .fastify_mode()
        .workers(1)
        .get("/", || Json(json!({ "ok": 1 })))
        .post("/", |Json(body): Json<Value>| Json(body))
        .get("/stream", || Body::from_reader(&b"ab"[..], None))
        .get("/slow", async || {
            tokio::time::sleep(Duration::from_millis(400)).await;
            "slow"
        })
}

/// The bytes of a row, by its name.
fn request(name: &str) -> Option<String> {
    const JSON: &str = "Host: x\r\nContent-Type: application/json\r\n";
    Some(match name {
        "garbage" => "GARBAGE\r\n\r\n".into(),
        "no host" => "GET / HTTP/1.1\r\n\r\n".into(),
        "http1.0" => "GET / HTTP/1.0\r\n\r\n".into(),
        "keepalive" => "GET / HTTP/1.1\r\nHost: x\r\n\r\n".into(),
        "conn close" => "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(),
        "pipelined 2" => "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2),
        "big header 20k" => format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(20_000)),
        "CL+TE" => format!("POST / HTTP/1.1\r\n{JSON}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        "two CL" => format!("POST / HTTP/1.1\r\n{JSON}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"),
        "chunked ok" => format!("POST / HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"),
        "bad chunk" => format!("POST / HTTP/1.1\r\n{JSON}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{{}}\r\n0\r\n\r\n"),
        "expect-continue" => {
            format!("POST / HTTP/1.1\r\n{JSON}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{{}}")
        }
        "CL > limit" => format!("POST / HTTP/1.1\r\n{JSON}Content-Length: 2000000\r\n\r\n{{"),
        "bare LF" => "GET / HTTP/1.1\nHost: x\n\n".into(),
        "space in hdr name" => "GET / HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n".into(),
        "obs-fold" => "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n".into(),
        "stream" => "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n".into(),
        "absolute-form" => "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n".into(),
        "HEAD" => "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n".into(),
        _ => return None,
    })
}

/// Everything that the server sends until it closes the connection or has been silent for a while.
fn exchange(server: &TestServer, request: &str) -> (String, bool) {
    let mut stream = std::net::TcpStream::connect(server.address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout can be set");
    // Who expects `100 Continue` waits before the body.
    let head = if request.contains("Expect:") { request.find("\r\n\r\n").map_or(0, |at| at + 4) } else { 0 };
    for part in [&request[..head], &request[head..]].into_iter().filter(|part| !part.is_empty()) {
        let _ = stream.write_all(part.as_bytes());
        std::thread::sleep(Duration::from_millis(30));
    }
    let (mut received, mut space) = (Vec::new(), [0; 4096]);
    let began = std::time::Instant::now();
    let closed = loop {
        assert!(began.elapsed() < PATIENCE, "the server neither closes nor is silent");
        match stream.read(&mut space) {
            Ok(0) => break true,
            Ok(n) => received.extend_from_slice(&space[..n]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break false,
            Err(_) => break true,
        }
    };
    (String::from_utf8_lossy(&received).into_owned(), closed)
}

/// Statuses of all answers and body of the last.
fn summary(text: &str) -> (Vec<&str>, &str) {
    let statuses = text.match_indices("HTTP/1.1 ").filter_map(|(at, _)| text.get(at + 9..at + 12)).collect();
    (statuses, text.rsplit_once("\r\n\r\n").map_or("", |(_, body)| body))
}

#[test]
fn connections_are_treated_as_fastify_does_or_the_guide_says_why_not() {
    let Some(text) = facts::read("live.txt") else { return };
    let server = TestServer::start(app());
    let mut rows = Vec::new();
    for line in text.lines() {
        let Some((name, rest)) = line.split_once("closed=") else { continue };
        let (name, Some((closed, answer))) = (name.trim(), rest.split_once(" | ")) else { continue };
        let Some(request) = request(name) else { continue };
        let expected = answer.replace("\\r\\n", "\r\n");
        let (received, is_closed) = exchange(&server, &request);
        let (statuses, body) = summary(&received);
        let (expected_statuses, expected_body) = summary(&expected);
        // Rows are cut off after 330 characters.
        let is_cut = answer.chars().count() >= 330;
        let same = statuses == expected_statuses
            && is_closed == (closed.trim() == "true")
            && (is_cut || facts::same_body(body, expected_body));
        let told = format!("closed={is_closed} {received:?}, and not closed={closed} {expected:?}");
        rows.push((name.to_owned(), if same { Ok(()) } else { Err(told) }));
    }
    assert_eq!(rows.len(), 19);
    crate::compare(rows, DIFFERENT, &[]);
}

/// The last lines of the file: a request that arrives while the server closes is refused, one that is being answered is answered.
#[test]
fn requests_that_arrive_while_it_closes_are_503() {
    let server = TestServer::start(app());
    let mut stream = std::net::TcpStream::connect(server.address).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").expect("the server reads");
    std::thread::sleep(Duration::from_millis(100));
    server.stop.shutdown();
    std::thread::sleep(Duration::from_millis(50));
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("the server reads");
    let mut received = String::new();
    stream.read_to_string(&mut received).expect("the server closes");
    let (statuses, body) = summary(&received);
    assert_eq!(statuses, ["200", "503"], "{received}");
    assert!(received.contains("\r\n\r\nslowHTTP/1.1 503 "), "{received}");
    assert!(received.contains("\r\nconnection: close\r\n"), "{received}");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body, json!({ "error": "Service Unavailable", "message": "Service Unavailable", "statusCode": 503 }));
    server.wait().expect("a graceful end");
}
