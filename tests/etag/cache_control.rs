//! `cache-control` and `expires`.

use std::time::{Duration, SystemTime};

use fastweb::etag::CacheControl;
use fastweb::prelude::*;

#[test]
fn directives_are_written_in_their_order_and_once() {
    let second = Duration::from_secs(1);
    let all = CacheControl::new()
        .public()
        .no_transform()
        .must_revalidate()
        .proxy_revalidate()
        .immutable()
        .max_age(5 * second)
        .max_age(second)
        .s_maxage(2 * second)
        .stale_while_revalidate(3 * second)
        .stale_if_error(4 * second)
        .public();
    let expected = "public, no-transform, must-revalidate, proxy-revalidate, max-age=1, s-maxage=2, \
                    stale-while-revalidate=3, stale-if-error=4, immutable";
    assert_eq!(all.to_string(), expected);
    assert_eq!(CacheControl::new().max_age(Duration::MAX).to_string(), "max-age=2147483648");
    assert_eq!(CacheControl::new().immutable().to_string(), "immutable");
}

#[tokio::test]
async fn the_nearest_says_it_and_answers_of_their_own_come_first() {
    let age = |seconds| CacheControl::new().max_age(Duration::from_secs(seconds));
    let own = move || (age(4), "own");
    let app = App::new().plugin(ETag::new()).cache_control(age(1)).get("/", "root").scope("/a", |a| {
        a.cache_control(age(2))
            .get("/", "scope")
            .route(get("/route", "route").cache_control(age(3)))
            .route(get("/own", own).cache_control(age(3)))
            .get("/error", || -> Result<&str> { Err(Error::conflict("no")) })
            .get("/tagged", || Reply::text("text").etag_from(1))
    });
    let server = app.build().await.unwrap();
    for (path, seconds) in [("/", 1), ("/a", 2), ("/a/route", 3), ("/a/own", 4), ("/a/tagged", 2)] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(200).assert_header("cache-control", &format!("max-age={seconds}"));
        assert_eq!(reply.headers().filter(|(name, _)| *name == "cache-control").count(), 1);
    }
    let same = server.inject(Inject::get("/a/tagged").header("if-none-match", "\"1\"")).await;
    same.assert_status(304).assert_header("cache-control", "max-age=2");
    for path in ["/a/error", "/nowhere"] {
        assert_eq!(server.inject(Inject::get(path)).await.header("cache-control"), None, "{path}");
    }
}

#[tokio::test]
async fn an_answer_expires_when_it_was_told_to() {
    let hour = Duration::from_secs(3600);
    let app =
        App::new().route(get("/", "text").expires_after(hour)).route(get("/late", "text").expires_after(Duration::MAX));
    let server = app.build().await.unwrap();
    let before = SystemTime::now() + hour;
    let reply = server.inject(Inject::get("/")).await;
    let expires = httpdate::parse_http_date(reply.header("expires").unwrap()).unwrap();
    // Dates have whole seconds.
    assert!(expires + Duration::from_secs(1) > before && expires <= SystemTime::now() + hour);
    server.inject(Inject::get("/late")).await.assert_status(200);
}
