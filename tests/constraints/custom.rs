//! Constraints that are functions of the application.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;

fn header_is(name: &'static str, value: &'static str) -> impl Fn(&Request) -> bool {
    move |req| req.header(name) == Some(value)
}

#[tokio::test]
async fn all_of_a_route_must_hold() {
    let route =
        get("/", "x").constraint("beta", header_is("x-beta", "on")).constraint("team", header_is("x-team", "blue"));
    let server = App::new().route(route).build().await.unwrap();
    for (beta, team, status) in [("on", "blue", 200), ("on", "red", 404), ("off", "blue", 404)] {
        server.inject(Inject::get("/").header("x-beta", beta).header("x-team", team)).await.assert_status(status);
    }
    server.inject(Inject::get("/")).await.assert_status(404);
    let request = || Inject::put("/").header("x-beta", "on");
    server.inject(request()).await.assert_status(404);
    let reply = server.inject(request().header("x-team", "blue")).await;
    reply.assert_status(405).assert_header("allow", "GET, HEAD, OPTIONS");
}

/// The route is not known yet: what is the application's own can be seen, and no parameter.
#[tokio::test]
async fn what_they_see() {
    let sees = |req: &Request| {
        req.state::<u8>() == Some(&1)
            && req.state::<u16>().is_none()
            && req.param("id").is_none()
            && req.route_pattern().is_none()
            && req.path() == "/scope/7"
            && req.extensions().get::<u8>().is_none()
    };
    let app = App::new().state(1_u8).scope("/scope", |scope| {
        let attach = |req: &mut Request| {
            req.extensions_mut().insert(1_u8);
        };
        scope
            .state(2_u16)
            .on_request(attach)
            .route(get("/{id}", |Path(id): Path<u32>| id.to_string()).constraint("sees", sees))
    });
    let server = app.build().await.unwrap();
    for _ in 0..3 {
        server.inject(Inject::get("/scope/7")).await.assert_status(200).assert_text("7");
    }
}

#[tokio::test]
async fn a_panic_is_an_error_of_the_request() {
    let panics = |req: &Request| -> bool { req.header("x-key").expect("there is a key").starts_with('k') };
    let app = App::new()
        .on_request(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-app", "1");
        })
        .error_handler(|_: &mut Request, error: Error| (error.status(), "sorry"))
        .not_found("nothing here")
        .route(get("/{id}", |id: Path<u8>| id.to_string()).constraint("key", panics))
        .get("/other/{id}", "x");
    let server = app.build().await.unwrap();
    for _ in 0..2 {
        for request in [Inject::get("/1"), Inject::post("/1"), Inject::options("/1")] {
            server.inject(request).await.assert_status(500).assert_text("sorry").assert_header("x-app", "1");
        }
        // The next request on the same memory goes its way.
        server.inject(Inject::get("/1").header("x-key", "k")).await.assert_status(200).assert_text("1");
        server.inject(Inject::get("/1").header("x-key", "x")).await.assert_status(200).assert_text("nothing here");
        server.inject(Inject::get("/other/2")).await.assert_status(200);
    }
}

#[tokio::test]
async fn routes_without_any_ask_none() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let counts = move |_: &Request| {
        counted.fetch_add(1, Ordering::SeqCst);
        true
    };
    let app = App::new().route(get("/a", "x").constraint("counts", counts)).get("/b", "x");
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/b")).await.assert_status(200);
    server.inject(Inject::get("/c")).await.assert_status(404);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    server.inject(Inject::get("/a")).await.assert_status(200);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
