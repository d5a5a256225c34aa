//! Errors: what a client reads, what stays in the log, and what a panic leaves intact.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{Code, Detail, ErrorFormat, InjectReply};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const JSON: &str = "application/json; charset=utf-8";
const INTERNAL: &str =
    r#"{"statusCode":500,"code":"FW_ERR_INTERNAL","error":"Internal Server Error","message":"Internal Server Error"}"#;
const PANIC: &str =
    r#"{"statusCode":500,"code":"FW_ERR_PANIC","error":"Internal Server Error","message":"Internal Server Error"}"#;

/// What the error that `make` makes is answered with.
async fn answer(make: impl Fn() -> Error + Send + Sync + 'static) -> InjectReply {
    let server = App::new().get("/", move || Err::<(), _>(make())).build().await.unwrap();
    server.inject(Inject::get("/")).await
}

fn detail(n: usize) -> Detail {
    Detail { part: "body", pointer: format!("/items/{n}"), keyword: "type", message: "must be integer".into() }
}

#[tokio::test]
async fn the_default_form_byte_for_byte() {
    type Make = fn() -> Error;
    let cases: [(Make, u16, &str); 14] = [
        (|| Error::new(418, "tea"), 418, r#"{"statusCode":418,"error":"I'm a teapot","message":"tea"}"#),
        (|| Error::bad_request("a"), 400, r#"{"statusCode":400,"error":"Bad Request","message":"a"}"#),
        (|| Error::unauthorized("a"), 401, r#"{"statusCode":401,"error":"Unauthorized","message":"a"}"#),
        (|| Error::forbidden("a"), 403, r#"{"statusCode":403,"error":"Forbidden","message":"a"}"#),
        (|| Error::not_found("a"), 404, r#"{"statusCode":404,"error":"Not Found","message":"a"}"#),
        (|| Error::conflict("a"), 409, r#"{"statusCode":409,"error":"Conflict","message":"a"}"#),
        (
            || Error::conflict("a").with_code("TAKEN"),
            409,
            r#"{"statusCode":409,"code":"TAKEN","error":"Conflict","message":"a"}"#,
        ),
        (
            || Error::conflict("a \"quote\", a \\ and a\nline\u{1}\t\u{7f}ä"),
            409,
            "{\"statusCode\":409,\"error\":\"Conflict\",\"message\":\"a \\\"quote\\\", a \\\\ and a\\nline\\u0001\\t\u{7f}ä\"}",
        ),
        (|| Error::internal("the password"), 500, INTERNAL),
        (
            || Error::new(500, "the password"),
            500,
            r#"{"statusCode":500,"error":"Internal Server Error","message":"Internal Server Error"}"#,
        ),
        (
            || Error::new(503, "the password").with_code("BUSY"),
            503,
            r#"{"statusCode":503,"code":"BUSY","error":"Service Unavailable","message":"Service Unavailable"}"#,
        ),
        (
            || Error::from_code(Code::HandlerTimeout),
            503,
            r#"{"statusCode":503,"code":"FW_ERR_HANDLER_TIMEOUT","error":"Service Unavailable","message":"The request took too long to process"}"#,
        ),
        // A status that nobody has registered.
        (|| Error::new(499, "a"), 499, r#"{"statusCode":499,"error":"Unknown","message":"a"}"#),
        (
            || Error::from_code(Code::Validation).with_message("body/items/3 must be integer").with_detail(detail(3)),
            400,
            r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"body/items/3 must be integer","details":[{"in":"body","pointer":"/items/3","keyword":"type","message":"must be integer"}]}"#,
        ),
    ];
    for (make, status, text) in cases {
        let reply = answer(make).await;
        reply.assert_status(status).assert_text(text).assert_header("content-type", JSON);
        // It is JSON, whatever the message holds.
        reply.json::<Value>();
    }
}

#[tokio::test]
async fn problem_details_where_they_are_wanted() {
    let app = App::new()
        .error_format(ErrorFormat::Problem)
        .get("/", || Err::<(), _>(Error::conflict("taken").with_code("TAKEN")))
        .get("/hidden", || Err::<(), _>(Error::new(502, "the password")))
        .get("/panic", || -> &'static str { panic!("the password") })
        .get("/users/{id}", |_: Path<u8>| ());
    let server = app.build().await.unwrap();
    for (path, status, text) in [
        ("/", 409, r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"taken","code":"TAKEN"}"#),
        ("/hidden", 502, r#"{"type":"about:blank","title":"Bad Gateway","status":502,"detail":"Bad Gateway"}"#),
        (
            "/panic",
            500,
            r#"{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"Internal Server Error","code":"FW_ERR_PANIC"}"#,
        ),
        (
            "/nowhere",
            404,
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"Route GET:/nowhere not found","code":"FW_ERR_NOT_FOUND"}"#,
        ),
        (
            "/users/x",
            400,
            r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"params/id must be integer","code":"FW_ERR_VALIDATION","details":[{"in":"params","pointer":"/id","keyword":"type","message":"must be integer"}]}"#,
        ),
    ] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(status).assert_text(text).assert_header("content-type", "application/problem+json");
    }
    // What never became a request is answered in the same form.
    let reply = server.inject(Inject::get("/").header("host", "a b")).await;
    reply.assert_status(400).assert_header("content-type", "application/problem+json");
    assert_eq!(reply.json::<Value>()["code"], "FW_ERR_INVALID_HOST");
}

#[tokio::test]
async fn at_most_sixteen_details_leave() {
    let reply =
        answer(|| (0..100).fold(Error::from_code(Code::Validation), |error, n| error.with_detail(detail(n)))).await;
    let body: Value = reply.json();
    let details = body["details"].as_array().unwrap();
    // The first ones, in the order of the document.
    let pointers: Vec<&str> = details.iter().map(|detail| detail["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, (0..16).map(|n| format!("/items/{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn headers_of_errors() {
    let make = || {
        Error::new(429, "slow down")
            .with_header("retry-after", "5")
            .with_header("set-cookie", "a=1")
            .with_header("set-cookie", "b=2")
    };
    let reply = answer(make).await;
    reply.assert_status(429).assert_header("retry-after", "5");
    assert_eq!(reply.headers().filter(|(name, _)| *name == "set-cookie").count(), 2);
}

/// An error of an application's own.
#[derive(Debug)]
struct Own {
    status: u16,
    code: Option<String>,
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its own words")
    }
}

impl StdError for Own {}

impl HttpError for Own {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap()
    }

    fn code(&self) -> Option<Cow<'static, str>> {
        self.code.clone().map(Cow::Owned)
    }
}

#[tokio::test]
async fn an_error_of_ones_own_through_the_question_mark() {
    let handler = async |Path((status, code)): Path<(u16, String)>| -> Result<()> {
        Err(Own { status, code: (code != "-").then_some(code) })?;
        Ok(())
    };
    let server = App::new().get("/{status}/{code}", handler).build().await.unwrap();
    for (path, status, text) in [
        ("/409/-", 409, r#"{"statusCode":409,"error":"Conflict","message":"its own words"}"#),
        (
            "/422/OWN",
            422,
            r#"{"statusCode":422,"code":"OWN","error":"Unprocessable Entity","message":"its own words"}"#,
        ),
        ("/500/-", 500, INTERNAL),
        (
            "/503/OWN",
            503,
            r#"{"statusCode":503,"code":"OWN","error":"Service Unavailable","message":"Service Unavailable"}"#,
        ),
        // What is no error status is a fault of the application.
        ("/200/-", 500, INTERNAL),
        ("/302/-", 500, INTERNAL),
        ("/600/-", 500, INTERNAL),
        ("/999/-", 500, INTERNAL),
    ] {
        server.inject(Inject::get(path)).await.assert_status(status).assert_text(text);
    }
    // Without a `Result` of fastweb's own.
    let server = App::new().get("/", || Err::<(), _>(Own { status: 410, code: None })).build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_status(410);
}

#[tokio::test]
async fn statuses_outside_400_to_599_become_500() {
    for status in [0_u16, 99, 100, 200, 204, 302, 399, 600, 999, 1000, u16::MAX] {
        assert_eq!(Error::new(status, "x").status(), 500, "{status}");
        answer(move || Error::new(status, "x")).await.assert_status(500);
    }
    for status in [400_u16, 418, 499, 500, 599] {
        answer(move || Error::new(status, "x")).await.assert_status(status);
    }
}

#[tokio::test]
async fn errors_of_std_are_faults_of_the_application() {
    let app = App::new()
        .get("/int", || -> Result<()> { Err("secret".parse::<i32>().unwrap_err())? })
        .get("/float", || -> Result<()> { Err("secret".parse::<f64>().unwrap_err())? })
        .get("/bool", async || -> Result<()> { Err("secret".parse::<bool>().unwrap_err())? })
        .get("/io", async || -> Result<()> { Err(std::io::Error::other("secret"))? })
        .get("/utf8", || -> Result<()> { Err(String::from_utf8(vec![0xff]).unwrap_err())? })
        .get("/json", || -> Result<()> { Ok(serde_json::from_str("secret")?) })
        .get("/elapsed", async || -> Result<()> {
            Ok(tokio::time::timeout(Duration::ZERO, std::future::pending()).await?)
        })
        .get("/join", async || -> Result<()> { Ok(tokio::spawn(async { panic!("secret") }).await?) });
    let server = app.build().await.unwrap();
    for path in ["/int", "/float", "/bool", "/io", "/utf8", "/json", "/elapsed", "/join"] {
        server.inject(Inject::get(path)).await.assert_status(500).assert_text(INTERNAL);
    }
}

#[test]
fn errors_are_errors_of_std() {
    fn boxed(error: Error) -> Result<(), Box<dyn StdError + Send + Sync>> {
        Err(error)?
    }
    fn assert_error<T: StdError + Send + Sync + 'static>() {}
    assert_error::<Error>();
    let error = Error::conflict("taken").with_source(std::io::Error::other("the cause"));
    assert_eq!(error.source().unwrap().to_string(), "the cause");
    let boxed = boxed(error).unwrap_err();
    assert_eq!(boxed.to_string(), "taken");
    assert_eq!(boxed.downcast_ref::<Error>().unwrap().status(), 409);
    let own = Error::from(Own { status: 409, code: None });
    assert!(own.source().is_some_and(|source| source.is::<Own>()));
    // What is logged tells all of it.
    let logged = format!("{:?}", Error::from(std::io::Error::other("the cause")));
    assert!(logged.contains("the cause") && logged.contains("FW_ERR_INTERNAL"), "{logged}");
}

#[tokio::test]
async fn the_error_handler_answers_for_every_error() {
    let page = async |req: &mut Request, error: Error| {
        tokio::task::yield_now().await;
        let text = format!("{} {:?} {error}", req.path(), error.code());
        (error.status(), [("x-handled", "app")], text)
    };
    let by_route = |_: &mut Request, error: Error| Json(error.status().as_u16());
    let app = App::new()
        .error_handler(page)
        .get("/error", || Err::<(), _>(Error::internal("the handler may see it").with_header("x-own", "1")))
        .get("/panic", || -> &'static str { panic!("oh") })
        .post("/body", async |_: Bytes| ())
        .get("/users/{id}", |_: Path<u8>| ())
        .route(get("/route", || Err::<(), _>(Error::conflict("taken"))).error_handler(by_route));
    let server = app.build().await.unwrap();
    for (request, status, text) in [
        (Inject::get("/error"), 500, r#"/error Some("FW_ERR_INTERNAL") the handler may see it"#),
        (Inject::get("/panic"), 500, r#"/panic Some("FW_ERR_PANIC") panicked: oh"#),
        (Inject::get("/users/x"), 400, r#"/users/x Some("FW_ERR_VALIDATION") params/id must be integer"#),
        (Inject::get("/missing"), 404, r#"/missing Some("FW_ERR_NOT_FOUND") Route GET:/missing not found"#),
        (
            Inject::post("/body").body(vec![0; 2 << 20]),
            413,
            r#"/body Some("FW_ERR_BODY_TOO_LARGE") The request body is larger than 1048576 bytes"#,
        ),
    ] {
        let reply = server.inject(request).await;
        reply.assert_status(status).assert_text(text).assert_header("x-handled", "app");
        reply.assert_header("content-type", "text/plain; charset=utf-8");
    }
    server.inject(Inject::get("/error")).await.assert_header("x-own", "1");
    server.inject(Inject::post("/users/1")).await.assert_status(405).assert_header("allow", "GET, HEAD, OPTIONS");
    // The route's own takes the place of the application's; it says nothing of a status, so the error's stays.
    let reply = server.inject(Inject::get("/route")).await;
    reply.assert_status(409).assert_text("409").assert_header("content-type", JSON);
    assert_eq!(reply.header("x-handled"), None);
}

#[tokio::test]
async fn an_error_handler_may_look_and_leave_the_answer_as_it_is() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = {
        let seen = seen.clone();
        move |_: &mut Request, error: Error| -> Result<()> {
            seen.fetch_add(1, Ordering::Relaxed);
            Err(error)
        }
    };
    let handler = || Err::<(), _>(Error::conflict("taken").with_header("x-a", "1"));
    let server = App::new().error_handler(count).get("/", handler).build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    reply.assert_status(409).assert_text(r#"{"statusCode":409,"error":"Conflict","message":"taken"}"#);
    assert_eq!(reply.headers().filter(|(name, _)| *name == "x-a").count(), 1);
    assert_eq!(seen.load(Ordering::Relaxed), 1, "its own error is not handed to it again");
}

#[tokio::test]
async fn an_error_handler_that_fails_is_answered_for() {
    let failing = |handler: App| {
        handler.on_request(|_: &mut Request, reply: &mut Reply| drop(reply.set_header("x-hook", "1").send("unused")))
    };
    let apps = [
        App::new().error_handler(|_: &mut Request, _: Error| -> Result<()> { Err(Error::new(502, "the password")) }),
        App::new().error_handler(|_: &mut Request, _: Error| -> &'static str { panic!("the password") }),
        App::new().error_handler(async |_: &mut Request, _: Error| -> &'static str {
            tokio::task::yield_now().await;
            panic!("the password")
        }),
    ];
    for (app, status) in apps.into_iter().zip([502, 500, 500]) {
        let sent = Arc::new(AtomicUsize::new(0));
        let count = {
            let sent = sent.clone();
            move |_: &mut Request, _: &mut Reply| {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        };
        let server =
            failing(app).on_send(count).get("/", || Err::<(), _>(Error::conflict("taken"))).build().await.unwrap();
        let reply = server.inject(Inject::get("/")).await;
        reply.assert_status(status).assert_header("x-hook", "1").assert_header("content-type", JSON);
        assert!(!reply.text().contains("password"), "{}", reply.text());
        if status == 500 {
            reply.assert_text(PANIC);
        }
        assert_eq!(sent.load(Ordering::Relaxed), 1, "on_send sees this answer too");
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("in drop");
        }
    }
}

fn panicking_app() -> App {
    App::new()
        .get("/sync", || -> &'static str { panic!("in a handler") })
        .get("/async", async || -> &'static str { panic!("before an await") })
        .get("/later", async || -> &'static str {
            tokio::task::yield_now().await;
            std::panic::panic_any(7)
        })
        .get("/drop", async || {
            let _bomb = Bomb;
            tokio::task::yield_now().await;
            "the answer of a future that panics while it is dropped"
        })
        .get("/serialise", || {
            struct Panics;
            impl serde::Serialize for Panics {
                fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                    panic!("in serialize")
                }
            }
            Json(Panics)
        })
        .get("/reply", || -> PanicsInReply { PanicsInReply })
        .route(get("/hook", "x").on_request(|_: &mut Request| -> Result<()> { panic!("in a hook") }))
        .route(get("/async-hook", "x").pre_handler(async |_: &mut Request| -> Result<()> {
            tokio::task::yield_now().await;
            panic!("in a hook")
        }))
        .get("/extract", |_: PanicsInExtract| ())
        .get("/fine", "fine")
}

struct PanicsInReply;

impl IntoReply for PanicsInReply {
    fn into_reply(self, _: &mut Reply) -> Result<()> {
        panic!("in into_reply")
    }
}

struct PanicsInExtract;

impl Extract for PanicsInExtract {
    type Bound = ();

    fn bind(_: &mut fastweb::BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), _: &mut Request) -> Result<Self> {
        panic!("in extract")
    }
}

const PANICS: [&str; 9] =
    ["/sync", "/async", "/later", "/drop", "/serialise", "/reply", "/hook", "/async-hook", "/extract"];

#[tokio::test]
async fn a_panic_is_500_and_nothing_else() {
    let server = panicking_app().build().await.unwrap();
    for path in PANICS {
        for _ in 0..2 {
            let reply = server.inject(Inject::get(path)).await;
            assert_eq!((reply.status().as_u16(), reply.text()), (500, PANIC), "{path}");
            server.inject_local(Inject::get(path)).await.assert_status(500).assert_text(PANIC);
        }
        server.inject(Inject::get("/fine")).await.assert_status(200).assert_text("fine");
    }
}

/// The same connection goes on, and so do the others of its worker.
#[tokio::test]
async fn a_panic_does_not_end_its_connection() {
    let server = panicking_app().workers(1).build().await.unwrap();
    let listening = server.bind("127.0.0.1:0").unwrap();
    let (address, stop) = (listening.local_addr(), listening.shutdown_handle());
    let running = tokio::spawn(listening.serve());
    let talk = async {
        let mut other = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        for path in PANICS {
            let requests = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\nGET /fine HTTP/1.1\r\nhost: x\r\n\r\n");
            stream.write_all(requests.as_bytes()).await.unwrap();
            let answers = read_until(&mut stream, "\r\n\r\nfine").await;
            assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{path}: {answers}");
            assert!(answers.starts_with("HTTP/1.1 500 ") && answers.contains(PANIC), "{path}: {answers}");
        }
        other.write_all(b"GET /fine HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        read_until(&mut other, "\r\n\r\nfine").await;
    };
    tokio::time::timeout(Duration::from_secs(10), talk).await.expect("answers in time");
    stop.shutdown();
    tokio::time::timeout(Duration::from_secs(10), running).await.expect("an end in time").unwrap().unwrap();
}

async fn read_until(stream: &mut tokio::net::TcpStream, end: &str) -> String {
    let mut received = Vec::new();
    while !received.ends_with(end.as_bytes()) {
        let n = stream.read_buf(&mut received).await.unwrap();
        assert_ne!(n, 0, "the connection ended after {:?}", String::from_utf8_lossy(&received));
    }
    String::from_utf8(received).unwrap()
}

/// A future that is dropped before its end, because the client is gone, may panic there as well.
#[tokio::test]
async fn a_panic_in_a_future_that_is_given_up() {
    let server = App::new()
        .limits(Limits::default().with_handler_timeout(Duration::ZERO))
        .get("/", async || {
            let _bomb = Bomb;
            std::future::pending::<()>().await;
        })
        .get("/fine", "fine")
        .build()
        .await
        .unwrap();
    server.inject(Inject::get("/")).await.assert_status(503);
    server.inject(Inject::get("/fine")).await.assert_status(200);
}

/// A body is sent behind its head: a panic of the reader that it comes from can only break it off.
#[tokio::test]
async fn a_panic_in_the_body_of_a_reply() {
    struct Panics;
    impl tokio::io::AsyncRead for Panics {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            panic!("in poll_read")
        }
    }
    let body = || Body::from_reader(tokio::io::AsyncReadExt::chain(&b"begun"[..], Panics), None);
    let server = App::new().get("/", body).get("/fine", "fine").build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    assert!(reply.is_broken(), "{reply:?}");
    reply.assert_text("begun");
    server.inject(Inject::get("/fine")).await.assert_status(200);
}

/// The request is answered by then: only what is behind it could be hurt.
#[tokio::test]
async fn a_value_that_panics_while_it_is_dropped_hurts_no_other_request() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }
    let attach = |req: &mut Request| {
        req.extensions_mut().insert(1_u32);
        req.extensions_mut().insert(Bomb);
        req.extensions_mut().insert("last");
    };
    let app = App::new().route(get("/bomb", "bomb").on_request(attach)).get("/fine", |req: &mut Request| {
        assert!(req.extensions().get::<u32>().is_none(), "a value of another request");
        "fine"
    });
    let server = app.build().await.unwrap();
    let (mut client, io) = tokio::io::duplex(1024);
    let talk = async {
        let requests =
            "GET /bomb HTTP/1.1\r\nhost: x\r\n\r\nGET /fine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        client.write_all(requests.as_bytes()).await.unwrap();
        let mut answers = String::new();
        client.read_to_string(&mut answers).await.unwrap();
        answers
    };
    let ((), answers) = tokio::join!(server.serve_connection(io), talk);
    assert!(answers.contains("\r\n\r\nbombHTTP/1.1 200 OK") && answers.ends_with("\r\n\r\nfine"), "{answers}");
}
