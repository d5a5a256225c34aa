//! Layers around scopes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::middleware;
use axum::response::IntoResponse;
use fastweb::prelude::*;
use fastweb::{MountBody, Upgrade};
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::util::{MapRequestLayer, MapResponseLayer};
use tower::{ServiceBuilder, layer::layer_fn};
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use tower_http::timeout::TimeoutLayer;

use crate::support::log::Log;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

type Map<T> = Box<dyn Fn(T) -> T + Send + Sync>;

/// Notes what passes it.
fn noting(
    probe: &Probe,
    name: &'static str,
) -> impl tower::Layer<
    fastweb::Next,
    Service: tower::Service<
        http::Request<MountBody>,
        Response = http::Response<MountBody>,
        Error = std::convert::Infallible,
        Future: Send,
    > + Clone
                 + Send
                 + 'static,
> + Clone
+ Send
+ Sync
+ 'static {
    let (before, after) = (probe.clone(), probe.clone());
    let request: Arc<Map<http::Request<MountBody>>> = Arc::new(Box::new(move |request| {
        before.note(format!("{name} <"));
        request
    }));
    let response: Arc<Map<http::Response<MountBody>>> = Arc::new(Box::new(move |response| {
        after.note(format!("{name} > {}", response.status().as_u16()));
        response
    }));
    let (request, response) = (move |it| request(it), move |it| response(it));
    layer_fn(move |next: fastweb::Next| {
        ServiceBuilder::new()
            .layer(MapResponseLayer::new(response.clone()))
            .layer(MapRequestLayer::new(request.clone()))
            .service(next)
    })
}

#[tokio::test]
async fn outer_scopes_are_further_out_and_hooks_are_within() {
    let probe = Probe::default();
    let (asked, sent, handled) = (probe.clone(), probe.clone(), probe.clone());
    let app = App::new()
        .layer(noting(&probe, "root"))
        .on_request(move |_: &mut Request| asked.note("on_request"))
        .on_send(move |_: &mut Request| sent.note("on_send"))
        .get("/outside", "outside")
        .scope("/a", |a| {
            a.layer(noting(&probe, "first"))
                .layer(noting(&probe, "second"))
                .scope("/b", |b| b.layer(noting(&probe, "inner")).get("/", move || handled.note("handler")))
        });
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/a/b")).await.assert_status(200);
    let layers = ["root", "first", "second", "inner"];
    let mut expected: Vec<_> = layers.iter().map(|name| format!("{name} <")).collect();
    expected.extend(["on_request".to_owned(), "handler".to_owned()]);
    expected.extend(layers.iter().rev().map(|name| format!("{name} > 200")));
    expected.push("on_send".to_owned());
    assert_eq!(probe.take(), expected);
    server.inject(Inject::get("/outside")).await.assert_text("outside");
    assert_eq!(probe.take(), ["root <", "on_request", "root > 200", "on_send"]);
    // What no route matches is within them, too.
    server.inject(Inject::get("/a/nothing")).await.assert_status(404);
    assert_eq!(probe.take(), ["root <", "on_request", "root > 404", "on_send"]);
    server.inject(Inject::post("/a/b")).await.assert_status(405);
    assert_eq!(probe.take()[..4], ["root <", "first <", "second <", "inner <"]);
}

/// A middleware as axum has them.
async fn guard(request: axum::extract::Request, next: middleware::Next) -> axum::response::Response {
    match request.headers().contains_key("x-key") {
        true => next.run(request).await,
        false => (StatusCode::UNAUTHORIZED, [("x-from", "layer")], "no key").into_response(),
    }
}

#[tokio::test]
async fn a_layer_may_answer_itself() {
    let probe = Probe::default();
    let asked = probe.clone();
    // axum's own take axum's own body.
    let guard = ServiceBuilder::new()
        .map_request(|request: http::Request<MountBody>| request.map(axum::body::Body::new))
        .layer(middleware::from_fn(guard));
    let app = App::new()
        .layer(guard)
        .on_request(move |_: &mut Request| asked.note("hook"))
        .on_send(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-sent", "1");
        })
        .get("/", "secret");
    let server = app.build().await.unwrap();
    let refused = server.inject(Inject::get("/")).await;
    refused.assert_status(401).assert_text("no key").assert_header("x-from", "layer").assert_header("x-sent", "1");
    assert_eq!(probe.count("hook"), 0);
    server.inject(Inject::get("/").header("x-key", "k")).await.assert_status(200).assert_text("secret");
    assert_eq!(probe.count("hook"), 1);
}

#[tokio::test]
async fn what_a_layer_changes_is_seen_within_and_without() {
    let value = |text: &'static str| http::HeaderValue::from_static(text);
    let name = |text: &'static str| http::HeaderName::from_static(text);
    let extend = MapRequestLayer::new(|mut request: http::Request<MountBody>| {
        request.extensions_mut().insert(7_u32);
        request
    });
    let app = App::new()
        .layer(SetRequestHeaderLayer::overriding(name("x-in"), value("layer")))
        .layer(SetRequestHeaderLayer::overriding(name("content-type"), value("application/json")))
        .layer(SetResponseHeaderLayer::overriding(name("x-out"), value("layer")))
        .layer(extend)
        .post("/{id}", async |req: &mut Request, Path(id): Path<u64>, Json(body): Json<Vec<u64>>| {
            let number = req.extensions().get::<http::Extensions>().and_then(|all| all.get::<u32>().copied());
            let seen =
                format!("{id} {body:?} {:?} {:?} {} {number:?}", req.header("x-in"), req.header("x-own"), req.target());
            (StatusCode::CREATED, [("x-out", "handler"), ("x-own", "handler")], seen)
        })
        .get("/constant", "constant");
    let server = app.build().await.unwrap();
    let request =
        Inject::post("/5?q=1").header("x-in", "client").header("x-own", "client").header("content-type", "text/plain");
    let reply = server.inject(request.body("[1,2]")).await;
    reply.assert_status(201).assert_text(r#"5 [1, 2] Some("layer") Some("client") /5?q=1 Some(7)"#);
    reply.assert_header("x-out", "layer").assert_header("x-own", "handler");
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    server.inject(Inject::get("/constant")).await.assert_text("constant").assert_header("x-out", "layer");
}

#[tokio::test]
async fn errors_are_responses_to_layers() {
    let probe = Probe::default();
    let observed = probe.clone();
    let app = App::new()
        .layer(noting(&probe, "layer"))
        .on_error(move |_: &mut Request, error: &Error| observed.note(format!("on_error {}", error.status().as_u16())))
        .get("/fails", || -> Result<()> { Err(Error::conflict("taken")) })
        .get("/panics", || -> &'static str { panic!("on purpose") })
        .get("/{n}", |Path(n): Path<u8>| n.to_string());
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/fails")).await.assert_status(409);
    assert_eq!(probe.take(), ["layer <", "on_error 409", "layer > 409"]);
    server.inject(Inject::get("/300")).await.assert_status(400);
    assert_eq!(probe.take(), ["layer <", "on_error 400", "layer > 400"]);
    // A panic ends the layers' futures, too.
    server.inject(Inject::get("/panics")).await.assert_status(500);
    assert_eq!(probe.take(), ["layer <", "on_error 500"]);
}

#[tokio::test]
async fn well_known_layers_do_their_work() {
    let probe = Probe::default();
    let entering = probe.clone();
    let app = App::new()
        .scope("/timeout", |scope| {
            let timeout = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_millis(50));
            scope.layer(timeout).get("/fast", "fast").get("/slow", async move || {
                let _live = entering.enter("slow");
                std::future::pending::<&str>().await
            })
        })
        .scope("/limit", |scope| scope.layer(RequestBodyLimitLayer::new(4)).post("/", |body: Bytes| body))
        .scope("/cors", |scope| scope.layer(CorsLayer::permissive()).get("/", "shared"));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/timeout/fast")).await.assert_text("fast");
    server.inject(Inject::get("/timeout/slow")).await.assert_status(504);
    assert_eq!(probe.live(), 0, "the handler was dropped");
    server.inject(Inject::post("/limit").body("four")).await.assert_status(200).assert_text("four");
    server.inject(Inject::post("/limit").body("five!")).await.assert_status(413);
    let shared = server.inject(Inject::get("/cors").header("origin", "https://example.com")).await;
    shared.assert_text("shared").assert_header("access-control-allow-origin", "*");
    let preflight =
        Inject::options("/cors").header("origin", "https://example.com").header("access-control-request-method", "GET");
    server.inject(preflight).await.assert_status(200).assert_header("access-control-allow-methods", "*");
}

#[test]
fn a_limit_is_one_for_the_scope_and_is_waited_for() {
    let most = Arc::new(AtomicUsize::new(0));
    let (running, seen) = (Arc::new(AtomicUsize::new(0)), most.clone());
    let slow = async move || {
        seen.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        running.fetch_sub(1, Ordering::SeqCst);
        "done"
    };
    let app = App::new().workers(2).layer(GlobalConcurrencyLimitLayer::new(2));
    let server = TestServer::start(app.get("/a", slow.clone()).get("/b", slow));
    let mut clients: Vec<_> = (0..8).map(|_| server.client()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", if number % 2 == 0 { "a" } else { "b" }));
    }
    for client in &mut clients {
        assert_eq!(client.answer().summary(), "200 - done");
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

/// Tries once more where the first answer is an error of the server.
#[derive(Clone)]
struct Twice;

type Attempt = http::Request<MountBody>;

impl tower::retry::Policy<Attempt, http::Response<MountBody>, std::convert::Infallible> for Twice {
    type Future = std::future::Ready<()>;

    fn retry(
        &mut self,
        request: &mut Attempt,
        result: &mut std::result::Result<http::Response<MountBody>, std::convert::Infallible>,
    ) -> Option<Self::Future> {
        let is_first = request.headers().get("x-attempt").is_none();
        let failed = result.as_ref().is_ok_and(|response| response.status().is_server_error());
        request.headers_mut().insert("x-attempt", http::HeaderValue::from_static("2"));
        (is_first && failed).then(|| std::future::ready(()))
    }

    fn clone_request(&mut self, request: &Attempt) -> Option<Attempt> {
        let mut clone = http::Request::new(MountBody::default());
        (*clone.method_mut(), *clone.uri_mut()) = (request.method().clone(), request.uri().clone());
        (*clone.headers_mut(), *clone.extensions_mut()) = (request.headers().clone(), request.extensions().clone());
        Some(clone)
    }
}

#[tokio::test]
async fn a_layer_may_try_again() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counting = tries.clone();
    let flaky = move |_: &mut Request, reply: &mut Reply| -> Result<()> {
        reply.set_header(format!("x-try-{}", counting.load(Ordering::SeqCst)), "1");
        match counting.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::internal("not yet")),
            _ => reply.send("at last"),
        }
    };
    let app = App::new().layer(tower::retry::RetryLayer::new(Twice)).layer(noting(&Probe::default(), "inner"));
    let server = app.get("/", flaky).build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    reply.assert_status(200).assert_text("at last").assert_header("x-try-1", "1");
    assert_eq!((reply.header("x-try-0"), tries.load(Ordering::SeqCst)), (None, 2));
}

#[tokio::test]
async fn a_layer_that_loses_the_request_or_fails_is_told_of_in_the_log() {
    Log::keep();
    let anew = MapRequestLayer::new(|request: http::Request<MountBody>| http::Request::new(request.into_body()));
    let fails = layer_fn(|_: fastweb::Next| {
        tower::service_fn(async |_: http::Request<MountBody>| {
            Err::<http::Response<MountBody>, _>(Error::conflict("taken").with_code("TAKEN"))
        })
    });
    let app = App::new()
        .scope("/anew", |scope| scope.layer(anew).get("/", "never"))
        .scope("/fails", |scope| scope.layer(fails).get("/", "never"))
        .scope("/within", |scope| scope.layer(noting(&Probe::default(), "outer")).layer(fails).get("/", "never"));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/anew")).await.assert_status(500);
    server.inject(Inject::get("/fails")).await.assert_status(409);
    server.inject(Inject::get("/within")).await.assert_status(409);
    let told = Log::events(|noted| noted.field("error").contains("keep the extensions"));
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn connections_are_given_away_through_layers() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let grant = |upgrade: Upgrade| {
        upgrade.accept("echo", async |mut io: fastweb::UpgradedIo| -> Result<()> {
            let mut space = [0; 4];
            io.read_exact(&mut space).await?;
            Ok(io.write_all(&space).await?)
        })
    };
    let mark = SetResponseHeaderLayer::overriding(
        http::HeaderName::from_static("x-mark"),
        http::HeaderValue::from_static("1"),
    );
    let server = App::new().layer(mark).get("/", grant).build().await.unwrap();
    let wish = Inject::get("/").header("connection", "upgrade").header("upgrade", "echo");
    let (reply, mut io) = server.inject_upgrade(wish).await;
    reply.assert_status(101).assert_header("upgrade", "echo").assert_header("x-mark", "1");
    io.write_all(b"echo").await.unwrap();
    let mut space = [0; 4];
    io.read_exact(&mut space).await.unwrap();
    assert_eq!(&space, b"echo");
}
