//! Where the ids of requests come from, and who learns of them.

use std::sync::atomic::{AtomicU64, Ordering};

use fastweb::RequestIds;
use fastweb::prelude::*;

fn show(req: &mut Request) -> String {
    req.id().to_string()
}

#[tokio::test]
async fn ids_are_numbers_unless_something_else_is_asked_for() {
    let server = App::new().get("/", show).build().await.unwrap();
    let first = server.inject(Inject::get("/").header("x-request-id", "mine")).await;
    let second = server.inject(Inject::get("/")).await;
    assert!(first.text().starts_with("req-") && second.text().starts_with("req-") && first.text() != second.text());
    assert_eq!(first.header("x-request-id"), None);
}

#[tokio::test]
async fn an_id_that_came_with_the_request_is_taken_where_it_is_one() {
    let ids = RequestIds::new().from_header("x-request-id").echo("X-Request-ID");
    let server = App::new().request_ids(ids).get("/", show).build().await.unwrap();
    let longest = "x".repeat(128);
    for good in ["a", "01HZX-5.b_c:d/e+f=@~", &longest] {
        let reply = server.inject(Inject::get("/").header("X-Request-Id", good)).await;
        reply.assert_text(good).assert_header("x-request-id", good);
    }
    let too_long = "x".repeat(129);
    for bad in ["", "two words", "a\tb", "a\"b", "<b>", "ä", "a;b", &too_long] {
        let reply = server.inject(Inject::get("/").header("x-request-id", bad)).await;
        assert!(reply.text().starts_with("req-"), "{bad:?}: {}", reply.text());
        reply.assert_header("x-request-id", reply.text());
    }
}

#[tokio::test]
async fn ids_may_be_made_by_the_application_once_per_request() {
    let count = AtomicU64::new(0);
    let make = move |req: &Request| match req.path() {
        "/bad" => "not one".to_owned(),
        // The number is there already.
        "/number" => format!("of-{}", req.id()),
        _ => format!("made-{}", count.fetch_add(1, Ordering::Relaxed)),
    };
    let ids = RequestIds::new().from_header("x-id").generate(make).echo("x-id");
    let app = App::new()
        .request_ids(ids)
        .on_request(|req: &mut Request, reply: &mut Reply| {
            reply.set_header("x-seen", req.id().to_string());
        })
        .get("/", show)
        .get("/bad", show)
        .get("/number", show)
        .get("/fails", || -> &'static str { panic!("no answer") });
    let server = app.build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    reply.assert_text("made-0").assert_header("x-seen", "made-0").assert_header("x-id", "made-0");
    server.inject(Inject::get("/").header("x-id", "brought")).await.assert_text("brought");
    server.inject(Inject::get("/fails")).await.assert_status(500).assert_header("x-id", "made-1");
    server.inject(Inject::get("/none")).await.assert_status(404).assert_header("x-id", "made-2");
    assert!(server.inject(Inject::get("/bad")).await.text().starts_with("req-"));
    assert!(server.inject(Inject::get("/number")).await.text().starts_with("of-req-"));
}

#[tokio::test]
async fn names_that_are_no_headers_fail_the_build() {
    for ids in [RequestIds::new().from_header("x id"), RequestIds::new().echo("")] {
        let error = App::new().request_ids(ids).build().await.unwrap_err();
        assert!(error.to_string().contains("which is no header's name"), "{error}");
    }
    let mounted = App::new().mount("/a", App::new().request_ids(RequestIds::new().echo("x-id")));
    assert!(mounted.build().await.unwrap_err().to_string().contains("`request_ids`"));
}
