//! Bodies of every size, both ways; bodies that are too large, too short, too long or malformed.

use std::fmt::Write as _;

use fastweb::prelude::*;
use tokio::io::AsyncReadExt;

use crate::app::app;
use crate::support::answer::{Length, parse_all};
use crate::support::pipe::{block_on, talk};
use crate::support::probe::Probe;
use crate::support::server::TestServer;

/// Around what buffers hold.
const SIZES: [usize; 9] = [0, 1, 100, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 70_000, 300_000, 1024 * 1024];

/// Bytes that show where something is lost, repeated or out of order.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8).collect()
}

/// `body` as a chunked body whose chunks have `size` bytes.
fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut coded = Vec::new();
    for chunk in body.chunks(size) {
        coded.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        coded.extend_from_slice(chunk);
        coded.extend_from_slice(b"\r\n");
    }
    coded.extend_from_slice(b"0\r\n\r\n");
    coded
}

fn post(path: &str, framing: &str, body: &[u8]) -> Vec<u8> {
    [format!("POST {path} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n").as_bytes(), body].concat()
}

fn with_length(path: &str, body: &[u8]) -> Vec<u8> {
    post(path, &format!("Content-Length: {}", body.len()), body)
}

fn server() -> TestServer {
    let size = async |Query(words): Query<Vec<(String, u64)>>| {
        let bytes = words[0].1;
        let source = tokio::io::repeat(b'x').take(bytes);
        Ok::<_, Error>(if words.len() > 1 { Body::from_reader(source, None) } else { Body::from_reader(source, bytes) })
    };
    let whole = async |Query(words): Query<Vec<(String, usize)>>| "x".repeat(words[0].1);
    TestServer::start(
        app(&Probe::default()).post("/bytes", async |body: Bytes| body).get("/stream", size).get("/whole", whole),
    )
}

#[test]
fn a_body_comes_back_as_it_was_sent() {
    let server = server();
    let mut client = server.client();
    for size in SIZES {
        let body = pattern(size);
        for path in ["/echo", "/bytes"] {
            let mut writer = client.stream();
            let request = with_length(path, &body);
            // A streamed echo answers while it reads: whoever only writes at first would wait for itself.
            let writing = std::thread::spawn(move || std::io::Write::write_all(&mut writer, &request));
            let answer = client.answer();
            writing.join().expect("no panic").expect("the server reads all of it");
            assert_eq!((answer.status, answer.length()), (200, Length::Exactly(size)), "{path} {size}");
            assert!(answer.body == body, "{path} {size}: the bytes differ");
        }
    }
}

#[test]
fn a_chunked_body_comes_back_as_it_was_sent() {
    let server = server();
    let mut client = server.client();
    for size in SIZES {
        let body = pattern(size);
        for (path, chunk) in [("/echo", 7000), ("/bytes", 7000), ("/bytes", 1_000_000), ("/echo", 100_000)] {
            let mut writer = client.stream();
            let request = post(path, "Transfer-Encoding: chunked", &chunked(&body, chunk));
            let writing = std::thread::spawn(move || std::io::Write::write_all(&mut writer, &request));
            let answer = client.answer();
            writing.join().expect("no panic").expect("the server reads all of it");
            let length = if path == "/echo" && answer.length() == Length::Chunked {
                Length::Chunked
            } else {
                Length::Exactly(size)
            };
            assert_eq!((answer.status, answer.length()), (200, length), "{path} {size}");
            assert!(answer.body == body, "{path} {size} in chunks of {chunk}: the bytes differ");
        }
    }
}

/// Where a chunked body ends is known when it was read, and by then more than a buffer of what follows may have been.
#[test]
fn what_follows_a_chunked_body_is_answered() {
    let server =
        block_on(app(&Probe::default()).post("/bytes", async |body: Bytes| body).build()).expect("a valid application");
    let body = pattern(100_000);
    for path in ["/echo", "/bytes"] {
        for chunk in [10, 5000, 16 * 1024, 90_000] {
            let mut input = post(path, "Transfer-Encoding: chunked", &chunked(&body, chunk));
            for i in 0..2000 {
                input.extend_from_slice(&with_length("/bytes", i.to_string().as_bytes()));
            }
            for (piece, room) in [(1 << 20, 1 << 20), (50_000, 1 << 20), (70_000, 5000)] {
                let answers = parse_all(&block_on(talk(&server, &input, piece, room)), |_| false);
                assert_eq!(answers.len(), 2001, "{path}, chunks of {chunk}, pieces of {piece}");
                assert!(answers[0].body == body, "{path}, chunks of {chunk}, pieces of {piece}: the bytes differ");
                for (i, answer) in answers[1..].iter().enumerate() {
                    assert_eq!(answer.text(), i.to_string());
                }
            }
        }
    }
}

#[test]
fn chunks_of_one_byte() {
    let server = server();
    let body = pattern(3000);
    let request = post("/bytes", "Transfer-Encoding: chunked", &chunked(&body, 1));
    assert_eq!(server.client().ask(request).body, body);
}

#[test]
fn streams_of_every_size() {
    let server = server();
    let mut client = server.client();
    for size in SIZES {
        let sized = client.ask(format!("GET /stream?bytes={size} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!((sized.status, sized.length(), sized.body.len()), (200, Length::Exactly(size), size));
        let open = client.ask(format!("GET /stream?bytes={size}&open=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!((open.status, open.length(), open.body.len()), (200, Length::Chunked, size));
        let whole = client.ask(format!("GET /whole?bytes={size} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!((whole.status, whole.length(), whole.body.len()), (200, Length::Exactly(size), size));
    }
    client.send(format!("GET /stream?bytes={}&open=1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 300_000));
    let old = client.answer();
    assert_eq!((old.length(), old.body.len()), (Length::UntilClose, 300_000));
}

#[test]
fn large_answers_keep_their_order_in_a_batch() {
    let server = server();
    let mut client = server.client();
    let mut batch = String::new();
    let sizes = [10, 100_000, 20_000, 0, 16 * 1024, 70_000, 1];
    for size in sizes {
        let _ = write!(
            batch,
            "GET /whole?bytes={size} HTTP/1.1\r\nHost: x\r\n\r\nGET /stream?bytes={size} HTTP/1.1\r\nHost: x\r\n\r\n"
        );
    }
    client.send(batch);
    for size in sizes {
        assert_eq!(client.answer().body.len(), size);
        assert_eq!(client.answer().body.len(), size);
    }
}

/// Small and large bodies of a batch leave together, whatever the client takes at a time.
#[test]
fn a_batch_of_small_and_large_bodies_is_whole() {
    let whole = async |Query(words): Query<Vec<(String, usize)>>| Bytes::from(pattern(words[0].1));
    let in_chunks = async |Query(words): Query<Vec<(String, usize)>>| {
        let body = Bytes::from(pattern(words[0].1));
        Body::from_fn(async move |out| {
            for at in (0..body.len()).step_by(40_000) {
                out.send(body.slice(at..body.len().min(at + 40_000))).await;
            }
            Ok(())
        })
    };
    let app = App::new().get("/whole", whole).get("/chunks", in_chunks);
    let server = block_on(app.build()).expect("a valid application");
    let sizes = [10, 20_000, 20_000, 16 * 1024, 0, 1, 100_000, 30_000, 70_000, 17_000, 17_000, 17_000, 5, 200_000];
    let mut batch = String::new();
    for size in sizes {
        for path in ["whole", "chunks"] {
            let _ = write!(batch, "GET /{path}?bytes={size} HTTP/1.1\r\nHost: x\r\n\r\n");
        }
    }
    for room in [1 << 20, 50_000, 3000, 100] {
        let answers = parse_all(&block_on(talk(&server, batch.as_bytes(), batch.len(), room)), |_| false);
        assert_eq!(answers.len(), 2 * sizes.len());
        for (i, answer) in answers.iter().enumerate() {
            assert!(answer.body == pattern(sizes[i / 2]), "answer {i} of a client that takes {room} bytes");
        }
    }
}

#[test]
fn the_limit_is_exact() {
    let server = TestServer::start(app(&Probe::default()).body_limit(1000));
    for path in ["/text", "/echo"] {
        let fits = "x".repeat(1000);
        let answer = server.client().ask(with_length(path, fits.as_bytes()));
        assert_eq!((answer.status, answer.body.len()), (200, 1000), "{path}");
        let answer = server.client().ask(post(path, "Transfer-Encoding: chunked", &chunked(fits.as_bytes(), 300)));
        assert_eq!((answer.status, answer.body.len()), (200, 1000), "{path}");
    }
    let large = "x".repeat(1001);
    for path in ["/text", "/echo"] {
        let answer = server.client().ask(with_length(path, large.as_bytes()));
        assert_eq!((answer.status, &*answer.code()), (413, "FW_ERR_BODY_TOO_LARGE"), "{path}");
    }
    for size in [1, 300, 1001] {
        let answer = server.client().ask(post("/text", "Transfer-Encoding: chunked", &chunked(large.as_bytes(), size)));
        assert_eq!((answer.status, &*answer.code()), (413, "FW_ERR_BODY_TOO_LARGE"), "chunks of {size}");
    }
}

#[test]
fn a_routes_limit_wins() {
    let server = TestServer::start(
        App::new()
            .workers(1)
            .body_limit(10)
            .route(fastweb::post("/", async |body: String| body).body_limit(20))
            .post("/ten", async |body: String| body),
    );
    let status = |path: &str, len: usize| server.client().ask(with_length(path, &pattern(len))).status;
    assert_eq!((status("/", 20), status("/", 21)), (200, 413));
    assert_eq!((status("/ten", 10), status("/ten", 11)), (200, 413));
}

/// What failed need not be the body: whoever answers for it may still want to read.
#[test]
fn an_error_handler_reads_the_body_that_the_handler_left() {
    let handler = async |req: &mut Request, error: Error| -> Result<(StatusCode, String)> {
        Ok((StatusCode::OK, format!("{}: {}", error.message(), req.text().await?)))
    };
    let fails = async || -> Result<()> { Err(Error::conflict("taken")) };
    let server = TestServer::start(App::new().workers(1).post("/", fails).error_handler(handler));
    let mut client = server.client();
    for (framing, body) in [("Content-Length: 5", "hello"), ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")] {
        // What comes later than its head.
        client.send(post("/", framing, b""));
        client.assert_quiet(std::time::Duration::from_millis(20));
        assert_eq!(client.ask(body).summary(), "200 - taken: hello", "{framing}");
    }
}

#[test]
fn a_body_that_is_shorter_than_announced() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let whole =
        [with_length("/text", b"0123456789"), post("/text", "Transfer-Encoding: chunked", &chunked(b"0123456789", 4))];
    for request in whole {
        let head = request.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
        for end in head..request.len() {
            let mut client = server.client();
            client.send(&request[..end]).finish_sending();
            assert_eq!(
                client.answer().summary(),
                "400 close FW_ERR_INVALID_BODY",
                "{:?}",
                String::from_utf8_lossy(&request[..end])
            );
            client.assert_closed();
        }
    }
    assert_eq!(probe.count("handler"), 0, "a handler saw a body that was not whole");
}

#[test]
fn a_body_that_is_longer_than_announced() {
    let server = TestServer::start(app(&Probe::default()));
    let mut client = server.client();
    client.send(post("/text", "Content-Length: 3", b"abc\x01def\r\n\r\n"));
    assert_eq!(client.answer().summary(), "200 - abc");
    assert_eq!(client.answer().summary(), "400 close FW_ERR_BAD_REQUEST");
    client.assert_closed();
}

#[test]
fn malformed_chunks() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let extension = format!("1;{}\r\nx\r\n0\r\n\r\n", "a".repeat(5000));
    let extensions = format!("{}0\r\n\r\n", format!("1;{}\r\nx\r\n", "a".repeat(100)).repeat(50));
    let trailer = format!("0\r\na: {}\r\n\r\n", "a".repeat(10_000));
    let trailers = format!("0\r\n{}\r\n", format!("a: {}\r\n", "a".repeat(100)).repeat(100));
    let bodies = [
        "\r\n",
        "x\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "4\r\nhello\r\n0\r\n\r\n",
        "5\rhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\n\r\n",
        "5\r\nhello\r\n0\r\n\n",
        "5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        "5\r\nhello\r\n0\r\n: x\r\n\r\n",
        "5\r\nhello\r\n0\r\na : b\r\n\r\n",
        "5;\u{1}\r\nhello\r\n0\r\n\r\n",
        "5;a\nhello\r\n0\r\n\r\n",
        "0\r\n folded\r\n\r\n",
        "10000000000000000\r\n",
        "00000000000000005\r\nhello\r\n0\r\n\r\n",
        "5,5\r\nhello\r\n0\r\n\r\n",
        &extension,
        &extensions,
        &trailer,
        &trailers,
    ];
    for body in bodies {
        let request =
            [post("/text", "Transfer-Encoding: chunked", body.as_bytes()), with_length("/echo", b"")].concat();
        let mut client = server.client();
        client.send(&request);
        assert_eq!(client.answer().summary(), "400 close FW_ERR_INVALID_BODY", "{body:?}");
        client.assert_closed();
        // And one byte at a time, where the handler has begun to wait when the fault comes.
    }
    assert_eq!(probe.count("handler"), 0, "neither the malformed request nor what stood behind it was handled");
    block_on(async {
        let server = app(&probe).build().await.expect("a valid application");
        for body in bodies {
            let received = talk(&server, &post("/text", "Transfer-Encoding: chunked", body.as_bytes()), 1, 64).await;
            let summaries: Vec<_> = parse_all(&received, |_| false).iter().map(|answer| answer.summary()).collect();
            assert_eq!(summaries, ["400 close FW_ERR_INVALID_BODY"], "{body:?} byte by byte");
        }
    });
}

#[test]
fn extensions_and_trailers_within_their_bounds_are_skipped() {
    let server = TestServer::start(app(&Probe::default()));
    let extensions = format!("1;{}\r\nx\r\n1;{}\r\ny\r\n0\r\n\r\n", "a".repeat(2000), "b".repeat(1900));
    let trailers = format!("2\r\nxy\r\n0\r\n{}\r\n", format!("a: {}\r\n", "a".repeat(95)).repeat(70));
    let mut client = server.client();
    for body in [extensions, trailers] {
        assert_eq!(client.ask(post("/text", "Transfer-Encoding: chunked", body.as_bytes())).summary(), "200 - xy");
    }
}

#[test]
fn a_stream_that_breaks_off_does_not_look_complete() {
    let short = async || Body::from_reader(&b"short"[..], 10);
    let failing = async || {
        let reader = (&b"first"[..]).chain(Failing);
        Body::from_reader(reader, None)
    };
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).get("/short", short).get("/failing", failing));
    for (path, end) in [("/short", "\r\n\r\nshort"), ("/failing", "5\r\nfirst\r\n")] {
        let mut client = server.client();
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
        let received = String::from_utf8(client.read_to_end()).expect("ASCII");
        assert!(received.starts_with("HTTP/1.1 200 OK\r\n") && received.ends_with(end), "{received:?}");
    }
    assert_eq!(probe.count("handler"), 0, "what stood behind a broken answer was handled");
}

/// Fails at once.
struct Failing;

impl tokio::io::AsyncRead for Failing {
    fn poll_read(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        _: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Err(std::io::Error::other("on purpose")))
    }
}

#[test]
fn a_stream_never_has_more_than_it_announced() {
    let long = async || Body::from_reader(&b"0123456789"[..], 4);
    let server = TestServer::start(app(&Probe::default()).get("/long", long));
    let mut client = server.client();
    assert_eq!(client.ask("GET /long HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - 0123");
    assert_eq!(client.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - hello");
}

/// A handler may pass over the error. What follows a body without an end is no request all the same.
#[test]
fn nothing_is_read_behind_a_malformed_body() {
    let probe = Probe::default();
    let tolerant = async |mut body: Body| {
        while let Ok(Some(_)) = body.chunk().await {}
        "read"
    };
    let server = TestServer::start(app(&probe).post("/tolerant", tolerant));
    // Read again from where it failed, in the state in which it failed, this would be a chunk of five bytes and an end.
    let body = b"1\r\nx\r\n5;\x01\x02\x03\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut client = server.client();
    client.send(post("/tolerant", "Transfer-Encoding: chunked", body));
    assert_eq!(client.answer().summary(), "200 close read");
    client.assert_closed();
    assert_eq!(probe.count("handler /hello"), 0);
}
