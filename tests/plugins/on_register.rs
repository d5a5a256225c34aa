//! `on_register`: is given every scope within its own while that is still empty.

use fastweb::prelude::*;
use fastweb::{RequestState, Scope, plugin};

use crate::support::probe::Probe;
use crate::{assert_told, problems};

struct Name(&'static str);

#[tokio::test]
async fn scopes_plugins_and_mounts_are_shown_and_the_scope_itself_is_not() {
    let probe = Probe::default();
    let noting = |who: &'static str| {
        let probe = probe.clone();
        move |scope: Scope| {
            let name = scope.get_state::<Name>().map_or("none", |name| name.0);
            probe.note(format!("{who}: {name}"));
            scope
        }
    };
    let inner = noting("inner");
    let app = App::new()
        .state(Name("app"))
        .on_register(noting("app"))
        .scope("/a", |a| a.state(Name("a")).on_register(noting("a")).scope("/b", |b| b.scope("/c", |c| c)))
        .plugin(plugin("own", async move |scope: Scope| Ok(scope.on_register(inner).scope("/x", |x| x))))
        .plugin(plugin("shared", async |scope: Scope| Ok(scope)).shared())
        .mount("/m", App::new());
    app.build().await.unwrap();
    assert_eq!(
        probe.events(),
        ["app: app", "app: app", "inner: app", "app: app", "app: a", "a: a", "app: a", "a: a", "app: app",]
    );
}

#[tokio::test]
async fn what_it_adds_comes_before_what_the_scope_declares() {
    let probe = Probe::default();
    let note = |name: &'static str| {
        let probe = probe.clone();
        move |_: &mut Request| probe.note(name)
    };
    let (registered, app_hook) = (note("on_register"), note("app"));
    let registered = std::sync::Arc::new(registered);
    let on_register = move |scope: Scope| {
        let registered = registered.clone();
        scope
            .on_request(move |req: &mut Request| registered(req))
            .state(Name("on_register"))
            .request_state(|_| 7_u8)
            .body_limit(2)
            .error_handler(|_: &mut Request, error: Error| format!("on_register: {error}"))
    };
    let show = |name: State<Name>, seven: RequestState<u8>| format!("{} {}", name.0, *seven);
    let app = App::new()
        .on_register(on_register)
        .on_request(app_hook)
        .scope("/a", |a| a.on_request(note("a")).state(Name("a")).get("/", show))
        .scope("/b", |b| b.get("/", show).post("/", async |body: String| body))
        .get("/", "app");
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/a")).await.assert_text("a 7");
    assert_eq!(probe.events(), ["app", "on_register", "a"]);
    server.inject(Inject::get("/b")).await.assert_text("on_register 7");
    let reply = server.inject(Inject::post("/b").body("123")).await;
    assert!(reply.text().starts_with("on_register: "), "{}", reply.text());
    server.inject(Inject::get("/")).await.assert_status(200).assert_text("app");
    assert_eq!(probe.count("on_register"), 3);
}

/// Those that a shared plugin adds hold for what is registered behind it.
#[tokio::test]
async fn of_a_shared_plugin() {
    let tag = plugin("tag", async |scope: Scope| {
        Ok(scope.on_register(|inner: Scope| {
            inner.on_request(|_: &mut Request, reply: &mut Reply| {
                reply.append_header("x-tag", "1");
            })
        }))
    });
    let app = App::new()
        .plugin(tag.shared())
        .plugin(plugin("behind", async |scope: Scope| Ok(scope.get("/plugin", "x"))))
        .scope("/a", |a| a.get("/", "x"))
        .get("/", "x");
    let server = app.build().await.unwrap();
    for path in ["/plugin", "/a"] {
        let reply = server.inject(Inject::get(path)).await;
        let tags = reply.assert_status(200).headers().filter(|(name, _)| *name == "x-tag").count();
        assert_eq!(tags, 1, "once for {path}");
    }
    assert_eq!(server.inject(Inject::get("/")).await.header("x-tag"), None);
}

#[tokio::test]
async fn a_panic_is_told() {
    let app = App::new().on_register(|_: Scope| panic!("no scopes")).scope("/a", |a| a.get("/", "1").get("/", "2"));
    let problems = problems(app).await;
    assert_told(&problems, &["an on_register hook panicked: no scopes"]);
    assert_told(&problems, &["GET /a ", "exists already"]);
}

/// A hook is given the scopes that it opens itself.
#[tokio::test]
async fn one_that_opens_scopes_without_end_is_told() {
    let (app, line) = (App::new().on_register(|scope: Scope| scope.scope("/x", |x| x).scope("/y", |y| y)), line!());
    let problems = problems(app.scope("/a", |a| a.get("/", "x"))).await;
    assert_told(&problems, &["scopes around it", &format!("on_register.rs:{line}"), "without end"]);
    assert_eq!(problems.len(), 1, "{problems:#?}");

    let deep = (0..40).fold(App::new().get("/", "deep"), |app, _| App::new().mount("/d", app));
    let server = deep.build().await.unwrap();
    server.inject(Inject::get("/d".repeat(40))).await.assert_status(200).assert_text("deep");
}
