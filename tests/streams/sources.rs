//! Answers from functions, channels, readers and files.

use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{BodyClosed, JsonStream};
use proptest::prelude::{ProptestConfig, any, proptest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::pipe::{block_on, talk};
use crate::support::probe::{Live, Probe};
use crate::support::server::TestServer;
use crate::support::socket::Client;
use crate::support::{eventually, temporary_file};

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
}

/// More than the sockets' buffers hold.
const TOTAL: u64 = 32 * 1024 * 1024;
const PIECE: usize = 16 * 1024;

/// Counts what a source has given.
#[derive(Clone, Default)]
struct Given(Arc<AtomicU64>);

impl Given {
    fn add(&self, bytes: usize) -> u64 {
        self.0.fetch_add(bytes as u64, Ordering::SeqCst) + bytes as u64
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Waits until nothing more is given for some time.
    fn wait_until_it_rests(&self) -> u64 {
        let mut last = u64::MAX;
        eventually("the source rests", || {
            std::thread::sleep(Duration::from_millis(250));
            std::mem::replace(&mut last, self.get()) == self.get() && last > 0
        });
        last
    }
}

/// A reader that counts what was read of it.
struct Counted(Given, tokio::io::Take<tokio::io::Repeat>, #[allow(dead_code)] Live);

impl tokio::io::AsyncRead for Counted {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = std::pin::Pin::new(&mut self.1).poll_read(cx, buf);
        self.0.add(buf.filled().len() - before);
        polled
    }
}

/// A route for every kind of source, each of which gives `TOTAL` bytes and counts them.
fn endless(given: &Given, probe: &Probe) -> App {
    let (a, b, c, d, e) = (given.clone(), given.clone(), given.clone(), given.clone(), given.clone());
    let live = |name: &'static str| {
        let probe = probe.clone();
        move || probe.enter(name)
    };
    let (la, lb, lc, ld, le) = (live("fn"), live("channel"), live("reader"), live("poll"), live("json"));
    App::new()
        .workers(1)
        .get("/fn", move || {
            let (given, live) = (a.clone(), la());
            Body::from_fn(async move |out| {
                let _live = live;
                while given.add(PIECE) <= TOTAL {
                    out.send(vec![b'x'; PIECE]).await;
                }
                Ok(())
            })
        })
        .get("/channel", move || {
            let (given, live) = (b.clone(), lb());
            let (mut sender, body) = Body::channel(PIECE);
            tokio::spawn(async move {
                let _live = live;
                while given.add(PIECE) <= TOTAL {
                    sender.send(vec![b'x'; PIECE]).await?;
                }
                sender.finish();
                Ok::<(), BodyClosed>(())
            });
            body
        })
        .get("/reader", move || Body::from_reader(Counted(c.clone(), tokio::io::repeat(b'x').take(TOTAL), lc()), None))
        .get("/poll", move || {
            let (given, live) = (d.clone(), ld());
            Body::from_poll_fn(move |_| {
                let _ = &live;
                let more = given.add(PIECE) <= TOTAL;
                std::task::Poll::Ready(more.then(|| Ok(vec![b'x'; PIECE].into())))
            })
        })
        .get("/json", move || {
            let (given, live) = (e.clone(), le());
            JsonStream::from_iter(std::iter::from_fn(move || {
                let _ = &live;
                // With its quotes and its comma.
                (given.add(PIECE) <= TOTAL).then(|| "x".repeat(PIECE - 3))
            }))
        })
}

#[test]
fn a_slow_reader_stops_the_source() {
    for path in ["/fn", "/channel", "/reader", "/poll", "/json"] {
        let (given, probe) = (Given::default(), Probe::default());
        let server = TestServer::start(endless(&given, &probe));
        let mut client = server.client();
        client.send(get(path).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        let rests_at = given.wait_until_it_rests();
        assert!(rests_at < TOTAL / 2, "{path} has given {rests_at} bytes to who reads nothing");
        assert_eq!(probe.live(), 1, "{path}");
        // A client that reads again gets the rest.
        let bytes = client.read_to_end();
        assert!(bytes.len() as u64 > TOTAL && bytes.ends_with(b"\r\n0\r\n\r\n"), "{path}: {} bytes", bytes.len());
        probe.wait_until_none_is_live();
    }
}

#[test]
fn a_source_is_dropped_when_its_client_is_gone() {
    for path in ["/fn", "/channel", "/reader", "/poll", "/json"] {
        let (given, probe) = (Given::default(), Probe::default());
        let app = probe.watch(endless(&given, &probe));
        let counters = app.counters();
        let server = TestServer::start(app);
        // In the head, behind some bytes, behind many.
        for (n, read) in [1, 100, 100_000, 2_000_000].into_iter().enumerate() {
            let mut client = server.client();
            client.send(get(path));
            client.read_at_least(read);
            client.reset();
            probe.wait_for("abort", n + 1);
            probe.wait_until_none_is_live();
        }
        assert_eq!((probe.count("abort"), probe.count("response")), (4, 0), "{path}: each is told once");
        assert_eq!(counters.read().requests_aborted, 4, "{path}");
    }
}

/// A source of each kind that breaks off behind some bytes, and one that is too short for its length.
fn breaking() -> App {
    let short = temporary_file("short");
    std::fs::write(&*short, [b'x'; 1000]).expect("there is room");
    let short = Arc::new(short);
    App::new()
        .workers(1)
        .get("/error", || {
            Body::from_fn(async |out| {
                out.send("some").await;
                Err(Error::internal("no more"))
            })
        })
        .get("/panic", || {
            Body::from_fn(async |out| {
                out.send("some").await;
                tokio::task::yield_now().await;
                panic!("on purpose")
            })
        })
        .get("/dropped", async || {
            let (mut sender, body) = Body::channel(100);
            sender.send("some").await.expect("there is room");
            body
        })
        .get("/task", || {
            let (mut sender, body) = Body::channel(100);
            tokio::spawn(async move {
                sender.send("some").await.expect("there is room");
                panic!("on purpose")
            });
            body
        })
        .get("/thread", || {
            let (mut sender, body) = Body::channel(2);
            std::thread::spawn(move || {
                sender.blocking_send("some").expect("there is room");
                sender.fail(Error::internal("no more"));
            });
            body
        })
        .get("/reader", || {
            let failing = tokio_test_reader("some");
            Body::from_reader(failing, None)
        })
        .get("/poll", || {
            let mut pieces = [Err(Error::internal("no more")), Ok("some".into())].into_iter().collect::<Vec<_>>();
            Body::from_poll_fn(move |_| std::task::Poll::Ready(pieces.pop()))
        })
        .get("/json", || JsonStream::try_from_iter([Ok(1), Err(Error::internal("no more"))]))
        .get("/lines", || JsonStream::try_from_iter([Ok(1), Err(Error::internal("no more"))]).lines())
        .get("/length", || {
            let some = Body::from_fn(async |out| {
                out.send("some").await;
                Ok(())
            });
            some.with_length(5)
        })
        .get("/file", move || -> Result<Body> { Ok(Body::from_file(std::fs::File::open(&**short)?, 1001)) })
}

/// A reader that fails behind `text`.
fn tokio_test_reader(text: &'static str) -> impl tokio::io::AsyncRead {
    let (mut writing, reading) = tokio::io::duplex(100);
    tokio::spawn(async move { writing.write_all(text.as_bytes()).await });
    struct Failing<R>(R);
    impl<R: tokio::io::AsyncRead + Unpin> tokio::io::AsyncRead for Failing<R> {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buf: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let before = buf.filled().len();
            std::task::ready!(std::pin::Pin::new(&mut self.0).poll_read(cx, buf))?;
            std::task::Poll::Ready(match buf.filled().len() == before {
                true => Err(std::io::Error::other("the disk is gone")),
                false => Ok(()),
            })
        }
    }
    Failing(reading)
}

const BREAKING: &[&str] =
    &["/error", "/panic", "/dropped", "/task", "/thread", "/reader", "/poll", "/json", "/lines", "/length", "/file"];

#[test]
fn what_broke_off_never_looks_complete() {
    let counters;
    let server = {
        let app = breaking();
        counters = app.counters();
        TestServer::start(app)
    };
    for path in BREAKING {
        let mut client = server.client();
        client.send(get(path));
        let bytes = client.try_read_to_end().unwrap_or_else(|why| panic!("{path}: {why}"));
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{path}: {text}"));
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        assert!(!body.is_empty(), "{path}: what came before is sent");
        match head.contains("transfer-encoding: chunked") {
            true => assert!(!body.ends_with("0\r\n\r\n"), "{path}: {body}"),
            false => assert!(body.len() < if *path == "/file" { 1001 } else { 5 }, "{path}: {body}"),
        }
    }
    assert_eq!(counters.read().answers_broken, BREAKING.len() as u64);
}

/// There the end of the connection would be the end of the body.
#[test]
fn what_broke_off_is_a_reset_for_http_1_0() {
    let server = TestServer::start(breaking());
    for path in BREAKING.iter().filter(|path| !["/length", "/file"].contains(path)) {
        let mut client = server.client();
        client.send(format!("GET {path} HTTP/1.0\r\n\r\n"));
        let read = client.try_read_to_end();
        assert!(
            read.is_err(),
            "{path} looks complete: {:?}",
            read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        );
    }
    // And what is whole, is.
    let server = TestServer::start(App::new().get("/", || {
        Body::from_fn(async |out| {
            out.send("all").await;
            Ok(())
        })
    }));
    let bytes = server.client().send("GET / HTTP/1.0\r\n\r\n").try_read_to_end().expect("it ends well");
    assert!(bytes.ends_with(b"\r\n\r\nall"), "{}", String::from_utf8_lossy(&bytes));
}

#[test]
fn files_are_sent_as_they_are() {
    let path = temporary_file("sent");
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&*path, &content).expect("there is room");
    let (whole, part, missing) = (path.to_path_buf(), path.to_path_buf(), path.with_extension("missing"));
    let app = App::new()
        .get("/whole", async move || Body::from_path(&whole).await)
        .get("/part", move || -> Result<Body> {
            let mut file = std::fs::File::open(&part)?;
            file.seek(SeekFrom::Start(4))?;
            Ok(Body::from_file(file, 100_000))
        })
        .get("/missing", async move || Body::from_path(&missing).await)
        .get("/folder", async || Body::from_path(std::env::temp_dir()).await)
        .get("/device", async || Body::from_path("/dev/zero").await)
        .error_handler(|_: &mut Request, error: Error| error.with_code("NONE"));
    let server = TestServer::start(app);
    let mut client = server.client();
    let answer = client.ask(get("/whole"));
    assert_eq!(answer.header("content-length"), Some("1200000"));
    assert!(answer.body == content);
    assert!(client.ask(get("/part")).body == content[4..100_004]);
    for path in ["/missing", "/folder", "/device"] {
        assert_eq!(client.ask(get(path)).status, 404, "{path}");
    }
    client.send(get("/whole").replace("GET", "HEAD"));
    assert_eq!(client.head_answer().header("content-length"), Some("1200000"));
}

/// A pool whose queue is full refuses new work. It does not break off what is being sent.
#[test]
fn a_busy_pool_delays_files_and_does_not_break_them() {
    let path = temporary_file("busy");
    std::fs::File::create(&*path).and_then(|mut file| file.write_all(&vec![b'x'; 1 << 20])).expect("there is room");
    let file = path.to_path_buf();
    let app = App::new()
        .workers(1)
        .blocking_threads(1)
        .blocking_queue(1)
        .get("/file", async move || Body::from_path(&file).await)
        .get("/work", async || blocking(|| std::thread::sleep(Duration::from_millis(20))).await);
    let server = TestServer::start(app);
    let mut busy: Vec<Client> = (0..8).map(|_| server.client()).collect();
    for client in &mut busy {
        client.send(get("/work"));
    }
    let answer = server.client().ask(get("/file"));
    assert_eq!((answer.status, answer.body.len()), (200, 1 << 20));
    let statuses: Vec<u16> = busy.iter_mut().map(|client| client.answer().status).collect();
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
}

#[test]
fn a_body_may_pause_as_long_as_its_route_may_take() {
    let slow = || {
        Body::from_fn(async |out| {
            out.send("a").await;
            tokio::time::sleep(Duration::from_millis(1200)).await;
            out.send("b").await;
            Ok(())
        })
    };
    let app = App::new()
        .limits(Limits::default().with_handler_timeout(Duration::from_millis(250)))
        .get("/short", slow)
        .route(fastweb::get("/long", slow).timeout(Duration::from_secs(20)));
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get("/long")).text(), "ab");
    let bytes = server.client().send(get("/short")).read_to_end();
    assert!(bytes.ends_with(b"1\r\na\r\n"), "{}", String::from_utf8_lossy(&bytes));
}

/// The first piece does not wait for the second.
#[test]
fn what_is_written_is_sent_while_the_function_waits() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let waiting = gate.clone();
    let app = App::new().get("/", move || {
        let gate = waiting.clone();
        Body::from_fn(async move |out| {
            out.write_all(b"first").await?;
            gate.acquire().await.expect("it stays open").forget();
            out.write_all(b"second").await?;
            Ok(())
        })
    });
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get("/"));
    client.read_until(b"5\r\nfirst\r\n");
    gate.add_permits(1);
    assert_eq!(client.answer().text(), "firstsecond");
}

/// Others of the worker have their turn beside a body that always has more, for a client that always reads.
#[test]
fn a_body_without_end_does_not_keep_its_worker() {
    let app = App::new().workers(1).get("/hello", "hello").get("/endless", || {
        Body::from_poll_fn(|_| std::task::Poll::Ready(Some(Ok(Bytes::from_static(&[b'x'; 10_000])))))
    });
    let server = TestServer::start(app);
    let mut greedy = server.client();
    greedy.send(get("/endless"));
    let mut stream = greedy.stream();
    let reading = std::thread::spawn(move || {
        let mut space = vec![0; 1 << 20];
        while matches!(std::io::Read::read(&mut stream, &mut space), Ok(1..)) {}
    });
    for _ in 0..20 {
        assert_eq!(server.client().ask(get("/hello")).text(), "hello");
    }
    drop(server);
    reading.join().expect("it ends with the server");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever the pieces and however slowly they are read, what comes is what was sent.
    #[test]
    fn every_source_gives_what_was_sent(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9000), 0..12),
        room in 1..70_000_usize,
        capacity in 0..20_000_usize,
    ) {
        let whole = pieces.concat();
        let (a, b, c) = (pieces.clone(), pieces.clone(), pieces);
        let app = App::new()
            .get("/fn", move || {
                let pieces = a.clone();
                Body::from_fn(async move |out| {
                    for piece in pieces {
                        out.send(piece).await;
                    }
                    Ok(())
                })
            })
            .get("/channel", move || {
                let pieces = b.clone();
                let (mut sender, body) = Body::channel(capacity);
                tokio::spawn(async move {
                    for piece in pieces {
                        if sender.send(piece).await.is_err() {
                            return;
                        }
                    }
                    sender.finish();
                });
                body
            })
            .get("/write", move || {
                let pieces = c.clone();
                let (mut sender, body) = Body::channel(capacity);
                tokio::spawn(async move {
                    sender.write_all(&pieces.concat()).await?;
                    sender.shutdown().await
                });
                body
            });
        block_on(async {
            let server = app.build().await.unwrap();
            for path in ["/fn", "/channel", "/write"] {
                let bytes = talk(&server, get(path).as_bytes(), 1000, room).await;
                let answers = crate::support::answer::parse_all(&bytes, |_| false);
                assert!(answers.len() == 1 && answers[0].body == whole, "{path}");
            }
        });
    }
}
