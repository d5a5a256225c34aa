//! Bodies on their way to services and layers and back.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use fastweb::MountBody;
use fastweb::prelude::*;
use http_body::Frame;
use tower::service_fn;
use tower::util::MapRequestLayer;

use crate::support::probe::Probe;
use crate::support::server::TestServer;

type Response<B> = std::result::Result<http::Response<B>, Infallible>;

/// A layer that leaves everything as it is: bodies go through it all the same.
fn nothing() -> MapRequestLayer<fn(http::Request<MountBody>) -> http::Request<MountBody>> {
    MapRequestLayer::new(|request| request)
}

fn app() -> App {
    let echo = service_fn(async |request: http::Request<MountBody>| -> Response<MountBody> {
        Ok(http::Response::new(request.into_body()))
    });
    App::new().workers(1).body_limit(u64::MAX).mount_service("/mounted", echo).scope("/layered", |scope| {
        scope
            .layer(nothing())
            .layer(nothing())
            .post("/echo", |body: Body| body)
            .post("/whole", |body: Bytes| body)
            .get("/stream", || Body::from_reader(&b"stream"[..], None))
            .get("/sized", || Body::from_reader(&b"sized"[..], 5))
            .get("/broken", || {
                Body::from_fn(async |out| {
                    out.send("some").await;
                    Err(Error::internal("no more"))
                })
            })
    })
}

#[test]
fn bodies_of_all_forms_come_back_as_they_were_sent() {
    let server = TestServer::start(app());
    let mut client = server.client();
    for path in ["/mounted", "/layered/echo", "/layered/whole"] {
        let length = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nsized");
        assert_eq!(client.ask(length).summary(), "200 - sized", "{path}");
        let chunked = format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.send(format!("{chunked}3\r\nabc\r\n"));
        std::thread::sleep(Duration::from_millis(30));
        let answer = client.ask("4\r\ndefg\r\n0\r\n\r\n");
        assert_eq!(answer.text(), "abcdefg", "{path}");
        let empty = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(client.ask(empty).text(), "", "{path}");
        // In parts that come late, and larger than any buffer.
        let text = "0123456789".repeat(60_000);
        let mut stream = client.stream();
        let request = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        let sending = std::thread::spawn(move || std::io::Write::write_all(&mut stream, request.as_bytes()));
        assert!(client.answer().text() == text, "{path}");
        sending.join().unwrap().unwrap();
        let waiting = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        client.send(waiting);
        assert_eq!(client.answer().status, 100, "{path}");
        assert_eq!(client.ask("late").summary(), "200 - late", "{path}");
    }
    assert_eq!(client.ask("GET /layered/stream HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - chunked:stream");
    assert_eq!(client.ask("GET /layered/sized HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - sized");
    client.send("HEAD /layered/sized HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.head_answer().summary(), "HEAD 200 - (length 5)");
}

#[test]
fn a_body_that_breaks_off_never_looks_complete() {
    let server = TestServer::start(app());
    let mut client = server.client();
    client.send("GET /layered/broken HTTP/1.1\r\nHost: x\r\n\r\n");
    let received = String::from_utf8_lossy(&client.read_to_end()).into_owned();
    assert!(received.contains("some") && !received.ends_with("0\r\n\r\n"), "{received}");
    // A client that announces more than it sends.
    let mut client = server.client();
    client.send("POST /layered/whole HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nshort").finish_sending();
    assert_eq!(client.answer().summary(), "400 close FW_ERR_INVALID_BODY");
}

/// Gives frames for as long as it is asked, and counts them.
struct Counting(Arc<AtomicUsize>);

impl http_body::Body for Counting {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 16 * 1024])))))
    }
}

#[test]
fn a_reader_that_stops_stops_the_source_and_one_that_leaves_ends_it() {
    let probe = Probe::default();
    let (frames, entering) = (Arc::new(AtomicUsize::new(0)), probe.clone());
    let given = frames.clone();
    let endless = service_fn(move |_: http::Request<MountBody>| {
        let body = Counting(given.clone());
        async move { Response::Ok(http::Response::new(body)) }
    });
    let live = move || {
        let live = entering.enter("stream");
        Body::from_fn(async move |out| {
            let _live = live;
            loop {
                out.send(vec![b'x'; 16 * 1024]).await;
            }
        })
    };
    let app = App::new().workers(1).mount_service("/mounted", endless);
    let server = TestServer::start(app.scope("/layered", |scope| scope.layer(nothing()).get("/", live)));
    let mut client = server.client();
    client.send("GET /mounted HTTP/1.1\r\nHost: x\r\n\r\n");
    client.wait_for_bytes();
    let mut before = frames.load(Ordering::SeqCst);
    let settled = loop {
        std::thread::sleep(Duration::from_millis(200));
        let now = frames.load(Ordering::SeqCst);
        if now == before {
            break now;
        }
        before = now;
    };
    // What fits into the buffers of two sockets, and no more.
    assert!(settled < 2000, "{settled} frames");
    client.reset();
    let mut client = server.client();
    client.send("GET /layered HTTP/1.1\r\nHost: x\r\n\r\n");
    client.wait_for_bytes();
    assert_eq!(probe.live(), 1);
    client.reset();
    probe.wait_until_none_is_live();
}

#[test]
fn trailers_are_kept_both_ways() {
    let server = TestServer::start(app());
    let mut client = server.client();
    for path in ["/mounted", "/layered/echo"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        );
        client.send(format!("{head}4\r\nbody\r\n0\r\nx-sum: 7\r\n\r\n"));
        let received = String::from_utf8_lossy(&client.read_to_end()).into_owned();
        assert!(received.ends_with("4\r\nbody\r\n0\r\nx-sum: 7\r\n\r\n"), "{path}: {received}");
        client = server.client();
    }
}
