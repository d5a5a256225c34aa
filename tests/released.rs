//! A thousand requests of each kind whose clients go away, and what is left of them: no connection, no task, no future of a handler, no file, no
//! memory. The only test of its program, because it counts for the whole process.

#![cfg(target_os = "linux")] // Whose /proc tells the files of a process.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{BodyClosed, EarlyHints, JsonStream};
use support::server::TestServer;
use support::socket::Client;
use support::{eventually, temporary_file};

/// Counts what is allocated and not freed.
struct Counting;

static PIECES: AtomicI64 = AtomicI64::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);

// SAFETY: every call goes to `System` as it came, which keeps the contract of `GlobalAlloc`; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PIECES.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: the caller's promises about `layout` are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        PIECES.fetch_sub(1, Ordering::Relaxed);
        BYTES.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: `ptr` came from `alloc` above, so from `System`, with this layout.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What was begun, and what of it is still there.
#[derive(Clone, Default)]
struct Held(Arc<[AtomicUsize; 2]>);

struct Guard(Held);

impl Held {
    fn begin(&self) -> Guard {
        for count in &*self.0 {
            count.fetch_add(1, Ordering::SeqCst);
        }
        Guard(self.clone())
    }

    fn begun(&self) -> usize {
        self.0[0].load(Ordering::SeqCst)
    }

    fn left(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0[1].fetch_sub(1, Ordering::SeqCst);
    }
}

const ENDLESS: u64 = 1 << 40;

fn app(held: &Held, file: std::path::PathBuf) -> App {
    let hold = || {
        let held = held.clone();
        move || held.begin()
    };
    let (pending, hinting, reading, saving) = (hold(), hold(), hold(), hold());
    let (function, channel, reader, lines) = (hold(), hold(), hold(), hold());
    let scratch = file.with_extension("scratch");
    App::new()
        .workers(1)
        // The alive tasks of its worker.
        .get("/tasks", async || tokio::runtime::Handle::current().metrics().num_alive_tasks().to_string())
        .get("/pending", async move || {
            let _held = pending();
            std::future::pending::<()>().await
        })
        .get("/hinting", async move |hints: EarlyHints, token: CancellationToken| -> Result<()> {
            let _held = hinting();
            hints.send([("link", "</a>")])?;
            token.cancelled().await;
            std::future::pending().await
        })
        .post("/whole", async |body: String| body)
        .post("/chunks", async move |mut body: Body| -> Result<()> {
            let _held = reading();
            while body.chunk().await?.is_some() {}
            Ok(())
        })
        .post("/save", async move |mut body: Body| -> Result<String> {
            let _held = saving();
            Ok(body.save(std::fs::File::create(&scratch)?).await?.to_string())
        })
        .post("/echo", async |body: Body| body)
        .get("/function", move || {
            let held = function();
            Body::from_fn(async move |out| {
                let _held = held;
                loop {
                    out.send(vec![b'x'; 10_000]).await;
                }
            })
        })
        .get("/channel", move || {
            let held = channel();
            let (mut sender, body) = Body::channel(10_000);
            tokio::spawn(async move {
                let _held = held;
                loop {
                    sender.send("some").await?;
                }
                #[allow(unreachable_code)]
                Ok::<(), BodyClosed>(())
            });
            body
        })
        .get("/reader", move || {
            let _begun = reader();
            Body::from_reader(tokio::io::AsyncReadExt::take(tokio::io::repeat(b'x'), ENDLESS), ENDLESS)
        })
        .get("/lines", move || {
            let held = lines();
            JsonStream::from_iter(std::iter::repeat_with(move || {
                let _ = &held;
                "some text of a line"
            }))
            .lines()
        })
        .get("/file", async move || Body::from_path(&file).await)
}

/// How a client of some kind knows that it is time to go away.
enum When {
    AtOnce,
    /// As many handlers have begun as clients have come.
    HandlerBegan,
    /// So many bytes are there.
    Read(usize),
}

/// What clients send before they go away, when they do, and how many there are: 1,000 before a head, in bodies, while handlers are pending and
/// while bodies are streamed.
fn kinds() -> Vec<(&'static str, String, When, usize)> {
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let post = |path: &str, fields: &str| format!("POST {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    let mut kinds = vec![
        ("connected", String::new(), When::AtOnce, 500),
        ("before the head", "GET /pending HTT".to_owned(), When::AtOnce, 1000),
        (
            "in a body that is wanted whole",
            post("/whole", "Expect: 100-continue\r\nContent-Length: 9\r\n"),
            When::Read(9),
            250,
        ),
        ("in a body that is read", post("/chunks", chunked) + "5\r\nabc", When::HandlerBegan, 250),
        ("in a body that is saved", post("/save", "Content-Length: 100000\r\n") + "abc", When::HandlerBegan, 250),
        ("in a body that is sent back", post("/echo", chunked) + "3\r\nabc\r\n", When::Read(20), 250),
        ("while the handler is pending", get("/pending"), When::HandlerBegan, 500),
        ("behind early hints", get("/hinting"), When::Read(9), 500),
    ];
    for path in ["/function", "/channel", "/reader", "/lines", "/file"] {
        kinds.push(("while streaming", get(path), When::Read(30_000), 200));
    }
    kinds
}

/// Has `count` clients come, 50 at a time, and go.
fn abort(server: &TestServer, held: &Held, request: &str, when: &When, count: usize) {
    for _ in 0..count / 50 {
        let before = held.begun();
        let mut clients: Vec<Client> = (0..50).map(|_| server.client()).collect();
        for client in &mut clients {
            client.send(request);
        }
        match when {
            When::AtOnce => {}
            When::HandlerBegan => eventually("the handlers begin", || held.begun() == before + 50),
            When::Read(bytes) => clients.iter_mut().for_each(|client| client.read_at_least(*bytes)),
        }
        clients.into_iter().for_each(Client::reset);
    }
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("Linux tells it").count()
}

#[test]
fn nothing_is_left_of_clients_that_go_away() {
    let (held, file) = (Held::default(), temporary_file("released"));
    std::fs::write(&*file, vec![b'x'; 8 << 20]).expect("there is room");
    // The client that asks is idle for as long as the others take, which on a busy machine under a sanitizer is minutes.
    let limits = Limits::default().with_keep_alive(Duration::from_secs(3600));
    let app = app(&held, file.to_path_buf()).limits(limits);
    let counters = app.counters();
    let server = TestServer::start(app);
    let mut asking = server.client();
    let mut tasks = || asking.ask("GET /tasks HTTP/1.1\r\nHost: x\r\n\r\n").text();
    let before_all = tasks();
    let mut settle = |what: &str| {
        eventually(&format!("the connections {what} are closed"), || counters.read().connections_open() == 1);
        eventually(&format!("what was held {what} is dropped"), || held.left() == 0);
        eventually(&format!("the tasks {what} have ended"), || tasks() == before_all);
    };
    // Once for what is kept at hand.
    for (kind, request, when, _) in &kinds() {
        abort(&server, &held, request, when, 100);
        settle(kind);
    }
    // Threads for blocking work end when they have had nothing to do; until then they are a constant.
    let (files, pieces, bytes) = (open_files(), PIECES.load(Ordering::SeqCst), BYTES.load(Ordering::SeqCst));
    let mut aborted = counters.read().requests_aborted;
    for (kind, request, when, count) in &kinds() {
        abort(&server, &held, request, when, *count);
        settle(kind);
        let counted = counters.read().requests_aborted - aborted;
        aborted += counted;
        let expected = if matches!(when, When::AtOnce) { 0 } else { *count as u64 };
        assert_eq!(counted, expected, "aborts that were counted {kind}");
        eventually(&format!("the files {kind} are closed"), || open_files() <= files);
        let (pieces, bytes) = (PIECES.load(Ordering::SeqCst) - pieces, BYTES.load(Ordering::SeqCst) - bytes);
        println!("{count} {kind}: {pieces} pieces of memory more, {bytes} bytes");
        assert!(pieces < 150 && bytes < 256 * 1024, "{pieces} pieces and {bytes} bytes are left {kind}");
    }
    server.stop.shutdown();
    server.wait().expect("it ends well");
    std::thread::sleep(Duration::from_millis(10));
    let _ = std::fs::remove_file(file.with_extension("scratch"));
}
