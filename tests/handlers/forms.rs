//! Every form of handler: sync and async, functions and closures, arguments in any number and order.

use fastweb::prelude::*;
use fastweb::{BindCx, RequestId, Version};

/// The `N`th header of the request named `n`: an argument of which there may be many.
struct Nth<const N: usize>(usize);

impl<const N: usize> Extract for Nth<N> {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let value = req
            .headers()
            .filter(|(name, _)| *name == "n")
            .nth(N)
            .and_then(|(_, value)| std::str::from_utf8(value).ok());
        value.and_then(|value| value.parse().ok()).map(Self).ok_or_else(|| Error::bad_request(format!("no {N}")))
    }
}

fn numbered(path: &str) -> Inject {
    (0..8).fold(Inject::get(path), |request, n| request.header("n", (n * 11).to_string()))
}

async fn assert_all(app: App, expected: &str, paths: &[&str]) {
    let server = app.build().await.unwrap();
    for path in paths {
        server.inject(numbered(path)).await.assert_status(200).assert_text(expected);
    }
}

/// Handlers that take the first extractors, as a sync function, an async function, a sync closure and an async closure.
macro_rules! arities {
    ($test:ident: $($n:literal $a:ident),*) => {
        #[tokio::test]
        async fn $test() {
            #[allow(clippy::too_many_arguments)]
            fn sync($(Nth($a): Nth<$n>),*) -> String {
                format!("{:?}", [$($a),*] as [usize; _])
            }
            #[allow(clippy::too_many_arguments)]
            async fn asynchronous($(Nth($a): Nth<$n>),*) -> String {
                tokio::task::yield_now().await;
                format!("{:?}", [$($a),*] as [usize; _])
            }
            let app = App::new()
                .get("/sync", sync)
                .get("/async", asynchronous)
                .get("/sync-closure", |$($a: Nth<$n>),*| format!("{:?}", [$($a.0),*] as [usize; _]))
                .get("/async-closure", async |$($a: Nth<$n>),*| format!("{:?}", [$($a.0),*] as [usize; _]));
            let expected = format!("{:?}", [$($n * 11),*] as [usize; _]);
            assert_all(app, &expected, &["/sync", "/async", "/sync-closure", "/async-closure"]).await;
        }
    };
}

arities!(no_argument:);
arities!(one_argument: 0 a);
arities!(two_arguments: 0 a, 1 b);
arities!(three_arguments: 0 a, 1 b, 2 c);
arities!(four_arguments: 0 a, 1 b, 2 c, 3 d);
arities!(five_arguments: 0 a, 1 b, 2 c, 3 d, 4 e);
arities!(six_arguments: 0 a, 1 b, 2 c, 3 d, 4 e, 5 f);
arities!(seven_arguments: 0 a, 1 b, 2 c, 3 d, 4 e, 5 f, 6 g);
arities!(eight_arguments: 0 a, 1 b, 2 c, 3 d, 4 e, 5 f, 6 g, 7 h);

/// Handlers with `&mut Request` behind `$a` and before `$b`.
macro_rules! with_request {
    ($app:expr, $path:literal, [$($n:literal $a:ident),*], [$($m:literal $b:ident),*]) => {{
        fn sync($(Nth($a): Nth<$n>,)* req: &mut Request $(, Nth($b): Nth<$m>)*) -> String {
            format!("{} {:?}", req.query().unwrap_or("-"), [$($a,)* $($b),*] as [usize; _])
        }
        async fn asynchronous($(Nth($a): Nth<$n>,)* req: &mut Request $(, Nth($b): Nth<$m>)*) -> String {
            tokio::task::yield_now().await;
            format!("{} {:?}", req.query().unwrap_or("-"), [$($a,)* $($b),*] as [usize; _])
        }
        $app.get(concat!($path, "/sync"), sync)
            .get(concat!($path, "/async"), asynchronous)
            .get(concat!($path, "/sync-closure"), |$($a: Nth<$n>,)* req: &mut Request $(, $b: Nth<$m>)*| {
                format!("{} {:?}", req.query().unwrap_or("-"), [$($a.0,)* $($b.0),*] as [usize; _])
            })
            .get(concat!($path, "/async-closure"), async |$($a: Nth<$n>,)* req: &mut Request $(, $b: Nth<$m>)*| {
                format!("{} {:?}", req.query().unwrap_or("-"), [$($a.0,)* $($b.0),*] as [usize; _])
            })
    }};
}

#[tokio::test]
async fn the_request_at_every_place() {
    let app = App::new();
    let app = with_request!(app, "/0", [], []);
    let app = with_request!(app, "/1/0", [], [0 a]);
    let app = with_request!(app, "/1/1", [0 a], []);
    let app = with_request!(app, "/2/0", [], [0 a, 1 b]);
    let app = with_request!(app, "/2/1", [0 a], [1 b]);
    let app = with_request!(app, "/2/2", [0 a, 1 b], []);
    let app = with_request!(app, "/3/0", [], [0 a, 1 b, 2 c]);
    let app = with_request!(app, "/3/1", [0 a], [1 b, 2 c]);
    let app = with_request!(app, "/3/2", [0 a, 1 b], [2 c]);
    let app = with_request!(app, "/3/3", [0 a, 1 b, 2 c], []);
    let app = with_request!(app, "/4/0", [], [0 a, 1 b, 2 c, 3 d]);
    let app = with_request!(app, "/4/1", [0 a], [1 b, 2 c, 3 d]);
    let app = with_request!(app, "/4/2", [0 a, 1 b], [2 c, 3 d]);
    let app = with_request!(app, "/4/3", [0 a, 1 b, 2 c], [3 d]);
    let app = with_request!(app, "/4/4", [0 a, 1 b, 2 c, 3 d], []);
    let server = app.build().await.unwrap();
    let places = [
        "/0", "/1/0", "/1/1", "/2/0", "/2/1", "/2/2", "/3/0", "/3/1", "/3/2", "/3/3", "/4/0", "/4/1", "/4/2", "/4/3",
        "/4/4",
    ];
    for place in places {
        let count: usize = place[1..2].parse().unwrap();
        let expected = format!("q {:?}", (0..count).map(|n| n * 11).collect::<Vec<_>>());
        for form in ["sync", "async", "sync-closure", "async-closure"] {
            let reply = server.inject(numbered(&format!("{place}/{form}?q"))).await;
            assert_eq!(reply.text(), expected, "{place}/{form}");
        }
    }
}

#[tokio::test]
async fn request_and_reply() {
    fn sync(req: &mut Request, reply: &mut Reply) {
        reply.set_status(201).set_header("x-path", req.path()).set_body("sync");
    }
    async fn asynchronous(req: &mut Request, reply: &mut Reply) -> Result<()> {
        tokio::task::yield_now().await;
        reply.set_status(202).set_header("x-path", req.path());
        reply.send("async")
    }
    let app = App::new()
        .get("/sync", sync)
        .get("/async", asynchronous)
        .get("/closure", |_: &mut Request, reply: &mut Reply| reply.send(Json([1])))
        .get("/async-closure", async |req: &mut Request, reply: &mut Reply| {
            reply.set_content_type("text/x-own");
            // What is returned is answered, with what was set before.
            req.path().to_owned()
        });
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/sync")).await.assert_status(201).assert_text("sync").assert_header("x-path", "/sync");
    server
        .inject(Inject::get("/async"))
        .await
        .assert_status(202)
        .assert_text("async")
        .assert_header("x-path", "/async");
    server.inject(Inject::get("/closure")).await.assert_text("[1]");
    let reply = server.inject(Inject::get("/async-closure")).await;
    reply.assert_text("/async-closure").assert_header("content-type", "text/x-own");
}

#[tokio::test]
async fn extractors_of_every_kind_in_any_order() {
    #[derive(serde::Deserialize)]
    struct Page {
        page: u32,
    }
    let forwards = async |Path(id): Path<u64>,
                          Query(page): Query<Page>,
                          headers: Headers,
                          state: State<String>,
                          method: Method,
                          version: Version,
                          _id: RequestId,
                          Json(body): Json<String>| {
        format!("{id} {} {:?} {} {method} {version:?} {body}", page.page, headers.get("x-a"), &*state)
    };
    let backwards = |Json(body): Json<String>,
                     _id: RequestId,
                     version: Version,
                     method: Method,
                     state: State<String>,
                     headers: Headers,
                     Query(page): Query<Page>,
                     Path(id): Path<u64>| {
        format!("{id} {} {:?} {} {method} {version:?} {body}", page.page, headers.get("x-a"), &*state)
    };
    let server = App::new()
        .state(String::from("state"))
        .post("/forwards/{id}", forwards)
        .post("/backwards/{id}", backwards)
        .build()
        .await
        .unwrap();
    for path in ["/forwards", "/backwards"] {
        let reply = server.inject(Inject::post(format!("{path}/7?page=3")).header("x-a", "1").json("body")).await;
        reply.assert_text(r#"7 3 Some("1") state POST HTTP/1.1 body"#);
    }
}

#[tokio::test]
async fn the_first_argument_that_fails_is_told() {
    let handler = |_: Nth<1>, _: Nth<0>, _: Path<u64>| ();
    let server = App::new().get("/{id}", handler).build().await.unwrap();
    let reply = server.inject(Inject::get("/x")).await;
    reply.assert_status(400).assert_text(r#"{"statusCode":400,"error":"Bad Request","message":"no 1"}"#);
}

/// Closures that own what they need are handlers too: one value for all workers.
#[tokio::test]
async fn handlers_may_own_values() {
    let greeting = String::from("hello");
    let counter = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let handler = {
        let counter = counter.clone();
        async move |Path(name): Path<String>| {
            let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            format!("{greeting} {name} {n}")
        }
    };
    let server = App::new().get("/{name}", handler).build().await.unwrap();
    server.inject(Inject::get("/ada")).await.assert_text("hello ada 0");
    server.inject_local(Inject::get("/ada")).await.assert_text("hello ada 1");
}

/// Futures of handlers need not be `Send`, and may hold what borrows from the request across an `await`.
#[tokio::test]
async fn handlers_futures_need_not_be_send() {
    let handler = async |req: &mut Request| {
        let not_send = std::rc::Rc::new(1);
        let path = req.path();
        tokio::task::yield_now().await;
        format!("{path} {not_send}")
    };
    let server = App::new().get("/rc", handler).build().await.unwrap();
    server.inject(Inject::get("/rc")).await.assert_text("/rc 1");
}

#[tokio::test]
async fn constants_of_every_kind() {
    let app = App::new()
        .get("/str", "text")
        .get("/string", String::from("text"))
        .get("/bytes", Bytes::from_static(b"text"))
        .get("/vec", b"text".to_vec())
        .get("/json", Json(["a", "b"]))
        .get("/raw", Json::raw(r#"{"a": 1}"#))
        .get("/status", StatusCode::ACCEPTED)
        .get("/unit", ())
        .get("/no-content", NoContent)
        .get("/tuple", (StatusCode::CREATED, [("x-a", "1")], "text"))
        .get("/ok", Ok::<_, Error>("text"));
    let server = app.build().await.unwrap();
    let text = Some("text/plain; charset=utf-8");
    let octets = Some("application/octet-stream");
    let json = Some("application/json; charset=utf-8");
    // Twice, because the first one must leave the second as it was.
    for _ in 0..2 {
        for (path, status, content_type, body) in [
            ("/str", 200, text, "text"),
            ("/string", 200, text, "text"),
            ("/bytes", 200, octets, "text"),
            ("/vec", 200, octets, "text"),
            ("/json", 200, json, r#"["a","b"]"#),
            ("/raw", 200, json, r#"{"a": 1}"#),
            ("/status", 202, None, ""),
            ("/unit", 200, None, ""),
            ("/no-content", 204, None, ""),
            ("/tuple", 201, text, "text"),
            ("/ok", 200, text, "text"),
        ] {
            let reply = server.inject(Inject::get(path)).await;
            reply.assert_status(status).assert_text(body);
            assert_eq!(reply.header("content-type"), content_type, "{path}");
            assert_eq!(reply.header("x-a").is_some(), (path == "/tuple"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_large_constant_is_whole() {
    let text = "0123456789".repeat(50_000);
    let server = App::new().get("/", text.clone()).build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    assert!(reply.text() == text, "{} bytes", reply.body().len());
}
