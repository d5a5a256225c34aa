//! What is on the wire.

use std::time::Duration;

use fastweb::prelude::*;
use fastweb::sse::{Event, EventWriter, LastEventId, Sse};

use crate::stream::Stream;
use crate::support::client::{Client, request};
use crate::support::server::TestServer;

#[derive(serde::Serialize)]
struct Step {
    step: u32,
}

/// Three steps, and then silence.
fn steps() -> Sse<Step> {
    Sse::from_fn(async |events: &mut EventWriter<Step>| {
        for step in 0..3 {
            events.send(Event::json(&Step { step }).event("step").id(step)).await?;
        }
        std::future::pending().await
    })
}

#[test]
fn events_are_there_as_soon_as_they_are_sent() {
    let server = TestServer::start(App::new().workers(1).get("/", steps));
    let mut stream = Stream::open(server.address, "/", &[]);
    for step in 0..3 {
        assert_eq!(stream.next(), Some(format!("data: {{\"step\":{step}}}|event: step|id: {step}")));
    }
    let header = |name| stream.head.header(name);
    assert_eq!((header("cache-control"), header("x-accel-buffering")), (Some("no-store"), Some("no")));
    assert_eq!((header("transfer-encoding"), header("content-length")), (Some("chunked"), None));
}

#[test]
fn what_a_hook_or_a_handler_says_of_caches_stays() {
    let says = |_: &mut Request, reply: &mut Reply| {
        reply.set_header("x-accel-buffering", "yes");
    };
    let handler = || ([("cache-control", "no-cache")], Sse::<str>::from_fn(async |_: &mut EventWriter| Ok(())));
    let server = TestServer::start(App::new().workers(1).on_send(says).get("/", handler));
    let stream = Stream::open(server.address, "/", &[]);
    let header = |name| stream.head.header(name);
    assert_eq!((header("cache-control"), header("x-accel-buffering")), (Some("no-cache"), Some("yes")));
    assert_eq!(stream.rest(), [""; 0]);
}

#[test]
fn a_head_request_is_told_what_it_would_be_and_leaves_the_connection_free() {
    let server = TestServer::start(App::new().workers(1).get("/", steps).get("/next", "next"));
    let mut client = server.client();
    client.send("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n");
    let answer = client.head_answer();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(client.ask("GET /next HTTP/1.1\r\nhost: x\r\n\r\n").text(), "next");
}

#[test]
fn clients_that_fetch_post_a_body() {
    let echo = |words: String| {
        let mut words: Vec<_> = words.split(' ').map(str::to_owned).rev().collect();
        Sse::from_poll_fn(move |_| std::task::Poll::Ready(words.pop().map(|word| Ok(Event::text(word)))))
    };
    let server = TestServer::start(App::new().workers(1).post("/", echo));
    let mut client = Client::connect(server.address);
    let answer = client.call("POST", "/", &[("content-type", "text/plain")], b"one two").expect(200);
    assert_eq!(answer.text(), "data: one\n\ndata: two\n\n");
}

#[test]
fn silence_is_filled_with_comments() {
    let silent = || Sse::<str>::from_fn(async |_: &mut EventWriter| std::future::pending().await);
    let often = move || silent().keep_alive(Duration::from_millis(20)).retry(Duration::from_secs(3));
    // A comment counts as a sign of life for the time that a body may take from piece to piece, too.
    let limits = Limits::default().with_handler_timeout(Duration::from_millis(700));
    let server = TestServer::start(
        App::new().workers(1).limits(limits).get("/often", often).get("/never", move || silent().keep_alive(None)),
    );
    let mut stream = Stream::open(server.address, "/often", &[]);
    assert_eq!(stream.next().as_deref(), Some("retry: 3000"));
    for _ in 0..100 {
        assert_eq!(stream.next().as_deref(), Some(":"));
    }
    let mut client = server.client();
    client.send("GET /never HTTP/1.1\r\nhost: x\r\n\r\n");
    let bytes = client.read_to_end();
    assert!(bytes.ends_with(b"\r\n\r\n") && !bytes.ends_with(b"0\r\n\r\n"), "it is broken off, and had no event");
}

#[test]
fn an_event_that_cannot_be_sent_breaks_the_transfer_and_nothing_of_it_is_sent() {
    let wrong = || {
        Sse::from_fn(async |events: &mut EventWriter| {
            events.send(Event::text("good")).await?;
            events.send(Event::text("bad").event("a\ndata: forged")).await
        })
    };
    let first = || Sse::from_fn(async |_: &mut EventWriter| Ok(())).first(Event::<str>::new().id("a\nb"));
    let server = TestServer::start(App::new().workers(1).get("/", wrong).get("/first", first));
    let mut client = server.client();
    client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    let text = String::from_utf8_lossy(&client.read_to_end()).into_owned();
    assert!(text.ends_with("\r\n\r\nc\r\ndata: good\n\n\r\n"), "{text:?}");
    // Before the head has left, it is an error as every other.
    server.client().ask("GET /first HTTP/1.1\r\nhost: x\r\n\r\n").summary();
    assert_eq!(server.client().ask("GET /first HTTP/1.1\r\nhost: x\r\n\r\n").status, 500);
}

#[test]
fn a_client_says_where_it_was_in_a_header_or_in_the_query() {
    let from = |last: LastEventId| last.id().unwrap_or("-").to_owned();
    let server = TestServer::start(App::new().workers(1).get("/", from));
    let mut client = Client::connect(server.address);
    let mut ask = |target: &str, headers: &[(&str, &str)]| client.call("GET", target, headers, b"").text().to_owned();
    assert_eq!(ask("/", &[]), "-");
    assert_eq!(ask("/", &[("Last-Event-ID", "7")]), "7");
    assert_eq!(ask("/?lastEventId=a%20b", &[]), "a b");
    assert_eq!(ask("/?lastEventId=8", &[("last-event-id", "ü")]), "ü", "the header goes before");
    assert_eq!(ask("/?lastEventId=", &[]), "-");
    assert_eq!(ask("/?lastEventId=%ff", &[]), "-", "what cannot be read is none");
    assert_eq!(ask("/?other=1", &[]), "-");
}

/// The plugin compresses streams, and what was sent is to be read before anything is waited for.
#[test]
fn a_compressed_event_is_there_as_soon_as_it_is_sent() {
    use std::io::Read;

    let server = TestServer::start(App::new().workers(1).plugin(Compression::new()).get("/", steps));
    let mut client = Client::connect(server.address);
    client.send(&request("GET", "/", &[("accept-encoding", "gzip")], b""));
    assert_eq!(client.read_head().expect(200).header("content-encoding"), Some("gzip"));
    let (mut bytes, mut text) = (Vec::new(), String::new());
    while !text.contains("id: 2\n\n") {
        bytes.extend(client.read_chunk().expect("the stream goes on"));
        text.clear();
        let mut decoder = flate2::read::GzDecoder::new(&bytes[..]);
        // What is there can be read, and then it says that there is more.
        let mut space = [0; 4096];
        while let Ok(n @ 1..) = decoder.read(&mut space) {
            text.push_str(std::str::from_utf8(&space[..n]).expect("UTF-8"));
        }
    }
}
