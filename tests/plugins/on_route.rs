//! `on_route`: sees every route of its scope and of those within, and may change its options.

use fastweb::prelude::*;
use fastweb::{Scope, any, plugin};

use crate::support::probe::Probe;
use crate::{assert_told, problems};

fn noting(probe: &Probe, who: &'static str) -> impl Fn(Route) -> Route + use<> {
    let probe = probe.clone();
    move |route| {
        let methods: Vec<&str> = route.methods().collect();
        probe.note(format!("{who}: {} {}", methods.join("|"), route.path()));
        route
    }
}

#[tokio::test]
async fn it_sees_whole_paths_from_the_outside_in() {
    let probe = Probe::default();
    let in_plugin = noting(&probe, "plugin");
    let app = App::new()
        .get("/before", "x")
        .on_route(noting(&probe, "app"))
        .scope("/v1/{team}", |v1| {
            v1.route(any("/", "x"))
                .scope("/in", |inner| inner.on_route(noting(&probe, "inner")).post("/x", "x"))
                .on_route(noting(&probe, "v1"))
        })
        .plugin(plugin("p", async move |scope: Scope| Ok(scope.on_route(in_plugin).get("/plugin", "x"))))
        .not_found("no route");
    app.build().await.unwrap();
    let any = "GET|POST|PUT|PATCH|DELETE|OPTIONS|TRACE /v1/{team}";
    assert_eq!(
        probe.events(),
        [
            "app: GET /before".to_owned(),
            // A plugin's scope comes before those that are declared: it is there first.
            "app: GET /plugin".into(),
            "plugin: GET /plugin".into(),
            format!("app: {any}"),
            format!("v1: {any}"),
            "app: POST /v1/{team}/in/x".into(),
            "v1: POST /v1/{team}/in/x".into(),
            "inner: POST /v1/{team}/in/x".into(),
        ]
    );
}

#[tokio::test]
async fn it_changes_options() {
    let secure = |route: Route| {
        if !route.path().starts_with("/admin") {
            return route;
        }
        assert!(route.handler_name().ends_with("secret"), "{}", route.handler_name());
        assert!(route.place().file().ends_with("on_route.rs"));
        let key = |req: &mut Request| -> Result<()> {
            req.header("x-key").map(drop).ok_or_else(|| Error::unauthorized("no key"))
        };
        route
            .on_request(key)
            .body_limit(4)
            .host("admin.example")
            .error_handler(|_: &mut Request, error: Error| (error.status(), format!("admin: {error}")))
    };
    async fn secret(body: String) -> String {
        body
    }
    let app = App::new().on_route(secure).scope("/admin", |admin| admin.post("/x", secret)).post("/x", secret);
    let server = app.build().await.unwrap();
    let request = |path: &str| Inject::post(path).header("host", "admin.example");
    server.inject(request("/x").body("12345")).await.assert_status(200);
    server.inject(request("/admin/x")).await.assert_status(401).assert_text("admin: no key");
    server.inject(request("/admin/x").header("x-key", "k").body("1234")).await.assert_status(200).assert_text("1234");
    server.inject(request("/admin/x").header("x-key", "k").body("12345")).await.assert_status(413);
    server.inject(Inject::post("/admin/x").header("x-key", "k")).await.assert_status(404);
}

#[tokio::test]
async fn what_it_finds_wrong_fails_the_build() {
    let kebab = |route: Route| match route.path().contains('_') {
        true => route.problem("has an underscore in its path: write a hyphen").problem("is ugly"),
        false => route,
    };
    let app = App::new().on_route(kebab);
    let (app, line) = (app.get("/my_page", "x").get("/my-page", "x").get("/a_b", "x"), line!());
    let problems = problems(app).await;
    for path in ["/my_page", "/a_b"] {
        for words in ["has an underscore in its path: write a hyphen", "is ugly"] {
            assert_told(&problems, &[&format!("GET {path} (handler"), &format!("on_route.rs:{line}"), words]);
        }
    }
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

#[tokio::test]
async fn a_panic_is_told_with_the_route_and_the_other_routes_are_looked_at() {
    let picky = |route: Route| {
        assert!(route.path() != "/a", "no a");
        route
    };
    let app = App::new().on_route(picky).get("/a", "x").get("/b", "x").get("/b", "x");
    let problems = problems(app).await;
    assert_told(&problems, &["GET /a (handler", "an on_route hook panicked: no a"]);
    assert_told(&problems, &["GET /b ", "exists already"]);
    assert_eq!(problems.len(), 2, "{problems:#?}");
}

/// The prefix has been put before the path already, and constraints of paths are the router's.
#[tokio::test]
async fn it_cannot_put_another_route_in_place() {
    let app = App::new().scope("/v1", |v1| v1.on_route(|_: Route| get("/other", "x")).get("/mine", "x"));
    assert_told(
        &problems(app).await,
        &["GET /v1/mine (handler", "an on_route hook gave back another route, GET /other"],
    );
    // Another handler for the same path is what a hook may choose.
    let app = App::new().scope("/v1", |v1| v1.on_route(|route: Route| get(route.path(), "hooked")).get("/mine", "x"));
    app.build().await.unwrap().inject(Inject::get("/v1/mine")).await.assert_text("hooked");
}
