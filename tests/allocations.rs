//! What a request allocates in the steady state, counted: nothing.
//!
//! A connection runs over a script instead of a socket: the script allocates nothing itself, checks each answer, and counts from the end
//! of the warm-up to the last answer, on its own thread only.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use fastweb::Payload;
use fastweb::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, ReadBuf};

struct Counting;

thread_local! {
    // Neither needs an initialiser or a destructor before it is first written to, so the allocator may look at them at any time.
    static COUNTS: Cell<bool> = const { Cell::new(false) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Where the first allocation that was counted came from.
    static FIRST: RefCell<String> = const { RefCell::new(String::new()) };
}

fn note() {
    if !COUNTS.get() {
        return;
    }
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    if ALLOCATIONS.get() == 1 {
        // Looking at the stack allocates too.
        COUNTS.set(false);
        FIRST.with(|first| *first.borrow_mut() = Backtrace::force_capture().to_string());
        COUNTS.set(true);
    }
}

// SAFETY: every call goes to `System` as it came, which keeps the contract of `GlobalAlloc`; `note` allocates only while it does not count.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller's promises about `layout` are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: `ptr` came from `alloc` above, so from `System`, with this layout.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const WARM_UP: usize = 100;
const MEASURED: usize = 1000;

/// How the client behaves.
#[derive(Clone, Copy, Debug)]
enum Client {
    /// The next request is there when the last one is answered.
    Eager,
    /// The connection has to wait for each request.
    Waits,
    /// So many requests come at once.
    Pipelines(usize),
}

/// A client that sends requests and checks the answers.
struct Script {
    client: Client,
    /// Requests, and how their answers end.
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    sent: usize,
    answered: usize,
    waited: bool,
}

impl AsyncRead for Script {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        assert_eq!(self.answered, self.sent, "a request was not answered before the next one was read");
        if matches!(self.client, Client::Waits) && !std::mem::replace(&mut self.waited, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = false;
        if self.sent >= WARM_UP {
            COUNTS.set(self.sent < self.exchanges.len());
        }
        let batch = if let Client::Pipelines(n) = self.client { n } else { 1 };
        for _ in 0..batch {
            if let Some((request, _)) = self.exchanges.get(self.sent) {
                buf.put_slice(request);
                self.sent += 1;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let next = rest[1..].windows(9).position(|window| window == b"HTTP/1.1 ").map_or(rest.len(), |at| at + 1);
            let (answer, later) = rest.split_at(next);
            let expected = &self.exchanges[self.answered].1;
            if !(answer.starts_with(b"HTTP/1.1 200 OK\r\n") && answer.ends_with(expected)) {
                COUNTS.set(false);
                panic!("{:?} is not {:?}", String::from_utf8_lossy(answer), String::from_utf8_lossy(expected));
            }
            self.answered += 1;
            rest = later;
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What `MEASURED` requests allocate after a warm-up, where `exchange` makes the `n`th request and how its answer ends.
fn allocations(app: App, client: Client, exchange: impl Fn(usize) -> (String, String)) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let server = app.build().await.unwrap();
        let exchanges = (0..WARM_UP + MEASURED).map(&exchange).map(|(a, b)| (a.into_bytes(), b.into_bytes())).collect();
        ALLOCATIONS.set(0);
        server.serve_connection(Script { client, exchanges, sent: 0, answered: 0, waited: false }).await;
        COUNTS.set(false);
    });
    ALLOCATIONS.get()
}

#[track_caller]
fn assert_none(app: fn() -> App, exchange: impl Fn(usize) -> (String, String)) {
    for client in [Client::Eager, Client::Waits, Client::Pipelines(16)] {
        let allocations = allocations(app(), client, &exchange);
        let first = FIRST.take();
        assert_eq!(allocations, 0, "allocations of {MEASURED} requests, client {client:?}; the first one:\n{first}");
    }
}

fn get_request(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost:3000\r\nUser-Agent: a script\r\nAccept: */*\r\n\r\n")
}

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

#[derive(Serialize)]
struct User {
    id: u64,
    active: bool,
}

#[derive(Deserialize)]
struct Age {
    age: usize,
}

#[derive(Serialize)]
struct Name {
    name: Text,
}

#[derive(Deserialize, Serialize)]
struct Search {
    q: Text,
    limit: Option<u32>,
    #[serde(default)]
    page: u32,
}

fn app() -> App {
    App::new()
        .state(Message { message: "from the state" })
        .get("/constant", "Hello, World!")
        .get("/sync", || "Hello, World!")
        .get("/async", async || "Hello, World!")
        .get("/json", async || Json(Message { message: "Hello, World!" }))
        .get("/users/{id}", async |Path(id): Path<u64>| Json(User { id, active: true }))
        .get("/names/{name}", async |Path(name): Path<Text>| Json(Name { name }))
        .get("/text/{name}", |Path(name): Path<Text>| name)
        .get("/both/{id}/of/{name}", |Path((id, name)): Path<(u64, Text)>| Json((id, name)))
        .get("/search", async |Query(search): Query<Search>| Json(search))
        .get("/headers", |headers: Headers| Json(headers.len()))
        .get("/state", async |message: State<Message>| Json(message.message))
        .get("/tuple", async || (StatusCode::OK, [("x-a", "1"), ("cache-control", "no-store")], "Hello, World!"))
        .get("/request", async |req: &mut Request| req.header_text("host").map(|name| Json(Name { name })))
        .get("/by-hand", async |req: &mut Request, reply: &mut Reply| {
            reply.set_header("x-path", req.path());
            reply.send("Hello, World!")
        })
}

#[test]
fn constant_text() {
    assert_none(app, |_| (get_request("/constant"), "\r\n\r\nHello, World!".into()));
}

#[test]
fn text_of_functions() {
    assert_none(app, |_| (get_request("/sync"), "\r\n\r\nHello, World!".into()));
    assert_none(app, |_| (get_request("/async"), "\r\n\r\nHello, World!".into()));
}

#[test]
fn small_json() {
    assert_none(app, |_| (get_request("/json"), r#"{"message":"Hello, World!"}"#.into()));
}

#[test]
fn numbers_of_the_path() {
    assert_none(app, |n| (get_request(&format!("/users/{n}")), format!(r#"{{"id":{n},"active":true}}"#)));
}

#[test]
fn text_of_the_path() {
    assert_none(app, |n| (get_request(&format!("/names/ada-{n}")), format!(r#"{{"name":"ada-{n}"}}"#)));
    assert_none(app, |n| (get_request(&format!("/text/ada-{n}")), format!("\r\n\r\nada-{n}")));
    assert_none(app, |n| (get_request(&format!("/both/{n}/of/ada")), format!(r#"[{n},"ada"]"#)));
}

#[test]
fn text_of_the_query() {
    let search = |n: usize| {
        let answer = format!(r#"{{"q":"rust-{n}","limit":{n},"page":0}}"#);
        (get_request(&format!("/search?q=rust-{n}&limit={n}&unknown=x")), answer)
    };
    assert_none(app, search);
}

#[test]
fn other_arguments_and_answers() {
    assert_none(app, |_| (get_request("/headers"), "\r\n\r\n3".into()));
    assert_none(app, |_| (get_request("/state"), r#""from the state""#.into()));
    assert_none(app, |_| (get_request("/tuple"), "Hello, World!".into()));
    assert_none(app, |_| (get_request("/request"), r#"{"name":"localhost:3000"}"#.into()));
    assert_none(app, |_| (get_request("/by-hand"), "Hello, World!".into()));
    assert_none(app, |_| (get_request("/json").replace("GET", "HEAD"), "\r\n\r\n".into()));
}

/// A body that came with its head is read where it lies.
#[test]
fn bodies_in_the_buffer() {
    fn posted() -> App {
        App::new()
            .post("/json", async |new: Json<Age>| Json(new.0.age))
            .post("/slice", |body: Body| Json(body.as_slice().map(<[u8]>::len)))
            .post("/read", async |mut body: Body| -> Result<Json<usize>> {
                let mut read = 0;
                while let n @ 1.. = body.fill_buf().await?.len().min(7) {
                    body.consume(n);
                    read += n;
                }
                Ok(Json(read))
            })
            .post("/echo", async |body: Body| body)
    }
    let request = |target: &str, body: &str| {
        let length = body.len();
        format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let body = |n: usize| format!(r#"{{"name":"ada-{n}","age":{n}}}"#);
    assert_none(posted, |n| (request("/json", &body(n)), format!("\r\n\r\n{n}")));
    assert_none(posted, |n| (request("/slice", &body(n)), format!("\r\n\r\n{}", body(n).len())));
    assert_none(posted, |n| (request("/read", &body(n)), format!("\r\n\r\n{}", body(n).len())));
    assert_none(posted, |n| (request("/echo", &body(n)), format!("\r\n\r\n{}", body(n))));
}

#[test]
fn hooks() {
    fn hooked() -> App {
        app()
            .on_request(|_: &mut Request| {})
            .on_request(async |req: &mut Request| assert!(!req.path().is_empty()))
            .pre_parsing(async |_: &mut Request| {})
            .pre_validation(|_: &mut Request, _: &mut Reply| {})
            .pre_serialization(|_: &mut Request, _: &mut Payload| {})
            .on_send(async |_: &mut Request, reply: &mut Reply| assert_eq!(reply.status(), 200))
            .on_send(|_: &mut Request, reply: &mut Reply| {
                reply.set_header("x-hook", "1");
            })
    }
    assert_none(hooked, |_| (get_request("/async"), "Hello, World!".into()));
    assert_none(hooked, |_| (get_request("/json"), r#"{"message":"Hello, World!"}"#.into()));
    assert_none(hooked, |n| (get_request(&format!("/users/{n}")), format!(r#"{{"id":{n},"active":true}}"#)));
}

#[test]
fn hooks_behind_the_reply() {
    fn hooked() -> App {
        app()
            .on_response(|_: &mut Request, done: &Completed| assert!(done.body_bytes() > 0))
            .on_response(async |_: &mut Request, done: &Completed| assert_eq!(done.status(), 200))
            .on_response(slow_requests(Duration::from_secs(60)))
    }
    assert_none(hooked, |_| (get_request("/constant"), "Hello, World!".into()));
    assert_none(hooked, |n| (get_request(&format!("/users/{n}")), format!(r#"{{"id":{n},"active":true}}"#)));
}

/// What is remembered of earlier requests could hide what a new one costs. Every request here is one that has not come before: another
/// path, other values, its headers in another order.
#[test]
fn requests_that_never_came_before() {
    const HEADERS: [&str; 6] = [
        "Host: localhost:3000",
        "User-Agent: a script",
        "Accept: text/html,application/json;q=0.9,*/*;q=0.8",
        "Accept-Language: de,en;q=0.5",
        "Cookie: session=0123456789abcdef; theme=dark",
        "X-Request-Id: ",
    ];
    let request = |n: usize| {
        let m = n * 7919 % 100_003;
        let (target, answer) = match n % 4 {
            0 => (format!("/users/{m}"), format!(r#"{{"id":{m},"active":true}}"#)),
            1 => (format!("/names/name-{m}"), format!(r#"{{"name":"name-{m}"}}"#)),
            2 => (format!("/search?limit={m}&q=word-{m}"), format!(r#"{{"q":"word-{m}","limit":{m},"page":0}}"#)),
            _ => (format!("/json?nothing={m}"), r#"{"message":"Hello, World!"}"#.to_owned()),
        };
        let mut head = format!("GET {target} HTTP/1.1\r\n");
        for i in 0..HEADERS.len() {
            // Rotated, and every other time backwards.
            let at = if n.is_multiple_of(2) { n + i } else { HEADERS.len() * n - i };
            let at = at % HEADERS.len();
            head.push_str(HEADERS[at]);
            if at == HEADERS.len() - 1 {
                head.push_str(&m.to_string());
            }
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        (head, answer)
    };
    assert_none(app, request);
}

/// The same over a real socket: a handler that runs on the worker's thread begins to count there, and another one tells.
#[test]
fn over_a_socket() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let app = app().workers(1).get("/begin", || COUNTS.set(true)).get("/end", || {
        COUNTS.set(false);
        format!("{} allocations, the first one:\n{}", ALLOCATIONS.get(), FIRST.take())
    });
    let (listening, stop) = runtime.block_on(async {
        let listening = app.build().await.unwrap().bind("127.0.0.1:0").unwrap();
        let stop = listening.shutdown_handle();
        (listening, stop)
    });
    let mut stream = TcpStream::connect(listening.local_addr()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.set_nodelay(true).unwrap();
    let running = runtime.spawn(listening.serve());
    let mut ask = |target: &str| {
        stream.write_all(get_request(target).as_bytes()).unwrap();
        read_answer(&mut stream)
    };
    for n in 0..WARM_UP + MEASURED {
        if n == WARM_UP {
            ask("/begin");
        }
        let target = match n % 5 {
            0 => "/constant".to_owned(),
            1 => "/json".to_owned(),
            2 => format!("/users/{n}"),
            3 => format!("/names/ada-{n}"),
            _ => format!("/search?q=rust-{n}&limit={n}"),
        };
        let answer = ask(&target);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {answer}");
    }
    let answer = ask("/end");
    assert!(answer.contains("\r\n\r\n0 allocations"), "{MEASURED} requests: {answer}");
    drop(stream);
    stop.shutdown();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), running).await }).unwrap().unwrap().unwrap();
}

/// One answer with a `content-length`.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let mut part = [0; 4096];
    loop {
        let n = stream.read(&mut part).unwrap();
        assert_ne!(n, 0, "the connection ended after {:?}", String::from_utf8_lossy(&received));
        received.extend_from_slice(&part[..n]);
        let text = String::from_utf8_lossy(&received);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a content-length");
            if body.len() >= length.parse().unwrap() {
                return text.into_owned();
            }
        }
    }
}

/// A value that owns its texts has to allocate them. Reading, checking and writing it adds nothing.
#[cfg(all(feature = "schema", feature = "macros"))]
#[test]
fn validated_bodies_allocate_the_texts_of_the_value() {
    #[fastweb::model]
    struct NewUser {
        #[schema(format = "email", max_length = 254)]
        email: String,
        #[schema(min_length = 1, max_length = 100)]
        name: String,
        #[schema(maximum = 150)]
        age: u8,
    }
    let text = |n: usize| format!(r#"{{"email":"ada-{n}@example.com","name":"Ada {n}","age":{}}}"#, n % 100);
    let exchange = |n: usize| {
        let body = text(n);
        let length = body.len();
        let head =
            format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        (head + &body, format!("\r\n\r\n{body}"))
    };
    for client in [Client::Eager, Client::Waits, Client::Pipelines(16)] {
        let app = App::new().post("/", async |Json(new): Json<NewUser>| Json(new));
        let allocations = allocations(app, client, exchange);
        let first = FIRST.take();
        // Counting begins with the first batch behind the warm-up.
        let batch = if let Client::Pipelines(n) = client { n } else { 1 };
        let measured = WARM_UP + MEASURED - WARM_UP.next_multiple_of(batch);
        assert_eq!(
            allocations,
            2 * measured,
            "two texts for each of {measured} requests, client {client:?}; the first one:\n{first}"
        );
    }
}

#[test]
fn a_handler_that_suspends() {
    fn suspending() -> App {
        App::new().get("/", async || {
            tokio::task::yield_now().await;
            "Hello, World!"
        })
    }
    assert_none(suspending, |_| (get_request("/"), "Hello, World!".into()));
}

/// Arguments that have to wait for `pre_handler` hooks wait in a box: that is all.
#[test]
fn hooks_between_arguments_and_handler() {
    let app = app().pre_handler(async |_: &mut Request| {});
    let user = |n: usize| (get_request(&format!("/users/{n}")), format!(r#"{{"id":{n},"active":true}}"#));
    let allocations = allocations(app, Client::Eager, user);
    assert!(
        allocations <= MEASURED,
        "{allocations} allocations of {MEASURED} requests, the first one:\n{}",
        FIRST.take()
    );
}

/// That the counter counts.
#[test]
fn what_allocates_is_seen() {
    let app = App::new().get("/{id}", |Path(id): Path<u64>| id.to_string());
    let allocations = allocations(app, Client::Eager, |n| (get_request(&format!("/{n}")), n.to_string()));
    assert!(allocations >= MEASURED, "{allocations}");
    let first = FIRST.take();
    assert!(first.contains("to_string"), "{first}");
}
