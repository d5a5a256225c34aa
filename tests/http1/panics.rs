//! Code of the application panics wherever it is called. One request dies of it; requests before it on the same connection are answered, its
//! worker lives, and nothing is left behind.

use std::pin::Pin;
use std::task::{Context, Poll};

use fastweb::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::support::eventually;
use crate::support::server::TestServer;

const PANIC: &str = "500 - FW_ERR_PANIC";

/// Panics when it is dropped, unless something panics already.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "in drop");
    }
}

/// A reader that panics when it is read, or has an end and panics when it is dropped.
struct Reader(&'static [u8], Option<Bomb>);

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        assert!(self.1.is_some(), "in poll_read");
        to.put_slice(std::mem::take(&mut self.0));
        Poll::Ready(Ok(()))
    }
}

#[derive(Debug)]
struct BombError(#[allow(dead_code)] BombInDebug);

#[derive(Debug)]
struct BombInDebug;

impl std::fmt::Display for BombError {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("in Display")
    }
}

impl std::error::Error for BombError {}

impl HttpError for BombError {
    fn status(&self) -> StatusCode {
        panic!("in status")
    }
}

/// What becomes of a request whose application panics.
enum Outcome {
    /// It has this answer, and its connection goes on.
    Answer(&'static str),
    /// It has an answer that breaks off, or none; the connection ends.
    Ends,
}
use Outcome::{Answer, Ends};

type Case = (&'static str, fn(App) -> App, Outcome);

/// Each application has a route `/x`, for GET or for POST.
const TABLE: &[Case] = &[
    ("a handler", |app| app.get("/x", || -> &'static str { panic!("here") }), Answer(PANIC)),
    (
        "a handler behind an await",
        |app| {
            app.get("/x", async || -> &'static str {
                tokio::task::yield_now().await;
                panic!("here")
            })
        },
        Answer(PANIC),
    ),
    (
        "a panic whose value panics when it is dropped",
        |app| app.get("/x", || -> &'static str { std::panic::panic_any(Bomb) }),
        Answer(PANIC),
    ),
    (
        "the same behind an await",
        |app| {
            app.get("/x", async || -> &'static str {
                tokio::task::yield_now().await;
                std::panic::panic_any(Bomb)
            })
        },
        Answer(PANIC),
    ),
    (
        "the drop of a value in a handler's future",
        |app| {
            app.get("/x", async || {
                let _bomb = Bomb;
                tokio::task::yield_now().await;
                "answer"
            })
        },
        Answer(PANIC),
    ),
    ("on_request", |app| app.get("/x", "x").on_request(|req: &mut Request| panic(req)), Answer(PANIC)),
    ("pre_parsing", |app| app.get("/x", "x").pre_parsing(|req: &mut Request| panic(req)), Answer(PANIC)),
    ("pre_validation", |app| app.get("/x", "x").pre_validation(|req: &mut Request| panic(req)), Answer(PANIC)),
    ("pre_handler", |app| app.get("/x", "x").pre_handler(|req: &mut Request| panic(req)), Answer(PANIC)),
    ("on_send", |app| app.get("/x", "x").on_send(|req: &mut Request| panic(req)), Answer(PANIC)),
    ("on_error", |app| app.get("/x", fail).on_error(|req: &mut Request, _: &Error| panic(req)), Answer("409 - TAKEN")),
    (
        "an error handler",
        |app| app.get("/x", fail).error_handler(|_: &mut Request, _: Error| -> &'static str { panic!("here") }),
        Answer(PANIC),
    ),
    (
        "on_response",
        |app| app.get("/x", "x").on_response(|req: &mut Request, _: &Completed| panic(req)),
        Answer("200 - x"),
    ),
    (
        "on_response behind an await",
        |app| {
            app.get("/x", "x").on_response(async |req: &mut Request, _: &Completed| {
                tokio::task::yield_now().await;
                panic(req);
            })
        },
        Answer("200 - x"),
    ),
    (
        "a value that a hook attached, when it is dropped",
        |app| app.get("/x", "x").on_request(|req: &mut Request| attach(req)),
        Answer("200 - x"),
    ),
    (
        "the status of an error",
        |app| app.get("/x", || -> Result<()> { Err(BombError(BombInDebug).into()) }),
        Answer(PANIC),
    ),
    ("the body of a reply, at once", |app| app.get("/x", || Body::from_reader(Reader(b"", None), None)), Ends),
    (
        "the body of a reply, behind its beginning",
        |app| app.get("/x", || Body::from_reader((&b"begun"[..]).chain(Reader(b"", None)), None)),
        Ends,
    ),
    (
        "the body of a reply, when it is dropped",
        |app| app.get("/x", || Body::from_reader(Reader(b"all", Some(Bomb)), None)),
        Answer("200 - chunked:all"),
    ),
    (
        "a body that nobody reads, when it is dropped",
        |app| app.get("/x", || (StatusCode::NO_CONTENT, Body::from_reader(Reader(b"all", Some(Bomb)), None))),
        Answer("204 - (none)"),
    ),
    (
        "a body that an error replaces, when it is dropped",
        |app| {
            let body = || Body::from_reader(Reader(b"all", Some(Bomb)), None);
            app.get("/x", body).on_send(|req: &mut Request| if req.path() == "/x" { fail() } else { Ok(()) })
        },
        Answer("409 - TAKEN"),
    ),
    (
        "a constraint",
        |app| {
            let accepts = |req: &Request| {
                assert!(req.path() != "/x", "in a constraint");
                true
            };
            app.route(get("/x", "x").constraint("panics", accepts))
        },
        Answer("500 - FW_ERR_PANIC"),
    ),
];

/// Hooks hold for all routes.
fn panic(req: &Request) {
    assert!(req.path() != "/x", "here");
}

fn attach(req: &mut Request) {
    if req.path() == "/x" {
        req.extensions_mut().insert(Bomb);
    }
}

fn fail() -> Result<()> {
    Err(Error::conflict("taken").with_code("TAKEN"))
}

const FINE: &str = "GET /fine HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn one_request_dies() {
    for (place, declare, outcome) in TABLE {
        let app = declare(App::new().workers(1).get("/fine", "fine"));
        let counters = app.counters();
        let server = TestServer::start(app);
        let mut other = server.client();
        assert_eq!(other.ask(FINE).summary(), "200 - fine", "{place}");
        for _ in 0..3 {
            let mut client = server.client();
            client.send(format!("{FINE}GET /x HTTP/1.1\r\nHost: x\r\n\r\n{FINE}"));
            assert_eq!(client.answer().summary(), "200 - fine", "{place}: what was before it is answered");
            match outcome {
                Answer(answer) => {
                    assert_eq!(client.answer().summary(), *answer, "{place}");
                    assert_eq!(client.answer().summary(), "200 - fine", "{place}: its connection goes on");
                }
                Ends => {
                    // What comes may begin an answer, and never looks like a whole one.
                    let rest = client.try_read_to_end().unwrap_or_else(|why| {
                        assert!(why.contains("reset"), "{place}: {why}");
                        Vec::new()
                    });
                    assert!(!rest.ends_with(b"0\r\n\r\n") && !rest.ends_with(b"fine"), "{place}: {rest:?}");
                }
            }
            assert_eq!(other.ask(FINE).summary(), "200 - fine", "{place}: others go on");
        }
        eventually(place, || counters.read().connections_open() == 1);
    }
}

/// Over a pipe nothing but the connection's own task can catch it.
#[test]
fn the_same_over_a_pipe() {
    for (place, declare, _) in TABLE {
        crate::support::pipe::block_on(async {
            let server = declare(App::new()).build().await.expect("a valid application");
            for _ in 0..2 {
                let request = b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                let received = crate::support::pipe::talk(&server, request, usize::MAX, 1 << 16).await;
                assert!(received.starts_with(b"HTTP/1.1 "), "{place}: {:?}", String::from_utf8_lossy(&received));
            }
        });
    }
}
