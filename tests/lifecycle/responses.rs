//! `on_response`: what it learns, when it runs, and whom it keeps waiting.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use fastweb::Phase;
use fastweb::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::trail::Trail;

const SOON: Duration = Duration::from_secs(10);

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(u16, u64, String)>>>);

impl Seen {
    fn hook(&self) -> impl Fn(&mut Request, &Completed) + use<> {
        let seen = self.clone();
        move |_, done| {
            let entry = (done.status().as_u16(), done.body_bytes(), done.route().to_owned());
            seen.0.lock().unwrap().push(entry);
        }
    }
}

#[tokio::test]
async fn it_sees_status_bytes_and_the_pattern_of_the_route() {
    let seen = Seen::default();
    let app = App::new()
        .on_response(seen.hook())
        .get("/constant", "12345")
        .get("/users/{id}", |Path(id): Path<u64>| Json(id))
        .get("/stream", || Body::from_reader(tokio::io::repeat(b'x').take(100_000), None))
        .get("/large", || "x".repeat(100_000))
        .get("/no-content", || NoContent)
        .get("/files/{*path}", || Err::<(), _>(Error::forbidden("no")));
    let server = app.build().await.unwrap();
    let forbidden = r#"{"statusCode":403,"error":"Forbidden","message":"no"}"#.len() as u64;
    for (request, expected) in [
        (Inject::get("/constant?q=1"), (200, 5, "/constant")),
        (Inject::head("/constant"), (200, 0, "/constant")),
        (Inject::get("/users/1234"), (200, 4, "/users/{id}")),
        (Inject::get("/stream"), (200, 100_000, "/stream")),
        (Inject::get("/large"), (200, 100_000, "/large")),
        (Inject::get("/no-content"), (204, 0, "/no-content")),
        (Inject::get("/files/a/b"), (403, forbidden, "/files/{*path}")),
    ] {
        server.inject(request).await;
        let seen = std::mem::take(&mut *seen.0.lock().unwrap());
        let (status, bytes, route) = expected;
        assert_eq!(seen, [(status, bytes, route.to_owned())]);
    }
    let reply = server.inject(Inject::get("/nowhere")).await;
    let seen = std::mem::take(&mut *seen.0.lock().unwrap());
    assert_eq!(seen, [(404, reply.body().len() as u64, "*".to_owned())]);
}

#[derive(Clone, Copy, Default)]
struct Times {
    duration: Duration,
    on_request: Duration,
    handler: Duration,
    sum: Duration,
}

/// The times that `hook` sees of a request whose `on_request` hook takes 30 ms and whose handler takes 60 ms.
async fn times(wrap: impl FnOnce(App, Arc<Mutex<Times>>) -> App) -> Times {
    let times = Arc::new(Mutex::new(Times::default()));
    let app = App::new()
        .on_request(async |_: &mut Request| tokio::time::sleep(Duration::from_millis(30)).await)
        .get("/", async || tokio::time::sleep(Duration::from_millis(60)).await);
    let server = wrap(app, times.clone()).build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_status(200);
    *times.lock().unwrap()
}

fn note(times: &Arc<Mutex<Times>>) -> impl Fn(&mut Request, &Completed) + use<> {
    let times = times.clone();
    move |_, done| {
        *times.lock().unwrap() = Times {
            duration: done.duration(),
            on_request: done.timings().of(Phase::OnRequest),
            handler: done.timings().of(Phase::Handler),
            sum: done.timings().iter().map(|(_, time)| time).sum(),
        };
    }
}

#[tokio::test]
async fn it_sees_how_long_the_request_took() {
    let times = times(|app, times| app.on_response(note(&times))).await;
    assert!(times.duration >= Duration::from_millis(90), "{:?}", times.duration);
    // Nobody has asked for the phases.
    assert_eq!(times.sum, Duration::ZERO);
}

#[tokio::test]
async fn it_sees_the_phases_where_it_asks_for_them() {
    let times = times(|app, times| app.on_response(timed(note(&times)))).await;
    assert!(times.on_request >= Duration::from_millis(30), "{:?}", times.on_request);
    assert!(times.handler >= Duration::from_millis(60), "{:?}", times.handler);
    assert_eq!(times.sum, times.duration);
}

#[tokio::test]
async fn one_hook_that_asks_for_the_phases_is_enough_for_all() {
    let times =
        times(|app, times| app.on_response(note(&times)).on_response(timed(async |_: &mut Request, _: &Completed| {})))
            .await;
    assert!(times.handler >= Duration::from_millis(60), "{:?}", times.handler);
}

/// A connection that notes each write and gives `requests` one per read.
struct NotedIo {
    trail: Trail,
    requests: Vec<&'static [u8]>,
}

impl AsyncRead for NotedIo {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.requests.is_empty() {
            buf.put_slice(self.requests.remove(0));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for NotedIo {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let answers = bytes.windows(9).filter(|window| window == b"HTTP/1.1 ").count();
        self.trail.push(format!("written {answers}"));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn it_runs_when_the_reply_is_written() {
    let trail = Trail::default();
    let app = App::new()
        .on_response(trail.response_hook("sync"))
        .on_response(trail.async_response_hook("async"))
        .get("/", trail.hook("unused").then_text("text"));
    let server = app.build().await.unwrap();
    let one = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    let two = b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n";
    server.serve_connection(NotedIo { trail: trail.clone(), requests: vec![one, two] }).await;
    let both = ["sync(200)", "async(200)"];
    let expected = [&["written 1"][..], &both, &["written 2"], &both, &both].concat();
    assert_eq!(trail.take(), expected);
}

trait ThenText: Sized {
    /// A handler that answers with `text`.
    fn then_text(self, text: &'static str) -> impl Fn() -> &'static str + Send + Sync + 'static {
        move || text
    }
}

impl<F> ThenText for F {}

async fn read_reply(stream: &mut tokio::net::TcpStream) -> String {
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\ntext") {
        let n = timeout(SOON, stream.read_buf(&mut received)).await.expect("a reply in time").unwrap();
        assert_ne!(n, 0, "the connection ended after {:?}", String::from_utf8_lossy(&received));
    }
    String::from_utf8(received).unwrap()
}

#[tokio::test]
async fn an_async_hook_does_not_keep_the_next_request_waiting() {
    let (started, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let trail = Trail::default();
    let hook = {
        let (started, gate, trail) = (started.clone(), gate.clone(), trail.clone());
        async move |req: &mut Request, done: &Completed| {
            // What the request was is still there, however many follow on its connection.
            let path = req.path().to_owned();
            started.add_permits(1);
            gate.acquire().await.unwrap().forget();
            assert_eq!(req.path(), path);
            trail.push(format!("{path} {}", done.status().as_u16()));
        }
    };
    let server = App::new().workers(1).on_response(hook).get("/{any}", "text").build().await.unwrap();
    let listening = server.bind("127.0.0.1:0").unwrap();
    let (address, stop) = (listening.local_addr(), listening.shutdown_handle());
    let running = tokio::spawn(listening.serve());

    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    for path in ["/first", "/second", "/third"] {
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
        read_reply(&mut stream).await;
        timeout(SOON, started.acquire()).await.expect("a hook that runs").unwrap().forget();
    }
    assert_eq!(trail.take(), [""; 0], "no hook has ended yet");

    // Shutdown waits for hooks that still run.
    stop.shutdown();
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!running.is_finished(), "three hooks still run");
    gate.add_permits(3);
    timeout(SOON, running).await.expect("an end").unwrap().unwrap();
    let mut ended = trail.take();
    ended.sort();
    assert_eq!(ended, ["/first 200", "/second 200", "/third 200"]);
}

#[tokio::test]
async fn it_sees_that_a_body_broke_off() {
    let seen: Arc<Mutex<Vec<(bool, u64)>>> = Arc::default();
    let hook = {
        let seen = seen.clone();
        move |_: &mut Request, done: &Completed| seen.lock().unwrap().push((done.is_broken(), done.body_bytes()))
    };
    let app = App::new()
        .on_response(hook)
        .get("/whole", || Body::from_reader(&b"12345"[..], 5))
        .get("/short", || Body::from_reader(&b"123"[..], 5));
    let server = app.build().await.unwrap();
    assert!(!server.inject(Inject::get("/whole")).await.is_broken());
    assert!(server.inject(Inject::get("/short")).await.is_broken());
    assert_eq!(*seen.lock().unwrap(), [(false, 5), (true, 3)]);
}
