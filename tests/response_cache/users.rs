//! Nobody reads what is another's: requests of several users in any order, to handlers that say by what their answers differ, and to some that forget to.

use std::collections::HashSet;

use fastweb::response_cache::Cached;
use fastweb::{ApiKey, ApiKeyScheme, KeyIn};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

struct TenantKey;

impl ApiKeyScheme for TenantKey {
    const PLACE: KeyIn = KeyIn::Header;
    const NAME: &'static str = "x-tenant-key";
}

/// Who asks, and for what.
#[derive(Clone, Debug)]
struct Ask {
    path: &'static str,
    user: u8,
    head: bool,
    fresh: bool,
    passes: u64,
}

fn ask() -> impl Strategy<Value = Ask> {
    let path =
        prop::sample::select(vec!["/vary", "/forgets", "/key", "/header", "/token", "/sets", "/private", "/two"]);
    (
        path,
        0..4_u8,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop::sample::select(vec![0, 0, 0, 400, 1_500]),
    )
        .prop_map(|(path, user, head, fresh, passes)| Ask { path, user, head, fresh, passes })
}

/// The user that a request is of, by what the route goes by. Every answer has it.
fn app(time: &Time) -> App {
    let cookie = |req: &mut Request| req.cookie("user").unwrap_or("nobody").to_owned();
    let header = |req: &mut Request| req.header("x-user").unwrap_or("nobody").to_owned();
    let cache = ResponseCache::new().ttl(SECOND).stale_while_revalidate(SECOND).clock(time.clock());
    App::new()
        .plugin(ETag::new().computed())
        .plugin(cache)
        .get("/vary", move |req: &mut Request| Reply::text(cookie(req)).with_header("vary", "Cookie"))
        .get("/forgets", move |req: &mut Request| cookie(req))
        .get("/key", |key: ApiKey<TenantKey>| key.key().to_owned())
        .route(get("/header", move |req: &mut Request| header(req)).config(Cached::as_usual().vary_by("X-User")))
        .get("/token", |req: &mut Request| req.header("authorization").unwrap_or("nobody").to_owned())
        .get("/sets", move |req: &mut Request| {
            let user = header(req);
            Reply::text(&*user).with_header("set-cookie", format!("user={user}"))
        })
        .get("/private", move |req: &mut Request| Reply::text(header(req)).with_header("cache-control", "private"))
        // Sometimes by one header, sometimes by another as well.
        .get("/two", move |req: &mut Request| {
            let user = header(req);
            let vary = if *user < *"2" { "x-user" } else { "accept, x-user" };
            Reply::text(user).with_header("vary", vary)
        })
}

fn request(ask: &Ask, id: &str) -> Inject {
    let request = if ask.head { Inject::head(ask.path) } else { Inject::get(ask.path) };
    let request = match ask.path {
        "/vary" | "/forgets" => request.header("cookie", format!("theme=dark; user={id}")),
        "/key" => request.header("x-tenant-key", id),
        "/token" => request.header("authorization", id),
        _ => request.header("x-user", id),
    };
    if ask.fresh { request.header("cache-control", "no-cache") } else { request }
}

#[test]
fn in_whatever_order_users_ask_each_reads_his_own() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 48, ..Config::default() });
    let orders = prop::collection::vec(prop::collection::vec(ask(), 1..6), 1..25);
    runner
        .run(&orders, |batches| {
            runtime.block_on(async {
                let time = Time::default();
                let server = Arc::new(build(app(&time)).await);
                for batch in batches {
                    // Those of a batch are under way at the same time.
                    let asked: Vec<_> = batch
                        .into_iter()
                        .map(|ask| {
                            time.pass(Duration::from_millis(ask.passes));
                            let (server, id) = (server.clone(), ask.user.to_string());
                            let reply = tokio::spawn({
                                let request = request(&ask, &id);
                                async move { server.inject(request).await }
                            });
                            (ask, id, reply)
                        })
                        .collect();
                    for (ask, id, reply) in asked {
                        let reply = reply.await.unwrap();
                        prop_assert_eq!(reply.status().as_u16(), 200);
                        prop_assert_eq!(reply.text(), if ask.head { "" } else { &*id }, "{:?}", ask);
                        if let Some(cookie) = reply.header("set-cookie") {
                            prop_assert_eq!(cookie, format!("user={id}"));
                        }
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}

#[tokio::test]
async fn what_hooks_say_to_one_client_is_said_to_no_other() {
    let hooks = |scope: App| {
        scope
            .on_request(|req: &mut Request, reply: &mut Reply| {
                let user = req.header("x-user").unwrap_or("nobody").to_owned();
                reply.set_header("x-early", &user).append_header("x-rest", "of all").append_header("x-rest", &user);
            })
            // Of a scope around that of the cache.
            .on_send(|req: &mut Request, reply: &mut Reply| {
                if let Some(user) = req.header("x-user").map(str::to_owned) {
                    reply.set_header("x-late", &user).set_header("set-cookie", format!("seen={user}"));
                }
            })
    };
    let calls = Calls::default();
    let handler = {
        let calls = calls.clone();
        move || Reply::text("of all").with_header("x-own", calls.next().to_string())
    };
    let server =
        build(hooks(App::new()).scope("", |scope| scope.plugin(ResponseCache::new().ttl(MINUTE)).get("/", handler)))
            .await;
    for user in [Some("ada"), Some("bob"), None] {
        let request = user.map_or(Inject::get("/"), |user| Inject::get("/").header("x-user", user));
        let reply = server.inject(request).await;
        reply.assert_text("of all").assert_header("x-own", "1").assert_header("x-early", user.unwrap_or("nobody"));
        assert_eq!(reply.header("x-late"), user);
        assert_eq!(reply.header("set-cookie"), user.map(|user| format!("seen={user}")).as_deref());
        let rest: Vec<_> = reply.headers().filter(|(name, _)| *name == "x-rest").map(|(_, value)| value).collect();
        assert_eq!(rest, ["of all", user.unwrap_or("nobody")]);
    }
    assert_eq!(calls.get(), 1);
}

#[tokio::test]
async fn who_may_not_see_an_answer_is_refused_before_it_is_looked_for() {
    let guard = |req: &mut Request| match req.header("x-key") {
        Some("right") => Ok(()),
        _ => Err(Error::forbidden("not yours")),
    };
    let cache = ResponseCache::new().ttl(MINUTE);
    let handle = cache.handle();
    // The hook of the route itself, which runs behind those of its scopes.
    let app = App::new().plugin(cache).route(get("/", "secret").pre_handler(guard));
    let server = build(app).await;
    for _ in 0..2 {
        server.inject(Inject::get("/").header("x-key", "right")).await.assert_text("secret");
        server.inject(Inject::get("/")).await.assert_status(403);
    }
    assert_eq!(handle.counts().hits, 1);
}

#[tokio::test]
async fn cookies_are_passed_over_where_there_are_no_users() {
    let ask = |cookie: &str| Inject::get("/").header("cookie", cookie);
    for (cache, expected) in [(ResponseCache::new(), [1, 2, 1]), (ResponseCache::new().ignore_cookies(), [1, 1, 1])] {
        let calls = Calls::default();
        let app = App::new().plugin(cache.ttl(MINUTE)).get("/", move || calls.next().to_string());
        let server = build(app).await;
        for (cookie, expected) in ["a=1", "a=2", "a=1"].into_iter().zip(expected) {
            server.inject(ask(cookie)).await.assert_text(&expected.to_string());
        }
    }
}

#[tokio::test]
async fn no_header_can_be_written_so_that_it_is_taken_for_another() {
    let values = |req: &mut Request| {
        let of = |wanted: &str| -> Vec<String> {
            let values = req.headers().filter(|(name, _)| *name == wanted).map(|(_, value)| value);
            values.map(|value| value.escape_ascii().to_string()).collect()
        };
        Reply::text(format!("{:?}", [of("a"), of("b"), of("ab")])).with_header("vary", "a, b, ab")
    };
    let cache = ResponseCache::new().ttl(MINUTE);
    let handle = cache.handle();
    let server = build(App::new().plugin(cache).get("/", values)).await;
    let pieces = ["", "b", "=b", "a=", ": b", "#62", "?", ":62", "b, b", "\u{e4}", "\u{e4}b"];
    let mut asked = HashSet::new();
    for a in pieces {
        for b in pieces {
            for (first, second) in [("a", "b"), ("b", "a"), ("a", "a"), ("ab", "b")] {
                let of = |wanted: &str| -> Vec<String> {
                    let values = [(first, a), (second, b)].into_iter().filter(|(name, _)| *name == wanted);
                    values.map(|(_, value)| value.as_bytes().escape_ascii().to_string()).collect()
                };
                let expected = format!("{:?}", [of("a"), of("b"), of("ab")]);
                let request = Inject::get("/").header(first, a).header(second, b);
                server.inject(request).await.assert_text(&expected);
                asked.insert(expected);
            }
        }
    }
    // No two that are alike were made twice.
    assert_eq!(handle.counts().misses, asked.len() as u64);
}
