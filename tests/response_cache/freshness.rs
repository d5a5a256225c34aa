//! How long an answer is given.

use fastweb::etag::CacheControl;
use fastweb::response_cache::Cached;

use super::*;

/// For how many seconds the answer is given again.
async fn lasts(
    cache: ResponseCache,
    route: impl FnOnce(fastweb::Route) -> fastweb::Route,
    control: Option<&'static str>,
) -> u64 {
    let (time, calls) = (Time::default(), Calls::default());
    let handler = move || {
        let reply = Reply::text("a").with_header("x-call", calls.next().to_string());
        match control {
            Some(control) => reply.with_header("cache-control", control),
            None => reply,
        }
    };
    let server = build(App::new().plugin(cache.clock(time.clock())).route(route(get("/", handler)))).await;
    assert_eq!(call(&server.inject(Inject::get("/")).await), 1);
    for seconds in 0.. {
        let reply = server.inject(Inject::get("/")).await;
        if call(&reply) != 1 {
            return seconds;
        }
        assert_eq!(reply.header("age"), Some(&*seconds.to_string()));
        time.pass(SECOND);
    }
    unreachable!("it is given for ever")
}

#[tokio::test]
async fn the_shortest_of_what_is_said_holds() {
    let of_route = |seconds: u64| move |route: fastweb::Route| route.config(Cached::new(seconds as u32 * SECOND));
    let none = |route: fastweb::Route| route;
    let cache = || ResponseCache::new().ttl(5 * SECOND);
    assert_eq!(lasts(cache(), none, None).await, 5);
    assert_eq!(lasts(cache(), of_route(3), None).await, 3);
    assert_eq!(lasts(cache(), of_route(8), None).await, 8);
    assert_eq!(lasts(cache(), none, Some("max-age=3")).await, 3);
    assert_eq!(lasts(cache(), none, Some("max-age=8")).await, 5);
    assert_eq!(lasts(cache(), of_route(8), Some("max-age=60")).await, 8);
    assert_eq!(lasts(ResponseCache::new(), none, Some("max-age=8")).await, 8);
    // For caches that several clients share.
    assert_eq!(lasts(cache(), none, Some("max-age=1, s-maxage=4")).await, 4);
    assert_eq!(lasts(cache(), none, Some("max-age=4, s-maxage=0")).await, 0);
}

#[tokio::test]
async fn what_the_route_says_to_clients_counts_too() {
    let cache = || ResponseCache::new().ttl(MINUTE);
    let says = |control: CacheControl| move |route: fastweb::Route| route.cache_control(control);
    assert_eq!(lasts(cache(), says(CacheControl::new().max_age(2 * SECOND)), None).await, 2);
    assert_eq!(lasts(cache(), says(CacheControl::new().no_store()), None).await, 0);
    assert_eq!(lasts(cache(), says(CacheControl::new().private()), None).await, 0);
    assert_eq!(lasts(cache(), |route| route.expires_after(3 * SECOND), None).await, 3);
    // The answer's own comes first.
    assert_eq!(lasts(cache(), says(CacheControl::new().no_store()), Some("max-age=4")).await, 4);
}

#[tokio::test]
async fn an_answer_may_be_of_some_age_already() {
    let time = Time::default();
    let handler = || Reply::text("a").with_header("age", "50").with_header("cache-control", "max-age=60");
    let server = build(App::new().plugin(ResponseCache::new().clock(time.clock())).get("/", handler)).await;
    server.inject(Inject::get("/")).await.assert_header("age", "50");
    time.pass(9 * SECOND);
    server.inject(Inject::get("/")).await.assert_header("age", "59");
    time.pass(SECOND);
    server.inject(Inject::get("/")).await.assert_header("age", "50");
}

#[tokio::test]
async fn clients_may_want_younger_ones() {
    let (time, calls) = (Time::default(), Calls::default());
    let cache = ResponseCache::new().ttl(10 * SECOND).stale_while_revalidate(MINUTE).clock(time.clock());
    let server = build(App::new().plugin(cache).get("/", move || calls.next().to_string())).await;
    let ask = async |control: &str, expected: &str| {
        server.inject(Inject::get("/").header("cache-control", control)).await.assert_text(expected);
    };
    ask("max-age=0", "1").await;
    time.pass(4 * SECOND);
    ask("max-age=4", "1").await;
    ask("min-fresh=5", "1").await;
    ask("min-fresh=6", "2").await;
    time.pass(SECOND);
    ask("max-age=0", "3").await;
    ask("max-age=x", "3").await;
    time.pass(20 * SECOND);
    // Not a stale one.
    ask("max-age=19", "4").await;
}
