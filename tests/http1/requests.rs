//! Good requests and what they are answered, over a socket in one piece. `byte_by_byte` takes the same table through a pipe.

use crate::app::{app, small_limits};
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::socket::Client;

/// What a client sends, and a summary of each answer (see `Answer::summary`). The connection stays open unless the last one says `close`.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bytes: &'static str,
    pub(crate) answers: &'static [&'static str],
}

const fn case(name: &'static str, bytes: &'static str, answers: &'static [&'static str]) -> Case {
    Case { name, bytes, answers }
}

impl Case {
    pub(crate) fn head_only(&self, at: usize) -> bool {
        self.answers.get(at).is_some_and(|summary| summary.starts_with("HEAD "))
    }

    pub(crate) fn closes(&self) -> bool {
        self.answers.last().is_some_and(|summary| summary.contains(" close"))
    }
}

pub(crate) const CASES: &[Case] = &[
    case("1.1 stays open", "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", &["200 - hello"]),
    case("an asynchronous handler", "GET /later HTTP/1.1\r\nHost: x\r\n\r\n", &["200 - later"]),
    case("a constant answer", "GET /constant HTTP/1.1\r\nHost: x\r\n\r\n", &["200 - constant"]),
    case("1.1 with close", "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &["200 close hello"]),
    case(
        "1.1 with close, otherwise written",
        "GET /hello HTTP/1.1\r\nHost: x\r\nconnection: x, CLOSE\r\n\r\n",
        &["200 close hello"],
    ),
    case(
        "1.1 with close in a second field",
        "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: a\r\nConnection: close\r\n\r\n",
        &["200 close hello"],
    ),
    case(
        "close wins over keep-alive",
        "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, close\r\n\r\n",
        &["200 close hello"],
    ),
    case("1.1 with keep-alive", "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", &["200 - hello"]),
    case(
        "a constant answer, closing",
        "GET /constant HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        &["200 close constant"],
    ),
    case("1.0 closes", "GET /hello HTTP/1.0\r\n\r\n", &["200 close hello"]),
    case("1.0 with host closes", "GET /hello HTTP/1.0\r\nHost: x\r\n\r\n", &["200 close hello"]),
    case("1.0 with keep-alive", "GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", &["200 keep-alive hello"]),
    case(
        "1.0 twice",
        "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /later HTTP/1.0\r\n\r\n",
        &["200 keep-alive hello", "200 close later"],
    ),
    case(
        "1.0 gets no chunks",
        "GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        &["200 close until close:chunked"],
    ),
    case("1.0 gets a length", "GET /sized HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &["200 keep-alive sized"]),
    case("1.0 with a body", "POST /echo HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody", &["200 close body"]),
    case("the handler closes", "GET /closes HTTP/1.1\r\nHost: x\r\n\r\n", &["200 close bye"]),
    case(
        "nothing is answered behind a close",
        "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 close hello"],
    ),
    case(
        "nothing is answered behind the handler's close",
        "GET /closes HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 close bye"],
    ),
    case(
        "in order, fast and slow",
        "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /constant HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - later", "200 - hello", "200 - later", "200 - constant"],
    ),
    case(
        "errors of handlers in the middle",
        "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /conflict HTTP/1.1\r\nHost: x\r\n\r\nGET /panics HTTP/1.1\r\nHost: x\r\n\r\nGET /later HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - hello", "409 - TAKEN", "500 - FW_ERR_PANIC", "200 - later"],
    ),
    case(
        "unknown path and other method in the middle",
        "GET /nope HTTP/1.1\r\nHost: x\r\n\r\nDELETE /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["404 - FW_ERR_NOT_FOUND", "405 - FW_ERR_METHOD_NOT_ALLOWED", "200 - hello"],
    ),
    case(
        "bodies between",
        "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\ndefgGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - abc", "200 - defg", "200 - hello"],
    ),
    case("a body of no bytes", "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", &["200 -"]),
    case("leading zeros", "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 003\r\n\r\nabc", &["200 - abc"]),
    case(
        "no length is no body",
        "POST /text HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 -", "200 - hello"],
    ),
    case(
        "a chunked body",
        "POST /text HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - hello, world", "200 - hello"],
    ),
    case(
        "a chunked body with extensions and trailers",
        "POST /text HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n0a;a=1;b=\"2\"\r\n0123456789\r\n00;last\r\nTrailer-One: 1\r\nb:\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - 0123456789", "200 - hello"],
    ),
    case(
        "a chunked body of no bytes",
        "POST /text HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        &["200 -"],
    ),
    case(
        "a body in a GET",
        "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /later HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - hello", "200 - later"],
    ),
    case(
        "bodies that nobody reads",
        "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcPOST /unread HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nPOST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - ignored", "200 - unread", "404 - FW_ERR_NOT_FOUND", "200 - hello"],
    ),
    case("streamed with a length", "GET /sized HTTP/1.1\r\nHost: x\r\n\r\n", &["200 - sized"]),
    case("streamed without a length", "GET /chunked HTTP/1.1\r\nHost: x\r\n\r\n", &["200 - chunked:chunked"]),
    case(
        "between streams",
        "GET /chunked HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /sized HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        &["200 - chunked:chunked", "200 - hello", "200 close sized"],
    ),
    case(
        "HEAD",
        "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["HEAD 200 - (length 5)", "200 - hello"],
    ),
    case(
        "HEAD of constants and streams",
        "HEAD /constant HTTP/1.1\r\nHost: x\r\n\r\nHEAD /sized HTTP/1.1\r\nHost: x\r\n\r\nHEAD /chunked HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["HEAD 200 - (length 8)", "HEAD 200 - (length 5)", "HEAD 200 - (chunked)", "200 - hello"],
    ),
    case(
        "HEAD of what fails",
        "HEAD /conflict HTTP/1.1\r\nHost: x\r\n\r\nHEAD /none HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["HEAD 409 - (length 70)", "HEAD 204 - (none)", "200 - hello"],
    ),
    case(
        "no body by status",
        "GET /none HTTP/1.1\r\nHost: x\r\n\r\nGET /unmodified HTTP/1.1\r\nHost: x\r\n\r\nGET /empty HTTP/1.1\r\nHost: x\r\n\r\n",
        &["204 - (none)", "304 - (none)", "200 -"],
    ),
    case(
        "empty lines before a request",
        "\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["200 - hello", "200 - hello"],
    ),
    case("an absolute target", "GET http://example.com/hello HTTP/1.1\r\nHost: example.com\r\n\r\n", &["200 - hello"]),
    case("a query is not routed", "GET /hello?a=b&c HTTP/1.1\r\nHost: x\r\n\r\n", &["200 - hello"]),
    case("an empty host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", &["200 - hello"]),
    case("a host with blanks around", "GET /hello HTTP/1.1\r\nHost: \t x:80 \t\r\n\r\n", &["200 - hello"]),
    case("an IPv6 host", "GET /hello HTTP/1.1\r\nhOST: [::1]:8080\r\n\r\n", &["200 - hello"]),
    case(
        "a value of any bytes",
        "GET /hello HTTP/1.1\r\nHost: x\r\nX-Name: J\u{fc}rgen\t;\"\r\n\r\n",
        &["200 - hello"],
    ),
    case(
        "an unknown method is a method",
        "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        &["405 - FW_ERR_METHOD_NOT_ALLOWED"],
    ),
    case(
        "100-continue without a body",
        "GET /hello HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
        &["200 - hello"],
    ),
    case(
        "1.0 knows no 100-continue",
        "POST /text HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        &["200 close abc"],
    ),
    case(
        "too large by its length",
        "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nConnection: close\r\n\r\n",
        &["413 close FW_ERR_BODY_TOO_LARGE"],
    ),
];

/// Reads the answers of `case` and asserts that they are what they should be, and that the connection is open or closed as they say.
#[track_caller]
pub(crate) fn check(client: &mut Client, case: &Case, name: &str) {
    for (at, expected) in case.answers.iter().enumerate() {
        let answer = if case.head_only(at) { client.head_answer() } else { client.answer() };
        assert_eq!(answer.summary(), *expected, "{name}, answer {at}");
    }
    if case.closes() {
        client.assert_closed();
    } else {
        assert_eq!(
            client.ask("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n").text(),
            "alive",
            "{name}: the connection is open"
        );
    }
}

#[test]
fn requests_and_their_answers() {
    let server = TestServer::start(app(&Probe::default()).limits(small_limits()));
    for case in CASES {
        let mut client = server.client();
        client.send(case.bytes);
        check(&mut client, case, case.name);
    }
}

#[test]
fn the_same_in_two_pieces() {
    let server = TestServer::start(app(&Probe::default()).limits(small_limits()));
    for case in CASES {
        // Where a piece ends must not matter; a few places stand for all, `byte_by_byte` has the rest.
        for cut in (1..case.bytes.len()).step_by(case.bytes.len() / 3) {
            let mut client = server.client();
            client.send(&case.bytes.as_bytes()[..cut]);
            std::thread::sleep(std::time::Duration::from_millis(1));
            // A connection that was told to close may be closed already.
            let _ = client.try_send(&case.bytes.as_bytes()[cut..]);
            check(&mut client, case, &format!("{}, cut at {cut}", case.name));
        }
    }
}

#[test]
fn all_on_one_connection() {
    let server = TestServer::start(app(&Probe::default()).limits(small_limits()));
    let mut client = server.client();
    for case in CASES.iter().filter(|case| !case.closes()) {
        client.send(case.bytes);
        check(&mut client, case, case.name);
    }
}

#[test]
fn head_has_the_headers_of_get() {
    let server = TestServer::start(app(&Probe::default()));
    for path in
        ["/hello", "/constant", "/sized", "/chunked", "/empty", "/none", "/unmodified", "/nope", "/conflict", "/closes"]
    {
        let headers = |method: &str| {
            let mut client = server.client();
            client.send(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
            let answer = if method == "HEAD" { client.head_answer() } else { client.answer() };
            let headers: Vec<_> = answer.headers.into_iter().filter(|(name, _)| name != "date").collect();
            (answer.status, headers)
        };
        assert_eq!(headers("HEAD"), headers("GET"), "{path}");
    }
}

#[test]
fn every_answer_has_what_the_connection_adds() {
    let server = TestServer::start(app(&Probe::default()).server_header("tests"));
    let mut client = server.client();
    let answer = client.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(answer.header("content-length"), Some("5"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("server"), Some("tests"));
    assert_eq!(answer.header("connection"), None);
    let refused = client.ask("GET /hello HTTP/1.1\r\n\r\n");
    assert_eq!(refused.header("server"), Some("tests"));
    assert_eq!(refused.header("connection"), Some("close"));
}

#[test]
fn a_405_names_the_methods() {
    let server = TestServer::start(app(&Probe::default()));
    let answer = server.client().ask("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut methods: Vec<_> = answer.header("allow").expect("allow").split(", ").collect();
    methods.sort_unstable();
    assert_eq!(methods, ["GET", "HEAD", "OPTIONS"]);
}

#[test]
fn what_a_handler_sets_of_the_framing_does_not_reach_the_wire() {
    use fastweb::prelude::*;
    let lies = || {
        Reply::text("truth")
            .with_header("content-length", "3")
            .with_header("transfer-encoding", "chunked")
            .with_header("date", "never")
    };
    let server = TestServer::start(App::new().workers(1).get("/", lies));
    let mut client = server.client();
    for _ in 0..2 {
        assert_eq!(client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - truth");
    }
}
