//! What is no request, or could be read as two different ones, is refused: the error says so, the connection is closed, and nothing behind
//! it is looked at.

use crate::app::{app, small_limits};
use crate::support::answer::Answer;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

/// A good request, which `/hello` answers.
pub(crate) const GOOD: &str = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

pub(crate) struct Refusal {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    statuses: &'static [u16],
}

impl Refusal {
    #[track_caller]
    pub(crate) fn check(&self, answer: &Answer, piece: usize) {
        let name = &self.name;
        assert!(self.statuses.contains(&answer.status), "{name}, {piece} at a time: {answer:?}");
        assert!(answer.closes(), "{name}: the connection cannot be trusted any more");
        assert!(answer.code().starts_with("FW_ERR_"), "{name}: {}", answer.code());
    }
}

/// A request with these lines behind `host`.
const fn host(lines: &'static str) -> (&'static str, &'static str) {
    ("POST /echo HTTP/1.1\r\nHost: x\r\n", lines)
}

/// A request with these lines.
const fn get(lines: &'static str) -> (&'static str, &'static str) {
    ("GET /hello HTTP/1.1\r\n", lines)
}

/// These bytes as they are.
const fn raw(bytes: &'static str) -> (&'static str, &'static str) {
    ("", bytes)
}

type Row = (&'static [u16], &'static str, (&'static str, &'static str));

/// RFC 9112 unless another is named.
const TABLE: &[Row] = &[
    // 2.2: a bare LF may be taken for a line end. Whoever does so sees other requests than a proxy that does not.
    (&[400], "LF everywhere", raw("GET /hello HTTP/1.1\nHost: x\n\n")),
    (&[400], "LF behind the request line", raw("GET /hello HTTP/1.1\nHost: x\r\n\r\n")),
    (&[400], "LF behind a field", get("Host: x\nx-a: b\r\n\r\n")),
    (&[400], "LF behind the last field", get("Host: x\n\r\n")),
    (&[400], "LF at the end", get("Host: x\r\n\n")),
    (&[400], "LF before the request", raw("\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "CR before the request", raw("\rGET /hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "CR behind a field", get("Host: x\rx-a: b\r\n\r\n")),
    (&[400], "CR CR LF", get("Host: x\r\r\n\r\n")),
    // 3.2: exactly one valid host.
    (&[400], "no host", get("\r\n")),
    (&[400], "another field instead of host", get("X-Host: x\r\n\r\n")),
    (&[400], "host twice, equal", get("Host: x\r\nHost: x\r\n\r\n")),
    (&[400], "host twice, different", get("Host: x\r\nA: b\r\nhost: y\r\n\r\n")),
    (&[400], "a blank in host", get("Host: a b\r\n\r\n")),
    (&[400], "a path in host", get("Host: a/b\r\n\r\n")),
    (&[400], "a user in host", get("Host: u@a\r\n\r\n")),
    (&[400], "a word as port", get("Host: a:http\r\n\r\n")),
    (&[400], "two ports", get("Host: a:1:2\r\n\r\n")),
    (&[400], "a bracket that stays open", get("Host: [::1\r\n\r\n")),
    (&[400], "no address in brackets", get("Host: [x]\r\n\r\n")),
    (&[400], "half an escape in host", get("Host: a%4\r\n\r\n")),
    (&[400], "non-ASCII in host", get("Host: \u{e4}\r\n\r\n")),
    (&[400], "a query in host", get("Host: a?b\r\n\r\n")),
    (&[400], "no host in HTTP/1.1 with an absolute target", raw("GET http://a/hello HTTP/1.1\r\n\r\n")),
    (&[400], "an invalid host in HTTP/1.0", raw("GET /hello HTTP/1.0\r\nHost: a b\r\n\r\n")),
    // 6.3: where the body ends must be said once and clearly.
    (
        &[400],
        "content-length, then transfer-encoding",
        host("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ),
    (
        &[400],
        "transfer-encoding, then content-length",
        host("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    ),
    (
        &[400],
        "content-length 0 beside transfer-encoding",
        host("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"),
    ),
    (&[400], "two different lengths", host("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")),
    (&[400], "two equal lengths", host("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello")),
    (&[400], "a list of lengths", host("Content-Length: 5,5\r\n\r\nhello")),
    (&[400], "a list of lengths with a blank", host("Content-Length: 5, 5\r\n\r\nhello")),
    (&[400], "a sign before a length", host("Content-Length: +5\r\n\r\nhello")),
    (&[400], "a negative length", host("Content-Length: -5\r\n\r\nhello")),
    (&[400], "an empty length", host("Content-Length:\r\n\r\nhello")),
    (&[400], "a blank length", host("Content-Length:  \t \r\n\r\nhello")),
    (&[400], "a hexadecimal length", host("Content-Length: 0x5\r\n\r\nhello")),
    (&[400], "a fractional length", host("Content-Length: 5.0\r\n\r\nhello")),
    (&[400], "a length beyond 64 bits", host("Content-Length: 18446744073709551616\r\n\r\nhello")),
    (&[400], "a word as length", host("Content-Length: five\r\n\r\nhello")),
    (&[400], "a length with a blank inside", host("Content-Length: 1 0\r\n\r\nhello")),
    (&[400], "gzip alone", host("Transfer-Encoding: gzip\r\n\r\nhello")),
    (&[400], "identity", host("Transfer-Encoding: identity\r\n\r\nhello")),
    (&[400], "chunked, then gzip", host("Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n")),
    (&[400], "chunked twice", host("Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")),
    (
        &[400],
        "chunked twice in two fields",
        host("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ),
    (
        &[400],
        "identity behind chunked in a second field",
        host("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    ),
    (&[400], "an empty transfer-encoding", host("Transfer-Encoding:\r\n\r\n0\r\n\r\n")),
    (&[400], "not quite chunked", host("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")),
    (&[400], "chunked with a parameter", host("Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n")),
    (&[400], "a control before chunked", host("Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n")),
    (&[400], "quoted chunked", host("Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n")),
    (&[501], "gzip, then chunked (6.1)", host("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")),
    (
        &[400],
        "transfer-encoding in HTTP/1.0 (6.1)",
        raw("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ),
    // 3.2, and RFC 3986.
    (&[400], "non-ASCII in the target", raw("GET /\u{e4} HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a fragment in the target", raw("GET /hello#a HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a fragment in the query", raw("GET /hello?a#b HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a control in the target", raw("GET /hel\u{1}lo HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "DEL in the target", raw("GET /hel\u{7f}lo HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a tab in the target", raw("GET /hel\tlo HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a target without a slash", raw("GET hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "an asterisk without OPTIONS", raw("GET * HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a target of another scheme", raw("GET ftp://x/hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "an absolute target without a host", raw("GET http:///hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "an absolute target with an invalid host", raw("GET http://u@x/hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "no target", raw("GET  HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a blank in the target", raw("GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n")),
    // 3.1: a method is a token.
    (&[400], "a bracket in the method", raw("GE(T /hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a control in the method", raw("GE\u{1}T /hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "non-ASCII in the method", raw("G\u{c9}T /hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a blank before the method", raw(" GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    (&[400], "a colon in the method", raw("GET: /hello HTTP/1.1\r\nHost: x\r\n\r\n")),
    // 5: fields.
    (&[400], "a folded line (5.2)", get("Host: x\r\nX-A: b\r\n c\r\n\r\n")),
    (&[400], "a folded line with a tab (5.2)", get("Host: x\r\nX-A: b\r\n\tc\r\n\r\n")),
    (&[400], "a blank before the first field (2.2)", get(" Host: x\r\nHost: x\r\n\r\n")),
    (&[400], "a blank before the colon (5.1)", get("Host: x\r\nX-A : b\r\n\r\n")),
    (&[400], "a blank before the colon of host (5.1)", get("Host : x\r\n\r\n")),
    (&[400], "a blank before the colon of content-length (5.1)", host("Content-Length : 5\r\n\r\nhello")),
    (&[400], "no name", get("Host: x\r\n: b\r\n\r\n")),
    (&[400], "no colon", get("Host: x\r\nnonsense\r\n\r\n")),
    (&[400], "a bracket in a name", get("Host: x\r\nX(A: b\r\n\r\n")),
    (&[400], "non-ASCII in a name", get("Host: x\r\nX-\u{e4}: b\r\n\r\n")),
    (&[400], "NUL in a value", get("Host: x\r\nX-A: b\u{0}c\r\n\r\n")),
    (&[400], "DEL in a value", get("Host: x\r\nX-A: b\u{7f}\r\n\r\n")),
    // 2.3, and RFC 9110, 15.6.6.
    (&[505], "HTTP/1.2", raw("GET /hello HTTP/1.2\r\nHost: x\r\n\r\n")),
    (&[505], "HTTP/2.0", raw("GET /hello HTTP/2.0\r\nHost: x\r\n\r\n")),
    (&[505], "HTTP/0.9", raw("GET /hello HTTP/0.9\r\nHost: x\r\n\r\n")),
    (&[400, 505], "HTTP/1.10", raw("GET /hello HTTP/1.10\r\nHost: x\r\n\r\n")),
    (&[400, 505], "http/1.1", raw("GET /hello http/1.1\r\nHost: x\r\n\r\n")),
    (&[400, 505], "HTTQ/1.1", raw("GET /hello HTTQ/1.1\r\nHost: x\r\n\r\n")),
    (&[400, 505], "no version", raw("GET /hello\r\nHost: x\r\n\r\n")),
    (&[400, 505], "the preface of HTTP/2", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    // Garbage.
    (&[400], "TLS", raw("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n")),
    (&[400], "zeros", raw("\u{0}\u{0}\u{0}\u{0}\r\n\r\n")),
    (&[400, 505], "words", raw("hello, world, how are you\r\n\r\n")),
    (&[400], "JSON", raw("{\"a\": 1}\r\n\r\n")),
    (&[400], "a body without a head", raw("\r\n\r\n=\r\n\r\n")),
    // RFC 9110, 10.1.1.
    (&[417], "an expectation that nobody knows", host("Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello")),
    (&[417], "two expectations", host("Expect: 100-continue, a=b\r\nContent-Length: 5\r\n\r\nhello")),
];

/// The table, and what is too long for `small_limits`.
pub(crate) fn all() -> impl Iterator<Item = Refusal> {
    let table = TABLE.iter().map(|(statuses, name, (start, rest))| Refusal {
        name: (*name).to_owned(),
        bytes: latin1(&format!("{start}{rest}")),
        statuses,
    });
    let long =
        |statuses, name: &str, text: String| Refusal { name: name.to_owned(), bytes: text.into_bytes(), statuses };
    let too_long = [
        long(&[414], "a long target", format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(256))),
        long(&[431], "a long field", format!("GET /hello HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(1000))),
        long(&[431], "a field without end", format!("GET /hello HTTP/1.1\r\nHost: x\r\nX: {}", "a".repeat(1100))),
        long(&[431], "many fields", format!("GET /hello HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(20))),
        long(&[431], "empty lines without end", "\r\n".repeat(600)),
    ];
    table.chain(too_long)
}

/// The table is written with one char per byte.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect()
}

#[test]
fn alone() {
    let server = TestServer::start(app(&Probe::default()).limits(small_limits()));
    for refusal in all() {
        let mut client = server.client();
        client.send(&refusal.bytes);
        refusal.check(&client.answer(), usize::MAX);
        client.assert_closed();
    }
}

#[test]
fn behind_a_good_request_and_before_another() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(small_limits()));
    for refusal in all() {
        let before = probe.count("handler");
        let mut client = server.client();
        client.send([GOOD.as_bytes(), &refusal.bytes, GOOD.as_bytes()].concat());
        assert_eq!(client.answer().summary(), "200 - hello", "{}", refusal.name);
        refusal.check(&client.answer(), usize::MAX);
        client.assert_closed();
        assert_eq!(probe.count("handler") - before, 1, "{}: what stood behind it was handled", refusal.name);
    }
}

#[test]
fn the_error_says_which_it_is() {
    let server = TestServer::start(app(&Probe::default()).limits(small_limits()));
    let long = format!("GET /hello HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(1000));
    let target = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(256));
    for (request, code) in [
        ("GET /hello HTTP/1.1\r\n\r\n", "FW_ERR_INVALID_HOST"),
        (
            "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "FW_ERR_INVALID_FRAMING",
        ),
        ("GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "FW_ERR_NOT_IMPLEMENTED"),
        ("GET /hello#x HTTP/1.1\r\nHost: x\r\n\r\n", "FW_ERR_BAD_URL"),
        ("GET /hello HTTP/1.1\nHost: x\n\n", "FW_ERR_BAD_REQUEST"),
        ("GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", "FW_ERR_HTTP_VERSION"),
        ("GET /hello HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n", "FW_ERR_EXPECTATION_FAILED"),
        (&long, "FW_ERR_HEAD_TOO_LARGE"),
        (&target, "FW_ERR_URI_TOO_LONG"),
    ] {
        assert_eq!(server.client().ask(request).code(), code, "{request:?}");
    }
}
