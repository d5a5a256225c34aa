//! What is kept, and what never is.

use fastweb::Body;
use fastweb::response_cache::Cached;

use super::*;

fn cache() -> ResponseCache {
    ResponseCache::new().ttl(MINUTE)
}

async fn is_kept(make: impl Fn() -> Reply + Send + Sync + 'static) -> bool {
    twice(cache(), make, Inject::get("/")).await == (1, 1)
}

#[tokio::test]
async fn an_answer_is_given_again_as_it_was() {
    let calls = Calls::default();
    let handler = move || {
        let text = format!("call {}", calls.next());
        Reply::text(text).with_content_type("text/csv").with_header("x-a", "1").with_status(203)
    };
    let server = build(App::new().plugin(cache()).get("/{*path}", handler)).await;
    let first = server.inject(Inject::get("/a?b=1")).await;
    let again = server.inject(Inject::get("/a?b=1")).await;
    again.assert_status(203).assert_text("call 1").assert_header("content-type", "text/csv").assert_header("x-a", "1");
    let without = |reply: &fastweb::InjectReply| {
        let names = reply.headers().filter(|(name, _)| !matches!(*name, "date" | "age"));
        names.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
    };
    assert_eq!(without(&first), without(&again));
    assert_eq!((first.header("age"), again.header("age")), (None, Some("0")));
    server.inject(Inject::get("/a?b=2")).await.assert_text("call 2");
    server.inject(Inject::get("/b?b=1")).await.assert_text("call 3");
    server.inject(Inject::get("/a?b=1").header("host", "other.example")).await.assert_text("call 4");
    // HEAD of what GET has, without its content.
    let head = server.inject(Inject::head("/a?b=1")).await;
    head.assert_status(203).assert_text("").assert_header("content-length", "6").assert_header("age", "0");
    // And not the other way round.
    server.inject(Inject::head("/c")).await.assert_header("content-length", "6");
    server.inject(Inject::get("/c")).await.assert_text("call 6");
    server.inject(Inject::get("/c")).await.assert_text("call 6");
}

#[tokio::test]
async fn what_is_for_one_client_is_not_kept() {
    assert!(is_kept(|| Reply::text("a")).await);
    assert!(!is_kept(|| Reply::text("a").with_header("set-cookie", "a=1")).await);
    for control in
        ["no-store", "private", "No-Cache", "private=\"x\"", "max-age=60, no-store", "max-age=0", "max-age=x"]
    {
        assert!(!is_kept(move || Reply::text("a").with_header("cache-control", control)).await, "{control}");
    }
    for control in ["public", "max-age=60", "must-revalidate, max-age=1", "s-maxage=1, max-age=0", "immutable"] {
        assert!(is_kept(move || Reply::text("a").with_header("cache-control", control)).await, "{control}");
    }
    assert!(!is_kept(|| Reply::text("a").with_header("vary", "*")).await);
    assert!(!is_kept(|| Reply::text("a").with_header("vary", "accept, *")).await);
    assert!(is_kept(|| Reply::text("a").with_header("vary", "accept")).await);
    assert!(!is_kept(|| Reply::text("a").with_header("expires", "0")).await);
    assert!(!is_kept(|| Reply::text("a").with_header("expires", "Thu, 01 Jan 1970 00:00:00 GMT")).await);
    assert!(is_kept(|| Reply::text("a").with_header("expires", "Thu, 01 Jan 2099 00:00:00 GMT")).await);
    assert!(!is_kept(|| Reply::text("a").with_header("age", "60")).await);
}

#[tokio::test]
async fn statuses_are_kept_of_which_it_can_be_known() {
    for (status, expected) in
        [(200, true), (203, true), (204, true), (301, true), (308, true), (201, false), (206, false), (302, false)]
    {
        assert_eq!(is_kept(move || Reply::new().with_status(status)).await, expected, "{status}");
    }
    for status in [404, 410, 405, 300, 500, 503, 403] {
        assert!(!is_kept(move || Reply::new().with_status(status)).await, "{status}");
        let said = move || Reply::new().with_status(status).with_header("cache-control", "max-age=5");
        assert_eq!(is_kept(said).await, matches!(status, 404 | 410 | 405 | 300), "{status}");
    }
    // An error is no answer of the handler.
    let failing = || -> Result<Reply> { Err(Error::not_found("none")) };
    let cache = cache();
    let handle = cache.handle();
    let server = build(App::new().plugin(cache).get("/", failing)).await;
    for _ in 0..2 {
        server.inject(Inject::get("/")).await.assert_status(404);
    }
    assert_eq!((handle.counts().misses, handle.counts().entries), (2, 0));
}

#[tokio::test]
async fn only_whole_bodies_up_to_a_bound_are_kept() {
    assert!(!is_kept(|| Reply::new().with_body(Body::from_reader(&b"stream"[..], None))).await);
    assert!(!is_kept(|| Reply::new().with_body(Body::from_reader(&b"stream"[..], Some(6)))).await);
    assert!(!is_kept(|| Reply::text("a").with_header("content-range", "bytes 0-0/9")).await);
    let long = |len| move || Reply::text("x".repeat(len));
    assert_eq!(twice(cache().most(100), long(100), Inject::get("/")).await, (1, 1));
    assert_eq!(twice(cache().most(100), long(101), Inject::get("/")).await, (1, 2));
    assert!(is_kept(long(1024 * 1024)).await);
    assert!(!is_kept(long(1024 * 1024 + 1)).await);
}

#[tokio::test]
async fn without_a_time_nothing_is_kept() {
    let text = |control: Option<&'static str>| {
        move || {
            let reply = Reply::text("a");
            match control {
                Some(control) => reply.with_header("cache-control", control),
                None => reply,
            }
        }
    };
    assert_eq!(twice(ResponseCache::new(), text(None), Inject::get("/")).await, (1, 2));
    assert_eq!(twice(ResponseCache::new(), text(Some("public")), Inject::get("/")).await, (1, 2));
    assert_eq!(twice(ResponseCache::new(), text(Some("max-age=9")), Inject::get("/")).await, (1, 1));
}

#[tokio::test]
async fn some_requests_go_by() {
    let kept = |request: Inject| twice(cache(), || Reply::text("a"), request);
    assert_eq!(kept(Inject::get("/")).await, (1, 1));
    for (name, value) in [
        ("authorization", "Bearer x"),
        ("range", "bytes=0-0"),
        ("if-match", "*"),
        ("if-unmodified-since", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(kept(Inject::get("/").header(name, value)).await, (1, 2), "{name}");
    }
    assert_eq!(kept(Inject::get("/").body("content")).await, (1, 2));
    assert_eq!(kept(Inject::get("/").header("cache-control", "no-cache")).await, (1, 2));
    assert_eq!(kept(Inject::get("/").header("pragma", "no-cache")).await, (1, 2));
    let stubborn = cache().ignore_request_directives();
    let request = Inject::get("/").header("cache-control", "no-cache");
    assert_eq!(twice(stubborn, || Reply::text("a"), request).await, (1, 1));
}

#[tokio::test]
async fn what_is_asked_for_afresh_is_kept_for_the_others() {
    let calls = Calls::default();
    let server = build(App::new().plugin(cache()).get("/", move || calls.next().to_string())).await;
    server.inject(Inject::get("/")).await.assert_text("1");
    server.inject(Inject::get("/").header("cache-control", "no-cache")).await.assert_text("2");
    server.inject(Inject::get("/")).await.assert_text("2");
    // One with `authorization` is answered for himself, and changes nothing.
    server.inject(Inject::get("/").header("authorization", "x")).await.assert_text("3");
    server.inject(Inject::get("/")).await.assert_text("2");
    server.inject(Inject::get("/").header("cache-control", "only-if-cached")).await.assert_text("2");
    let nothing = Inject::get("/?other").header("cache-control", "only-if-cached");
    server.inject(nothing).await.assert_status(504);
}

#[tokio::test]
async fn scopes_and_routes_say_what_is_kept() {
    let calls = Calls::default();
    let counted = |calls: &Calls| {
        let calls = calls.clone();
        move || calls.next().to_string()
    };
    let app = App::new().get("/outside", counted(&calls)).scope("/in", |scope| {
        scope
            .plugin(ResponseCache::new())
            .config(Cached::new(MINUTE))
            .get("/kept", counted(&calls))
            .post("/kept", counted(&calls))
            .route(get("/never", counted(&calls)).config(Cached::never()))
            .route(get("/as-usual", counted(&calls)).config(Cached::as_usual()))
            .scope("/deep", |deep| deep.get("/kept", counted(&calls)))
    });
    let server = build(app).await;
    for (request, expected) in [
        (Inject::get("/outside"), false),
        (Inject::get("/in/kept"), true),
        (Inject::post("/in/kept"), false),
        (Inject::get("/in/never"), false),
        (Inject::get("/in/as-usual"), false),
        (Inject::get("/in/deep/kept"), true),
    ] {
        let (first, second) = (server.inject(request.clone()).await, server.inject(request.clone()).await);
        assert_eq!(first.text() == second.text(), expected, "{request:?}");
    }
}

#[tokio::test]
async fn routes_of_one_path_are_told_apart() {
    let calls = Calls::default();
    let counted = |name: &'static str| {
        let calls = calls.clone();
        move || format!("{name} {}", calls.next())
    };
    let is = |word: &'static str| move |req: &Request| req.header("x-kind") == Some(word);
    let app = App::new()
        .plugin(cache())
        .route(get("/", counted("a")).constraint("kind a", is("a")))
        .route(get("/", counted("b")).constraint("kind b", is("b")));
    let server = build(app).await;
    for (kind, expected) in [("a", "a 1"), ("b", "b 2"), ("a", "a 1"), ("b", "b 2")] {
        server.inject(Inject::get("/").header("x-kind", kind)).await.assert_text(expected);
    }
}

#[tokio::test]
async fn two_caches_for_one_route_are_an_error() {
    let app = App::new().plugin(cache()).scope("/in", |scope| scope.plugin(cache()).get("/", "text"));
    let error = app.build().await.map(drop).unwrap_err().to_string();
    assert!(error.contains("is registered already"), "{error}");
    let error = App::new().plugin(cache().vary_by("x y")).build().await.map(drop).unwrap_err().to_string();
    assert!(error.contains("\"x y\""), "{error}");
}
