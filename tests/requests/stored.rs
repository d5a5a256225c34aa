//! Replies that are kept by a hook and sent again, and bodies that hooks take, wrap and put back.

use std::io;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use fastweb::StoredReply;
use fastweb::prelude::*;
use tokio::io::{AsyncRead, ReadBuf};

use crate::support::server::TestServer;

#[derive(Default)]
struct Kept(Mutex<Option<StoredReply>>);

/// Keeps the reply to `/PATH` and answers `/again` with it.
fn caching(app: App) -> App {
    app.workers(1)
        .state(Kept::default())
        .get("/again", "never reached")
        .on_request(|req: &mut Request| match (req.path(), req.state::<Kept>()) {
            ("/again", Some(Kept(kept))) => Flow::reply(kept.lock().unwrap().as_ref()),
            _ => Ok(Flow::Continue),
        })
        .on_send(|req: &mut Request, reply: &mut Reply| {
            if let ("/first", Some(Kept(kept))) = (req.path(), req.state::<Kept>()) {
                *kept.lock().unwrap() = reply.store();
            }
        })
}

/// The answers to `/first` and `/again` over a socket, without their dates.
fn twice(app: App) -> (String, String) {
    let server = TestServer::start(caching(app));
    let mut client = server.client();
    let mut ask = |path: &str| {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        let head = client.raw_head();
        let len =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |len| len.parse().unwrap());
        format!("{head}\r\n\r\n{}", client.raw(len))
    };
    (ask("/first"), ask("/again"))
}

#[test]
fn a_stored_reply_is_the_same_on_the_wire() {
    let first = || get("/first", "constant");
    for route in [
        first(),
        get("/first", || "text"),
        get("/first", async || String::from("owned").repeat(5_000)),
        get("/first", || vec![0_u8, 1, 2]),
        get("/first", || Json(serde_json::json!({ "a": [1, 2] }))),
        get("/first", || (StatusCode::CREATED, [("location", "/7"), ("x-a", "b")], "made")),
        get("/first", || {
            Reply::text("a,b").with_content_type(format!("text/{}", "csv")).with_header("set-cookie", "a=1")
        }),
        get("/first", || NoContent),
        get("/first", || ()),
        get("/first", || Reply::redirect("/there")),
        get("/first", || -> Result<()> { Err(Error::conflict("taken").with_code("TAKEN")) }),
        first().on_send(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-hook", "1");
        }),
    ] {
        let name = route.handler_name().to_owned();
        // Hooks of the route run behind those of the application: what they set is not in what was kept.
        let (first, again) = twice(App::new().route(route));
        assert_eq!(again, first.replace("\r\nx-hook: 1", ""), "{name}");
    }
}

#[test]
fn what_is_no_reply_in_memory_is_not_kept() {
    let stream = || Body::from_reader(&b"stream"[..], None);
    let server = TestServer::start(caching(App::new().get("/first", stream)));
    let mut client = server.client();
    assert_eq!(client.ask("GET /first HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - chunked:stream");
    // `None` is 404.
    client.send("GET /again HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(client.raw_head().starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn headers_may_stand_before_it_and_others_stay() {
    let kept = Reply::text("kept").with_header("x-a", "kept").with_header("x-b", "kept").store().unwrap();
    assert_eq!(
        (kept.status(), &kept.body()[..], kept.content_type()),
        (StatusCode::OK, &b"kept"[..], Some("text/plain; charset=utf-8"))
    );
    assert_eq!(kept.headers().len(), 2);
    let app = App::new().get("/", move |_: &mut Request, reply: &mut Reply| -> Result<()> {
        reply.set_header("x-a", "hook").set_header("x-c", "hook");
        reply.send(([("age", "7")], &kept))
    });
    let reply = app.build().await.unwrap().inject(Inject::get("/")).await;
    reply
        .assert_text("kept")
        .assert_header("x-a", "kept")
        .assert_header("x-b", "kept")
        .assert_header("x-c", "hook")
        .assert_header("age", "7");
}

/// Makes capitals of a body as it is read.
struct Capitals(Body, Vec<u8>);

impl AsyncRead for Capitals {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.1.is_empty() {
            match std::task::ready!(self.0.poll_chunk(cx)) {
                Ok(Some(chunk)) => self.1 = chunk.to_ascii_uppercase(),
                Ok(None) => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(io::Error::other(error))),
            }
        }
        let n = self.1.len().min(buf.remaining());
        buf.put_slice(&self.1[..n]);
        self.1.drain(..n);
        Poll::Ready(Ok(()))
    }
}

fn capitals(_: &mut Request, reply: &mut Reply) {
    reply.map_body(|body| {
        let length = body.len();
        Body::from_reader(Capitals(body, Vec::new()), length)
    });
}

#[test]
fn every_kind_of_body_can_be_wrapped() {
    let app = App::new()
        .workers(1)
        .on_send(capitals)
        .get("/constant", "text")
        .get("/static", || "text")
        .get("/owned", || String::from("text"))
        .get("/json", || Json("text"))
        .get("/empty", || ())
        .get("/sized", || Body::from_reader(&b"text"[..], 4))
        .get("/stream", || Body::from_reader(&b"text"[..], None))
        .post("/echo", |body: Body| body)
        .get("/error", || -> Result<()> { Err(Error::conflict("taken").with_code("TAKEN")) });
    let server = TestServer::start(app);
    let mut client = server.client();
    for (path, summary) in [
        ("/constant", "200 - TEXT"),
        ("/static", "200 - TEXT"),
        ("/owned", "200 - TEXT"),
        ("/json", "200 - \"TEXT\""),
        ("/empty", "200 -"),
        ("/sized", "200 - TEXT"),
        ("/stream", "200 - chunked:TEXT"),
    ] {
        assert_eq!(client.ask(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).summary(), summary, "{path}");
    }
    client.send("HEAD /static HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.head_answer().summary(), "HEAD 200 - (length 4)");
    let echo = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\n\r\n";
    assert_eq!(client.ask(echo).summary(), "200 - chunked:TEXT");
}

#[tokio::test]
async fn a_hook_may_read_a_stream_and_answer_with_something_else() {
    let count = async |_: &mut Request, reply: &mut Reply| -> Result<()> {
        let len = reply.take_body().bytes().await?.len();
        reply.set_body(format!("{len} bytes"));
        Ok(())
    };
    let stream = || Body::from_reader(&b"stream"[..], None);
    let app = App::new().on_send(count).get("/stream", stream).get("/text", "text");
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/stream")).await.assert_text("6 bytes").assert_header("content-length", "7");
    server.inject(Inject::get("/text")).await.assert_text("4 bytes");
}
