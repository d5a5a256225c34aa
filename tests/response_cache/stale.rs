//! Stale answers, while new ones are made.

use fastweb::response_cache::Cached;

use super::*;

#[tokio::test]
async fn nobody_waits_for_what_is_made_anew() {
    let (time, calls) = (Time::default(), Calls::default());
    let cache = ResponseCache::new().ttl(SECOND).stale_while_revalidate(10 * SECOND).clock(time.clock());
    let cache = cache.status_header("app");
    let handle = cache.handle();
    let counted = calls.clone();
    let handler = move |req: &mut Request| {
        let user = req.header("x-user").unwrap_or("nobody").to_owned();
        Reply::text(format!("{user} {}", counted.next())).with_header("vary", "x-user")
    };
    let server = build(App::new().plugin(cache).get("/{id}", handler)).await;
    let ask = || Inject::get("/7?a=1").header("x-user", "ada");
    server.inject(ask()).await.assert_text("ada 1");
    time.pass(SECOND);
    // An injected request is over when its background work is: then there is a new one.
    server
        .inject(ask())
        .await
        .assert_text("ada 1")
        .assert_header("age", "1")
        .assert_header("cache-status", "app; hit; ttl=0");
    server.inject(ask()).await.assert_text("ada 2").assert_header("age", "0");
    assert_eq!((calls.get(), handle.counts().stale, handle.counts().refreshes), (2, 1, 1));
    time.pass(11 * SECOND);
    server.inject(ask()).await.assert_text("ada 3");
    server.inject(Inject::get("/7?a=1").header("x-user", "bob")).await.assert_text("bob 4");
}

#[tokio::test]
async fn one_makes_it_anew_however_many_ask() {
    let (time, calls) = (Time::default(), Calls::default());
    let cache = ResponseCache::new().ttl(SECOND).stale_while_revalidate(MINUTE).clock(time.clock());
    let counted = calls.clone();
    let handler = async move || {
        let call = counted.next();
        tokio::time::sleep(Duration::from_millis(20)).await;
        call.to_string()
    };
    let server = Arc::new(build(App::new().plugin(cache).get("/", handler)).await);
    server.inject(Inject::get("/")).await.assert_text("1");
    time.pass(SECOND);
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move { server.inject(Inject::get("/")).await.text().to_owned() })
        })
        .collect();
    for reply in asked {
        assert_eq!(reply.await.unwrap(), "1");
    }
    server.inject(Inject::get("/")).await.assert_text("2");
    assert_eq!(calls.get(), 2);
}

#[tokio::test]
async fn one_that_cannot_be_made_anew_is_given_until_it_is_too_old() {
    let (time, calls) = (Time::default(), Calls::default());
    let cache = ResponseCache::new().ttl(SECOND).stale_while_revalidate(9 * SECOND).clock(time.clock());
    let handler = move || match calls.next() {
        1 => Ok("the first"),
        2 => panic!("as it should"),
        _ => Err(Error::internal("not now")),
    };
    let server = build(App::new().plugin(cache).get("/", handler)).await;
    for _ in 0..10 {
        server.inject(Inject::get("/")).await.assert_text("the first");
        time.pass(SECOND);
    }
    server.inject(Inject::get("/")).await.assert_status(500);
}

#[tokio::test]
async fn answers_may_forbid_it_or_say_how_long() {
    for (control, expected) in [
        ("max-age=1", 6),
        ("max-age=1, must-revalidate", 1),
        ("max-age=1, proxy-revalidate", 1),
        ("s-maxage=1", 1),
        ("max-age=1, stale-while-revalidate=2", 3),
        ("max-age=1, stale-while-revalidate=2, must-revalidate", 1),
    ] {
        let (time, calls) = (Time::default(), Calls::default());
        let cache = ResponseCache::new().clock(time.clock());
        let handler = move || match calls.next() {
            1 => Ok(Reply::text("kept").with_header("cache-control", control)),
            _ => Err(Error::internal("not now")),
        };
        let route = get("/", handler).config(Cached::as_usual().stale_while_revalidate(5 * SECOND));
        let server = build(App::new().plugin(cache).route(route)).await;
        let mut seconds = 0;
        while server.inject(Inject::get("/")).await.status() == 200 {
            time.pass(SECOND);
            seconds += 1;
        }
        assert_eq!(seconds, expected, "{control}");
    }
}

#[tokio::test]
async fn what_is_made_anew_runs_its_hooks_and_provides_what_it_needs() {
    let (time, hooks) = (Time::default(), Calls::default());
    let cache = ResponseCache::new().ttl(SECOND).stale_while_revalidate(MINUTE).clock(time.clock());
    let seen = hooks.clone();
    struct User(String);
    let app = App::new()
        .on_request(move |req: &mut Request| {
            seen.next();
            let user = User(req.header("x-user").unwrap_or("nobody").to_owned());
            req.extensions_mut().insert(user);
        })
        .plugin(cache)
        .get("/", |req: &mut Request| {
            let user = req.extensions().get::<User>().map(|user| user.0.clone()).unwrap_or_default();
            Reply::text(user).with_header("vary", "x-user")
        });
    let server = build(app).await;
    for expected in [1, 3, 4] {
        server.inject(Inject::get("/").header("x-user", "ada")).await.assert_text("ada");
        assert_eq!(hooks.get(), expected);
        time.pass(if expected == 1 { SECOND } else { Duration::ZERO });
    }
}
