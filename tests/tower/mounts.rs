//! Services below a prefix.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::extract::{Path as AxumPath, Query as AxumQuery};
use axum::routing;
use fastweb::prelude::*;
use fastweb::{ConnectInfo, MountBody};
use tower::{Service, service_fn};

use crate::support::probe::Probe;
use crate::support::server::TestServer;

type Response<B> = std::result::Result<http::Response<B>, Infallible>;

fn router() -> axum::Router {
    axum::Router::new()
        .route("/", routing::get(async || "root"))
        .route("/users/{id}", routing::get(async |AxumPath(id): AxumPath<u64>| format!("user {id}")))
        .route(
            "/sum",
            routing::post(async |axum::Json(numbers): axum::Json<Vec<i64>>| {
                axum::Json(serde_json::json!({ "sum": numbers.iter().sum::<i64>() }))
            }),
        )
        .route("/query", routing::get(async |AxumQuery(pairs): AxumQuery<Vec<(String, String)>>| format!("{pairs:?}")))
}

#[tokio::test]
async fn an_axum_router_answers_below_its_prefix() {
    let app = App::new().get("/own", "own").scope("/{tenant}", |tenant| tenant.mount_service("/api", router()));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/own")).await.assert_text("own");
    server.inject(Inject::get("/acme/api")).await.assert_status(200).assert_text("root");
    server.inject(Inject::get("/acme/api/")).await.assert_text("root");
    let user = server.inject(Inject::get("/acme/api/users/7")).await;
    user.assert_text("user 7")
        .assert_header("content-type", "text/plain; charset=utf-8")
        .assert_header("content-length", "6");
    server.inject(Inject::get("/acme/api/query?a=1&b=%20")).await.assert_text(r#"[("a", "1"), ("b", " ")]"#);
    let sum = server.inject(Inject::post("/acme/api/sum").json(&[1, 2, 3])).await;
    sum.assert_text(r#"{"sum":6}"#).assert_header("content-type", "application/json");
    // What it refuses, it refuses itself.
    server.inject(Inject::get("/acme/api/nothing")).await.assert_status(404).assert_text("");
    server.inject(Inject::get("/acme/api/users/x")).await.assert_status(400);
    server.inject(Inject::delete("/acme/api/sum")).await.assert_status(405).assert_header("allow", "POST");
    let head = server.inject(Inject::head("/acme/api/users/7")).await;
    head.assert_status(200).assert_header("content-length", "6");
    assert_eq!(head.body(), b"");
}

#[tokio::test]
async fn it_sees_the_path_behind_the_prefix_and_all_else_as_it_came() {
    let seen = service_fn(async |request: http::Request<MountBody>| -> Response<String> {
        let peer = request.extensions().get::<ConnectInfo>().map(|ConnectInfo(peer)| peer.to_string());
        let (parts, _) = request.into_parts();
        let header =
            parts.headers.get_all("x-a").iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("|");
        let text = format!("{} {} {:?} {header} {}", parts.method, parts.uri, parts.version, peer.unwrap_or_default());
        Ok(http::Response::new(text))
    });
    let server = App::new().mount_service("/s", seen).build().await.unwrap();
    let peer = "192.0.2.1:80".parse().unwrap();
    for (request, expected) in [
        (Inject::get("/s"), "GET / HTTP/1.1  "),
        (Inject::get("/s/"), "GET / HTTP/1.1  "),
        (Inject::get("/s?a=b"), "GET /?a=b HTTP/1.1  "),
        (Inject::put("/s/a/b/?c"), "PUT /a/b/?c HTTP/1.1  "),
        (Inject::get("/s/a%2Fb%20/c"), "GET /a%2Fb%20/c HTTP/1.1  "),
        (Inject::get("/s//a"), "GET //a HTTP/1.1  "),
        (Inject::options("/s/x").header("x-a", "1").header("X-A", "2"), "OPTIONS /x HTTP/1.1 1|2 "),
        (Inject::get("/s/x").peer_addr(peer), "GET /x HTTP/1.1  192.0.2.1:80"),
    ] {
        let name = format!("{request:?}");
        let reply = server.inject(request).await;
        assert_eq!((reply.status().as_u16(), reply.text()), (200, expected), "{name}");
    }
    server.inject(Inject::get("/sx")).await.assert_status(404);
}

#[tokio::test]
async fn the_scope_holds_for_it() {
    let probe = Probe::default();
    let (asked, sent) = (probe.clone(), probe.clone());
    let app = App::new().scope("/s", |scope| {
        scope
            .body_limit(10)
            .on_request(move |req: &mut Request| -> Result<()> {
                asked.note(req.path());
                req.header("x-key").map(drop).ok_or_else(|| Error::unauthorized("x-key is missing"))
            })
            .on_send(move |_: &mut Request, reply: &mut Reply| {
                sent.note(reply.status().as_str());
                reply.set_header("x-hook", "1");
            })
            .mount_service("/axum", router())
    });
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/s/axum/users/7")).await.assert_status(401).assert_header("x-hook", "1");
    let reply = server.inject(Inject::get("/s/axum/users/7").header("x-key", "k")).await;
    reply.assert_text("user 7").assert_header("x-hook", "1");
    assert_eq!(probe.take(), ["/s/axum/users/7", "401", "/s/axum/users/7", "200"]);
    let long = Inject::post("/s/axum/sum").header("x-key", "k").json(&[1_000_000, 2_000_000]);
    server.inject(long).await.assert_status(413);
}

/// Fails as its path says.
fn failing() -> impl Service<
    http::Request<MountBody>,
    Response = http::Response<String>,
    Error = Box<dyn std::error::Error + Send + Sync>,
    Future: Send,
> + Clone
+ Send
+ 'static {
    service_fn(async |request: http::Request<MountBody>| match request.uri().path() {
        "/own" => Err(Error::conflict("taken").with_code("TAKEN").into()),
        "/other" => Err("of another crate".into()),
        "/panic" => panic!("on purpose"),
        "/early" => {
            let mut response = http::Response::new(String::new());
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            Ok(response)
        }
        "/header" => {
            let mut response = http::Response::new("text".to_owned());
            response.headers_mut().append("set-cookie", http::HeaderValue::from_static("a=1"));
            response.headers_mut().append("set-cookie", http::HeaderValue::from_static("b=2"));
            response.headers_mut().insert("content-length", http::HeaderValue::from_static("999"));
            response.headers_mut().insert("transfer-encoding", http::HeaderValue::from_static("gzip"));
            Ok(response)
        }
        _ => Ok(http::Response::new(String::new())),
    })
}

#[test]
fn what_fails_is_an_error_of_the_request() {
    let server = TestServer::start(App::new().workers(1).mount_service("/s", failing()));
    let mut client = server.client();
    for (path, summary) in [
        ("/own", "409 - TAKEN"),
        ("/other", "500 - FW_ERR_INTERNAL"),
        ("/panic", "500 - FW_ERR_PANIC"),
        ("/early", "500 - FW_ERR_INTERNAL"),
        ("/fine", "200 -"),
        // Framing is the connection's.
        ("/header", "200 - text"),
    ] {
        assert_eq!(client.ask(format!("GET /s{path} HTTP/1.1\r\nHost: x\r\n\r\n")).summary(), summary, "{path}");
    }
    let cookies = client.ask("GET /s/header HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(cookies.headers.iter().filter(|(name, _)| name == "set-cookie").count(), 2);
    assert_eq!(cookies.header("transfer-encoding"), None);
}

/// Ready when it has been asked so often. Calling it before is a fault.
struct Slow {
    asked: usize,
    calls: Arc<AtomicUsize>,
}

impl Clone for Slow {
    fn clone(&self) -> Self {
        // Whoever clones a service that is ready has to ask again.
        Self { asked: 0, calls: self.calls.clone() }
    }
}

impl Service<http::Request<MountBody>> for Slow {
    type Response = http::Response<String>;
    type Error = Infallible;
    type Future = std::future::Ready<Response<String>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.asked += 1;
        match self.asked {
            0..3 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, _: http::Request<MountBody>) -> Self::Future {
        assert_eq!(self.asked, 3, "it was called when it was not ready");
        self.calls.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok(http::Response::new("ready".to_owned())))
    }
}

#[tokio::test]
async fn a_service_is_called_when_it_is_ready() {
    let calls = Arc::new(AtomicUsize::new(0));
    let slow = Slow { asked: 0, calls: calls.clone() };
    let app = App::new().mount_service("/mounted", slow.clone());
    // As a layer: what it is around does not matter.
    let around = tower::layer::layer_fn(move |_| slow.clone());
    let server = app.scope("/layered", |scope| scope.layer(around).get("/", "never")).build().await.unwrap();
    for path in ["/mounted", "/layered", "/mounted/again"] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text("ready");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[test]
fn a_client_that_leaves_takes_the_service_s_future_with_it() {
    let probe = Probe::default();
    let entering = probe.clone();
    let pending = service_fn(move |_: http::Request<MountBody>| {
        let live = entering.enter("service");
        async move {
            let _live = live;
            std::future::pending::<Response<String>>().await
        }
    });
    let server = TestServer::start(App::new().workers(1).mount_service("/s", pending));
    let mut client = server.client();
    client.send("GET /s HTTP/1.1\r\nHost: x\r\n\r\n");
    probe.wait_for("handler service", 1);
    client.reset();
    probe.wait_until_none_is_live();
}
