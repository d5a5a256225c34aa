//! Limits of requests per client.

use std::net::SocketAddr;
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::rate_limit::{Rate, RateDecision, RateStore, RouteRate};

const HOUR: Duration = Duration::from_secs(3600);

async fn build(app: App) -> Server {
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

fn from(ip: &str, path: &str) -> Inject {
    Inject::get(path).peer_addr(SocketAddr::new(ip.parse().expect("an address"), 80))
}

async fn status(server: &Server, request: Inject) -> u16 {
    server.inject(request).await.status().as_u16()
}

#[tokio::test]
async fn each_client_has_its_own_and_is_told() {
    let server = build(App::new().plugin(RateLimit::new(3, HOUR)).get("/", "text")).await;
    for remaining in [2, 1, 0] {
        let reply = server.inject(from("192.0.2.1", "/")).await;
        reply.assert_status(200).assert_header("ratelimit-policy", "\"default\";q=3;w=3600");
        reply.assert_header("ratelimit", &format!("\"default\";r={remaining};t=1200"));
    }
    let reply = server.inject(from("192.0.2.1", "/")).await;
    reply.assert_status(429);
    assert!(reply.text().contains("FW_ERR_TOO_MANY_REQUESTS"), "{}", reply.text());
    // It runs already.
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1000..=1200).contains(&wait), "{wait}");
    assert!(reply.header("ratelimit").unwrap().starts_with("\"default\";r=0;t="));
    assert_eq!(status(&server, from("192.0.2.2", "/")).await, 200);
    // One customer has 64 bits of IPv6.
    for n in 0..3 {
        assert_eq!(status(&server, from(&format!("2001:db8:1:2::{n}"), "/")).await, 200);
    }
    assert_eq!(status(&server, from("2001:db8:1:2:ffff::1", "/")).await, 429);
    assert_eq!(status(&server, from("2001:db8:1:3::1", "/")).await, 200);
    // An address of IPv4 is one however it is written.
    assert_eq!(status(&server, from("::ffff:192.0.2.1", "/")).await, 429);
    // Nobody by no network.
    for _ in 0..5 {
        assert_eq!(status(&server, Inject::get("/")).await, 200);
    }
}

#[tokio::test]
async fn paths_without_a_route_count_too() {
    let server = build(App::new().plugin(RateLimit::new(2, HOUR)).get("/", "text").post("/", "posted")).await;
    assert_eq!(status(&server, from("192.0.2.1", "/nowhere")).await, 404);
    assert_eq!(status(&server, from("192.0.2.1", "/else")).await, 404);
    assert_eq!(status(&server, from("192.0.2.1", "/")).await, 429);
    assert_eq!(status(&server, from("192.0.2.1", "/nowhere")).await, 429);
}

#[tokio::test]
async fn keys_and_who_is_allowed_are_the_application_s() {
    let by_key = RateLimit::new(1, HOUR).key(|req| req.header("x-key").map(str::to_owned));
    let by_key = by_key.allow(|req| req.header("x-key") == Some("root")).without_headers();
    let server = build(App::new().plugin(by_key).get("/", "text")).await;
    let ask = async |key: &str| status(&server, Inject::get("/").header("x-key", key)).await;
    assert_eq!((ask("a").await, ask("a").await, ask("b").await), (200, 429, 200));
    assert_eq!((ask("root").await, ask("root").await), (200, 200));
    let reply = server.inject(Inject::get("/").header("x-key", "c")).await;
    assert_eq!((reply.header("ratelimit"), reply.header("ratelimit-policy")), (None, None));
    for _ in 0..3 {
        assert_eq!(status(&server, Inject::get("/")).await, 200);
    }
}

#[tokio::test]
async fn routes_and_scopes_have_their_own() {
    let app = App::new()
        .plugin(RateLimit::new(3, HOUR))
        .get("/", "text")
        .route(get("/dear", "dear").config(RouteRate(Rate::new(1, HOUR))))
        .scope("/api", |api| api.plugin(RateLimit::new(1, HOUR).name("api")).get("/", "api"));
    let server = build(app).await;
    assert_eq!(status(&server, from("192.0.2.1", "/dear")).await, 200);
    assert_eq!(status(&server, from("192.0.2.1", "/dear")).await, 429);
    let reply = server.inject(from("192.0.2.1", "/api")).await;
    let policies: Vec<_> =
        reply.headers().filter(|(name, _)| *name == "ratelimit-policy").map(|(_, value)| value).collect();
    assert_eq!(policies, ["\"default\";q=3;w=3600", "\"api\";q=1;w=3600"]);
    assert_eq!(status(&server, from("192.0.2.1", "/api")).await, 429);
    // Those two were among the three.
    assert_eq!(status(&server, from("192.0.2.1", "/")).await, 200);
    assert_eq!(status(&server, from("192.0.2.1", "/")).await, 429);
}

#[tokio::test]
async fn requests_come_back() {
    let server = build(App::new().plugin(RateLimit::new(2, Duration::from_millis(40))).get("/", "text")).await;
    while status(&server, from("192.0.2.1", "/")).await == 200 {}
    let begun = std::time::Instant::now();
    while status(&server, from("192.0.2.1", "/")).await == 429 {
        assert!(begun.elapsed() < Duration::from_secs(20), "they never do");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_store_that_fails_lets_requests_pass() {
    struct Down;
    impl RateStore for Down {
        async fn take(&self, _: &str, _: Rate) -> Result<RateDecision> {
            Err(Error::internal("it is down"))
        }
    }
    let server = build(App::new().plugin(RateLimit::new(1, HOUR).store(Down)).get("/", "text")).await;
    for _ in 0..3 {
        assert_eq!(status(&server, from("192.0.2.1", "/")).await, 200);
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_an_error_of_build() {
    for (limit, told) in [
        (RateLimit::new(0, HOUR), "a limit of 0 requests"),
        (RateLimit::new(1, Duration::ZERO), "it needs at least one request"),
        (RateLimit::new(10, Duration::from_nanos(5)), "a nanosecond for each"),
        (RateLimit::new(1, HOUR).name("a b"), "the name \"a b\" of a rate limit"),
    ] {
        let error = App::new().plugin(limit).build().await.expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
}
