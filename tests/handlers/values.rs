//! Arguments that are neither path, query nor body; and `Option` and `Result` of arguments.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;
use fastweb::{BindCx, HeaderMap, RequestId, Uri, Version};
use serde_json::Value;

#[tokio::test]
async fn headers() {
    let handler = |headers: Headers| {
        format!(
            "{:?} {:?} {:?} {:?} {} {}",
            headers.get("X-One"),
            headers.get("x-none"),
            headers.get_all("x-two").collect::<Vec<_>>(),
            headers.get_bytes("x-bytes"),
            headers.get("x-bytes").is_some(),
            headers.len(),
        )
    };
    let list = |headers: Headers| {
        let text = |(name, value): (&str, &[u8])| format!("{name}={}", String::from_utf8_lossy(value));
        headers.iter().map(text).collect::<Vec<_>>().join(";")
    };
    let map = |headers: Headers| {
        let map: HeaderMap = headers.to_header_map();
        format!("{} {:?}", map.len(), map.get_all("x-two").iter().collect::<Vec<_>>())
    };
    let server = App::new().get("/", handler).get("/list", list).get("/map", map).build().await.unwrap();
    let request = |path: &str| {
        Inject::get(path)
            .header("host", "h")
            .header("x-one", "1")
            .header("X-Two", "a")
            .header("x-two", "b")
            .header("x-bytes", b"\xff")
    };
    let reply = server.inject(request("/")).await;
    reply.assert_text(r#"Some("1") None ["a", "b"] Some([255]) false 5"#);
    // As they were written, in their order.
    server.inject(request("/list")).await.assert_text("host=h;x-one=1;X-Two=a;x-two=b;x-bytes=\u{fffd}");
    server.inject(request("/map")).await.assert_text(r#"5 ["a", "b"]"#);
}

#[tokio::test]
async fn headers_may_outlive_their_request() {
    thread_local! {
        static KEPT: Cell<Option<Headers>> = const { Cell::new(None) };
    }
    let handler = async |headers: Headers| {
        let before = KEPT.replace(Some(headers));
        before.map_or(String::from("none"), |before| before.get("x-n").unwrap_or("?").to_owned())
    };
    let server = App::new().get("/", handler).build().await.unwrap();
    // One connection: its buffers are used again, and must not be where somebody still reads.
    let (client, io) = tokio::io::duplex(4096);
    let (mut reading, mut writing) = tokio::io::split(client);
    let mut answers = String::new();
    tokio::join!(server.serve_connection(io), async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        for n in 0..20 {
            writing.write_all(format!("GET / HTTP/1.1\r\nhost: x\r\nx-n: kept-{n}\r\n\r\n").as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
        }
        writing.shutdown().await.unwrap();
        reading.read_to_string(&mut answers).await.unwrap();
    });
    let bodies: Vec<&str> =
        answers.split("\r\n\r\n").skip(1).map(|rest| rest.split("HTTP/1.1").next().unwrap()).collect();
    let expected: Vec<String> = std::iter::once("none".into()).chain((0..19).map(|n| format!("kept-{n}"))).collect();
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn state_is_shared_by_all_requests() {
    #[derive(Default)]
    struct Counter(AtomicUsize);

    let count = async |counter: State<Counter>| counter.0.fetch_add(1, Ordering::Relaxed).to_string();
    let elsewhere = async |counter: State<Counter>| {
        let counter: Arc<Counter> = counter.arc();
        tokio::task::spawn_blocking(move || counter.0.load(Ordering::Relaxed)).await.map(|n| n.to_string())
    };
    let outside = Arc::new(7_u8);
    let server = App::new()
        .state(Counter::default())
        .state("replaced")
        .state("by the second")
        .state_arc(outside.clone())
        .get("/count", count)
        .get("/elsewhere", elsewhere)
        .get("/str", |text: State<&'static str>| *text)
        .get("/arc", |number: State<u8>| number.to_string())
        .get("/both", |number: State<u8>, again: State<u8>| Json(std::ptr::eq(&*number, &*again)))
        .build()
        .await
        .unwrap();
    server.inject(Inject::get("/count")).await.assert_text("0");
    server.inject_local(Inject::get("/count")).await.assert_text("1");
    server.inject(Inject::get("/elsewhere")).await.assert_text("2");
    server.inject(Inject::get("/str")).await.assert_text("by the second");
    server.inject(Inject::get("/arc")).await.assert_text("7");
    server.inject(Inject::get("/both")).await.assert_text("true");
}

#[tokio::test]
async fn parts_of_the_request_line() {
    let handler = |method: Method, uri: Uri, version: Version, id: RequestId| {
        format!("{method} {} {:?} {version:?} {}", uri.path(), uri.query(), id.to_string().starts_with("req-"))
    };
    let server = App::new().route(route("PROPFIND", "/a/{b}", handler)).build().await.unwrap();
    let reply = server.inject(Inject::new("PROPFIND", "/a/b%20c?d=e")).await;
    reply.assert_text(r#"PROPFIND /a/b%20c Some("d=e") HTTP/1.1 true"#);
}

#[tokio::test]
async fn ids_differ() {
    let server = App::new().get("/", |id: RequestId| id.to_string()).build().await.unwrap();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..20 {
        assert!(seen.insert(server.inject(Inject::get("/")).await.text().to_owned()), "{seen:?}");
    }
}

#[tokio::test]
async fn option_and_result_take_what_is_invalid() {
    let option = |id: Option<Path<u8>>| format!("{:?}", id.map(|Path(id)| id));
    let result = |id: Result<Path<u8>>| match id {
        Ok(Path(id)) => id.to_string(),
        Err(error) => format!("{} {}", error.status().as_u16(), error),
    };
    let body = |body: Option<Json<Value>>| format!("{:?}", body.map(|Json(value)| value));
    let body_result = async |body: Result<Json<u8>>| {
        body.map_err(|error| error.code().unwrap_or("none").to_owned())
            .map_or_else(|code| code, |Json(n)| n.to_string())
    };
    let server = App::new()
        .get("/option/{id}", option)
        .get("/result/{id}", result)
        .post("/body", body)
        .post("/body-result", body_result)
        .get("/nested/{id}", |id: Result<Option<Path<u8>>>| format!("{:?}", id.map(|id| id.map(|Path(id)| id)).ok()))
        .build()
        .await
        .unwrap();
    for (path, expected) in [
        ("/option/7", "Some(7)"),
        ("/option/x", "None"),
        ("/result/7", "7"),
        ("/result/x", "400 params/id must be integer"),
        ("/nested/7", "Some(Some(7))"),
        ("/nested/x", "Some(None)"),
    ] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
    server.inject(Inject::post("/body")).await.assert_text("None");
    server.inject(Inject::post("/body").json(&1)).await.assert_text("Some(Number(1))");
    server.inject(Inject::post("/body-result").json(&1)).await.assert_text("1");
    server.inject(Inject::post("/body-result").json("x")).await.assert_text("FW_ERR_VALIDATION");
    server.inject(Inject::post("/body-result").body("1")).await.assert_text("FW_ERR_UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn an_extractor_of_the_applications_own() {
    struct Tenant(String);

    impl Extract for Tenant {
        /// What it needs is looked up once.
        type Bound = Arc<String>;

        fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound> {
            cx.state::<String>()
        }

        fn extract(prefix: &Self::Bound, req: &mut Request) -> Result<Self> {
            let name = req
                .header("x-tenant")
                .ok_or_else(|| Error::unauthorized("no tenant").with_header("www-authenticate", "Tenant"))?;
            Ok(Self(format!("{prefix}{name}")))
        }
    }

    let server = App::new()
        .state(String::from("tenant-"))
        .get("/{id}", async |Path(id): Path<u8>, tenant: Tenant| format!("{} {id}", tenant.0))
        .build()
        .await
        .unwrap();
    server.inject(Inject::get("/7").header("x-tenant", "a")).await.assert_text("tenant-a 7");
    server.inject(Inject::get("/7")).await.assert_status(401).assert_header("www-authenticate", "Tenant");
}
