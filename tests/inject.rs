//! `inject`: from every kind of runtime and from none, and answers made for assertions.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use fastweb::prelude::*;
use fastweb::{InjectReply, RawJson};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

async fn server() -> Server {
    App::new()
        .get("/", "hello")
        .get("/thread", || std::thread::current().name().unwrap_or("none").to_owned())
        .get("/sleep/{ms}", async |Path(ms): Path<u64>| {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            ms.to_string()
        })
        .post("/echo", async |body: Body| body)
        .post("/bytes", async |body: Bytes| body)
        .post("/json", async |Json(value): Json<Value>| Json(value))
        .get("/headers", |headers: Headers| {
            let text = |(name, value): (&str, &[u8])| format!("{name}: {}", String::from_utf8_lossy(value));
            headers.iter().map(text).collect::<Vec<_>>().join("\n")
        })
        .build()
        .await
        .unwrap()
}

/// Polls a future to its end on this thread, without a runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    let begun = Instant::now();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "no answer in time");
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

#[test]
fn without_any_runtime() {
    // Building needs none either.
    let server = block_on(server());
    block_on(server.inject(Inject::get("/"))).assert_status(200).assert_text("hello");
    // A handler that needs a runtime has one all the same: the worker's.
    block_on(server.inject(Inject::get("/sleep/5"))).assert_text("5");
    block_on(server.inject(Inject::get("/thread"))).assert_text("fastweb-inject");
}

#[test]
fn in_a_runtime_of_one_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        // This runtime has neither timers nor I/O.
        let server = server().await;
        server.inject(Inject::get("/sleep/5")).await.assert_status(200).assert_text("5");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_runtime_of_many_threads() {
    let server = Arc::new(server().await);
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let server = server.clone();
            tokio::spawn(async move { server.inject(Inject::get(format!("/sleep/{n}"))).await.text().to_owned() })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap(), n.to_string());
    }
}

#[tokio::test]
async fn in_the_callers_own_task() {
    let server = server().await;
    server.inject_local(Inject::get("/")).await.assert_status(200).assert_text("hello");
    let name = std::thread::current().name().unwrap().to_owned();
    server.inject_local(Inject::get("/thread")).await.assert_text(&name);
    server.inject_local(Inject::get("/sleep/5")).await.assert_text("5");
    // Handlers see what is the caller's, and the caller may hold what is not `Send`.
    let not_send = std::rc::Rc::new(1);
    server.inject_local(Inject::get("/")).await.assert_status(200);
    assert_eq!(*not_send, 1);
}

#[test]
fn in_the_callers_own_task_of_a_runtime_of_many_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let reply = runtime.block_on(async { server().await.inject_local(Inject::get("/sleep/5")).await });
    reply.assert_text("5");
}

#[tokio::test]
async fn requests_run_side_by_side() {
    let server = server().await;
    let begun = Instant::now();
    let slow = || server.inject(Inject::get("/sleep/100"));
    let all = tokio::join!(slow(), slow(), slow(), slow(), slow(), slow(), slow(), slow(), slow(), slow());
    all.9.assert_text("100");
    assert!(begun.elapsed() < Duration::from_millis(600), "{:?}: ten requests waited for each other", begun.elapsed());

    let slow = || server.inject_local(Inject::get("/sleep/100"));
    let begun = Instant::now();
    let all = tokio::join!(slow(), slow(), slow(), slow(), slow());
    all.4.assert_text("100");
    assert!(begun.elapsed() < Duration::from_millis(400), "{:?}", begun.elapsed());
}

#[test]
fn from_many_threads_at_once() {
    let server = block_on(server());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let server = &server;
            scope.spawn(move || {
                for n in 0..20 {
                    let text = format!("{thread} {n}");
                    block_on(server.inject(Inject::post("/echo").body(text.clone()))).assert_text(&text);
                }
            });
        }
    });
}

#[test]
fn what_may_go_to_other_threads() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Server>();
    assert_send_sync::<Inject>();
    assert_send_sync::<InjectReply>();
    let server = block_on(server());
    assert_send(&server.inject(Inject::get("/")));
    assert_send(&App::new().get("/", "x").build());
    assert_send(&App::new().listen("127.0.0.1:0"));
}

#[tokio::test]
async fn an_injection_that_is_given_up_harms_no_other() {
    let server = server().await;
    {
        let mut abandoned = pin!(server.inject(Inject::get("/sleep/50")));
        let _ = abandoned.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    server.inject(Inject::get("/")).await.assert_text("hello");
    let given_up =
        tokio::time::timeout(Duration::from_millis(5), server.inject_local(Inject::get("/sleep/5000"))).await;
    assert!(given_up.is_err());
    server.inject_local(Inject::get("/")).await.assert_text("hello");
}

#[tokio::test]
async fn requests_of_every_method_with_headers_and_bodies() {
    let server = App::new()
        .not_found(async |req: &mut Request, body: Bytes| {
            format!("{} {} {:?} {}", req.method(), req.target(), req.header("x-a"), String::from_utf8_lossy(&body))
        })
        .build()
        .await
        .unwrap();
    for (request, expected) in [
        (Inject::get("/a?b=c"), "GET /a?b=c None "),
        (Inject::post("/").header("X-A", "1").body("body"), r#"POST / Some("1") body"#),
        (Inject::put("/").body(vec![b'x'; 3]), "PUT / None xxx"),
        (Inject::patch("/").json(&json!({ "a": 1 })), r#"PATCH / None {"a":1}"#),
        (Inject::delete("/"), "DELETE / None "),
        (Inject::options("/"), "OPTIONS / None "),
        (Inject::new("PROPFIND", "/").header("x-a", b"\xff"), "PROPFIND / None "),
    ] {
        server.inject(request).await.assert_status(200).assert_text(expected);
    }
    server.inject(Inject::head("/")).await.assert_status(200).assert_text("").assert_header("content-length", "12");
}

#[tokio::test]
async fn headers_that_are_added_are_none_that_were_given() {
    let server = server().await;
    server.inject(Inject::get("/headers")).await.assert_text("host: localhost");
    let own = Inject::get("/headers").header("Host", "example.com").header("content-length", "0");
    server.inject(own).await.assert_text("Host: example.com\ncontent-length: 0");
    let reply = server.inject(Inject::post("/json").json(&[1])).await;
    reply.assert_text("[1]");
}

#[tokio::test]
async fn chunked_bodies() {
    let server = server().await;
    for path in ["/echo", "/bytes"] {
        let request = Inject::post(path).header("transfer-encoding", "chunked");
        server
            .inject(request.clone().body("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\ntrailer: 1\r\n\r\n"))
            .await
            .assert_text("abcde");
        server.inject(request.body("0\r\n\r\n")).await.assert_status(200).assert_text("");
    }
    // Larger than any buffer on the way.
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let body = format!("{}0\r\n\r\n", chunk.repeat(5));
    let reply = server.inject(Inject::post("/echo").header("transfer-encoding", "chunked").body(body)).await;
    assert_eq!((reply.body().len(), reply.is_broken()), (5 * 0x10000, false));
}

#[tokio::test]
async fn broken_requests_are_answered_as_from_the_network() {
    let server = server().await;
    let code = |reply: &InjectReply| reply.json::<Value>()["code"].as_str().unwrap().to_owned();
    for (request, status, expected) in [
        (Inject::post("/bytes").header("content-length", "10").body("short"), 400, "FW_ERR_INVALID_BODY"),
        (Inject::post("/bytes").header("transfer-encoding", "chunked").body("5\r\nshort"), 400, "FW_ERR_INVALID_BODY"),
        (Inject::post("/bytes").header("transfer-encoding", "chunked").body("x\r\n"), 400, "FW_ERR_INVALID_BODY"),
        (Inject::post("/bytes").header("transfer-encoding", "gzip").body("x"), 400, "FW_ERR_INVALID_FRAMING"),
        (Inject::post("/bytes").header("content-length", "+1").body("x"), 400, "FW_ERR_INVALID_FRAMING"),
        (Inject::get("/").header("bad name", "x"), 400, "FW_ERR_BAD_REQUEST"),
        (Inject::get("/").header("x-a", "1\r\n\r\n"), 200, ""),
        (Inject::get("no-slash"), 400, "FW_ERR_BAD_URL"),
        (Inject::get(""), 400, "FW_ERR_BAD_REQUEST"),
        (Inject::get("/ blank"), 400, "FW_ERR_BAD_REQUEST"),
        (Inject::get("/ HTTP/3.0 blank"), 505, "FW_ERR_HTTP_VERSION"),
        (Inject::new("BAD METHOD", "/"), 400, "FW_ERR_BAD_REQUEST"),
        (Inject::get("/").header("host", "a b"), 400, "FW_ERR_INVALID_HOST"),
        (Inject::get(format!("/{}", "x".repeat(9000))), 414, "FW_ERR_URI_TOO_LONG"),
        (Inject::get("/").header("x-a", "x".repeat(20_000)), 431, "FW_ERR_HEAD_TOO_LARGE"),
        (Inject::post("/bytes").body(vec![0; 3 << 20]), 413, "FW_ERR_BODY_TOO_LARGE"),
    ] {
        let shown = format!("{request:?}").chars().take(120).collect::<String>();
        for reply in [server.inject(request.clone()).await, server.inject_local(request).await] {
            assert_eq!(reply.status(), status, "{shown}: {}", reply.text());
            if status != 200 {
                assert_eq!(code(&reply), expected, "{shown}");
            }
            assert!(!reply.is_broken(), "{shown}");
        }
    }
}

/// Gives some bytes, then fails.
struct Breaks(&'static [u8]);

impl AsyncRead for Breaks {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Ready(Err(io::Error::other("the disk is gone")));
        }
        buf.put_slice(std::mem::take(&mut self.0));
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_told() {
    let server = App::new()
        .get("/chunked", || Body::from_reader(Breaks(b"begun"), None))
        .get("/known", || Body::from_reader(Breaks(b"begun"), 100))
        .get("/chunked-nothing", || Body::from_reader(Breaks(b""), None))
        .get("/known-nothing", || Body::from_reader(Breaks(b""), 100))
        .get("/whole", || Body::from_reader(&b"whole"[..], None))
        .get("/late", || Body::from_reader(tokio::io::repeat(b'x').take(200_000).chain(Breaks(b"")), None))
        .build()
        .await
        .unwrap();
    for (path, text) in [("/chunked", "begun"), ("/known", "begun"), ("/chunked-nothing", ""), ("/known-nothing", "")] {
        let reply = server.inject(Inject::get(path)).await;
        assert!(reply.is_broken(), "{path}: {reply:?}");
        reply.assert_text(text);
    }
    let reply = server.inject(Inject::get("/late")).await;
    assert!(reply.is_broken() && reply.body().len() == 200_000, "{}", reply.body().len());
    assert!(!server.inject(Inject::get("/whole")).await.is_broken());
    // The answer to HEAD has no body, and that is all of it.
    for path in ["/chunked", "/known"] {
        assert!(!server.inject(Inject::head(path)).await.is_broken(), "{path}");
    }
}

#[tokio::test]
async fn an_answer_for_assertions() {
    let server = App::new()
        .get("/", || (StatusCode::CREATED, [("X-A", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2")], Json([1, 2])))
        .get("/raw", || -> RawJson { Json::raw(r#"{"a":"b"}"#) })
        .get("/bytes", || b"\xff".to_vec())
        .build()
        .await
        .unwrap();
    let reply = server.inject(Inject::get("/")).await;
    assert_eq!(reply.status(), StatusCode::CREATED);
    assert_eq!((reply.header("x-a"), reply.header("X-A"), reply.header("x-none")), (Some("1"), Some("1"), None));
    let cookies: Vec<&str> =
        reply.headers().filter(|(name, _)| *name == "set-cookie").map(|(_, value)| value).collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!((reply.text(), reply.body()), ("[1,2]", &b"[1,2]"[..]));
    assert_eq!(reply.json::<Vec<u8>>(), [1, 2]);
    reply.assert_status(201).assert_header("x-a", "1").assert_text("[1,2]");
    assert_eq!(server.inject(Inject::get("/raw")).await.json::<Value>(), json!({ "a": "b" }));
    let reply = server.inject(Inject::get("/bytes")).await;
    assert_eq!((reply.body(), reply.text()), (&b"\xff"[..], "(the body is no UTF-8)"));
}

/// What a failed assertion says, and that it blames the line of the test.
#[test]
fn assertions_say_what_they_met() {
    let server = block_on(App::new().get("/", (StatusCode::CREATED, [("x-a", "1")], "hello")).build()).unwrap();
    let reply = block_on(server.inject(Inject::get("/")));
    let fails = |assertion: fn(&InjectReply) -> &InjectReply| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| assertion(&reply))).expect_err("it fails");
        panic.downcast_ref::<String>().expect("a message").clone()
    };
    let message = fails(|reply| reply.assert_status(200));
    assert!(message.contains("201") && message.contains("200") && message.contains("\"hello\""), "{message}");
    let message = fails(|reply| reply.assert_header("x-a", "2"));
    assert!(message.contains("x-a") && message.contains("\"1\"") && message.contains("\"2\""), "{message}");
    assert!(message.contains("content-type"), "all headers are shown: {message}");
    let message = fails(|reply| reply.assert_header("x-none", "2"));
    assert!(message.contains("None"), "{message}");
    let message = fails(|reply| reply.assert_text("bye"));
    assert!(message.contains("\"hello\"") && message.contains("\"bye\"") && message.contains("201"), "{message}");
    let message = fails(|reply| {
        reply.json::<Value>();
        reply
    });
    assert!(message.contains("hello") && message.contains("201"), "{message}");
}

#[test]
fn assertions_blame_the_test() {
    let server = block_on(App::new().get("/", "hello").build()).unwrap();
    let reply = block_on(server.inject(Inject::get("/")));
    let place = Arc::new(std::sync::Mutex::new(String::new()));
    let before = std::panic::take_hook();
    let noted = place.clone();
    let this = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == this {
            *noted.lock().unwrap() = info.location().map(ToString::to_string).unwrap_or_default();
        }
    }));
    let line = line!() + 1;
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reply.assert_status(404).status()));
    std::panic::set_hook(before);
    assert!(place.lock().unwrap().starts_with(&format!("tests/inject.rs:{line}:")), "{place:?} is not line {line}");
}

mod dispatched {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_request_of_the_application_to_itself_goes_the_way_of_every_request() {
        let seen = Arc::new(AtomicUsize::new(0));
        let count = seen.clone();
        let outer = async |req: &mut Request| -> Result<String> {
            let key = req.header("x-key").unwrap_or("-").to_owned();
            let reply = Inject::post("/inner").header("x-key", key).body("words").dispatch(1000).await?;
            Ok(format!("{} {}", reply.status(), reply.text()))
        };
        let app = App::new()
            .on_request(move |_: &mut Request| {
                count.fetch_add(1, Ordering::SeqCst);
            })
            .get("/outer", outer)
            .route(post("/inner", |text: String, req: &mut Request| -> Result<String> {
                let key = req.header("x-key").filter(|key| *key == "k");
                key.map(|key| format!("{key} {text}")).ok_or_else(|| Error::unauthorized("no key"))
            }));
        let server = app.build().await.expect("it can be built");
        server.inject(Inject::get("/outer").header("x-key", "k")).await.assert_text("200 OK k words");
        assert!(server.inject(Inject::get("/outer")).await.text().starts_with("401 "));
        assert_eq!(seen.load(Ordering::SeqCst), 4, "hooks run for both");
    }

    #[tokio::test]
    async fn an_answer_beyond_the_limit_is_broken_and_its_source_is_dropped() {
        let outer = async || -> Result<String> {
            let reply = Inject::get("/endless").dispatch(50_000).await?;
            Ok(format!("{} {}", reply.is_broken(), reply.body().len() < 50_000))
        };
        let endless = || {
            Body::from_fn(async |out| {
                loop {
                    out.send(vec![b'x'; 5000]).await;
                }
            })
        };
        let server = App::new().get("/outer", outer).get("/endless", endless).build().await.expect("it can be built");
        server.inject(Inject::get("/outer")).await.assert_text("true true");
    }

    #[tokio::test]
    async fn one_that_nobody_waits_for_any_more_is_aborted() {
        let aborted = Arc::new(AtomicUsize::new(0));
        let count = aborted.clone();
        let outer = async || {
            let inner = Inject::get("/pending").dispatch(1000);
            tokio::time::timeout(Duration::from_millis(50), inner).await.is_err().to_string()
        };
        let app = App::new()
            .on_request_abort(move |_: &mut Request| {
                count.fetch_add(1, Ordering::SeqCst);
            })
            .get("/outer", outer)
            .get("/pending", async || std::future::pending::<&str>().await);
        let server = app.build().await.expect("it can be built");
        server.inject(Inject::get("/outer")).await.assert_text("true");
        let began = std::time::Instant::now();
        while aborted.load(Ordering::SeqCst) == 0 && began.elapsed() < Duration::from_secs(20) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(aborted.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn elsewhere_there_is_no_application_to_be_asked() {
        let error = Inject::get("/").dispatch(1000).await.expect_err("this is a test's thread");
        assert!(error.to_string().contains("outside of its workers"), "{error}");
    }
}
