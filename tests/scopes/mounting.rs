//! `mount`: a whole application as a scope of another.

use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{ErrorFormat, RouterOptions, WorkerState, plugin};

use crate::fault;
use crate::support::probe::Probe;
use crate::trail::Trail;

struct Name(&'static str);
struct Outer;

#[tokio::test]
async fn a_mounted_application_is_a_scope() {
    let trail = Trail::default();
    let inner = App::new()
        .on_request(trail.hook("inner"))
        .state(Name("inner"))
        .error_handler(|_: &mut Request, error: Error| (error.status(), format!("inner: {error}")))
        .get("/", |name: State<Name>, _: State<Outer>| name.0)
        .get("/users/{id}", |Path((team, id)): Path<(String, u32)>| format!("{team} {id}"))
        .get("/fails", || -> Result<()> { Err(Error::conflict("no")) })
        .worker_state(async || Ok(7_u8))
        .get("/worker", |seven: WorkerState<u8>| seven.to_string())
        .not_found("inner: nothing")
        .plugin(plugin("extra", async |scope: fastweb::Scope| Ok(scope.get("/extra", "extra"))));
    let app = App::new()
        .on_request(trail.hook("outer"))
        .state(Name("outer"))
        .state(Outer)
        .mount("/teams/{team}", inner)
        .get("/", |name: State<Name>| name.0);
    let server = app.build().await.unwrap();
    for (path, text, hooks) in [
        ("/", "outer", vec!["outer"]),
        ("/teams/blue", "inner", vec!["outer", "inner"]),
        ("/teams/blue/", "inner", vec!["outer", "inner"]),
        ("/teams/blue/users/7", "blue 7", vec!["outer", "inner"]),
        ("/teams/blue/fails", "inner: no", vec!["outer", "inner"]),
        ("/teams/blue/worker", "7", vec!["outer", "inner"]),
        ("/teams/blue/extra", "extra", vec!["outer", "inner"]),
        ("/teams/blue/nowhere", "inner: nothing", vec!["outer", "inner"]),
    ] {
        server.inject(Inject::get(path)).await.assert_text(text);
        assert_eq!(trail.take(), hooks, "{path}");
    }
    server.inject(Inject::get("/nowhere")).await.assert_status(404);
    assert_eq!(trail.take(), ["outer"]);
}

#[tokio::test]
async fn hooks_of_its_life_run_with_the_outer_ones() {
    let probe = Probe::default();
    let note = |event: &'static str| {
        let probe = probe.clone();
        move || {
            probe.note(event);
            std::future::ready(())
        }
    };
    let (a, b, c, d) = (note("inner ready"), note("inner close"), note("outer ready"), note("outer close"));
    let inner = App::new().on_ready(async move || a().await).on_close(async move || b().await);
    let app = App::new().mount("/inner", inner).on_ready(async move || c().await).on_close(async move || d().await);
    app.build().await.unwrap().close().await.unwrap();
    assert_eq!(probe.events(), ["outer ready", "inner ready", "inner close", "outer close"]);
}

/// The same application may be mounted more than once, and within another that is mounted.
#[tokio::test]
async fn mounts_nest() {
    let leaf = || App::new().get("/", |req: &mut Request| req.route_pattern().unwrap_or_default().to_owned());
    let app = App::new().mount("/a", App::new().mount("/b", leaf()).mount("/c", leaf())).mount("", leaf());
    let server = app.build().await.unwrap();
    for (path, pattern) in [("/a/b", "/a/b"), ("/a/c", "/a/c"), ("/", "/")] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(pattern);
    }
}

#[tokio::test]
async fn what_belongs_to_a_server_is_set_on_the_outer_application() {
    let inner = App::new()
        .limits(Limits::default().with_body(10))
        .router(RouterOptions::default().case_sensitive(false))
        .workers(3)
        .server_header("inner")
        .error_format(ErrorFormat::Problem)
        .fastify_mode()
        .reuse_port(true)
        .plugin_timeout(Duration::from_secs(1));
    let (app, line) = (App::new().mount("/inner", inner), line!());
    let message = fault(app).await;
    let settings = [
        "limits",
        "router",
        "workers",
        "server_header",
        "error_format",
        "fastify_mode",
        "reuse_port",
        "plugin_timeout",
    ];
    assert!(message.contains("8 problems"), "{message}");
    for setting in settings {
        let told = message.lines().any(|problem| {
            problem.contains(&format!("sets `{setting}`"))
                && problem.contains(&format!("mounting.rs:{line}"))
                && problem.contains(r#"mounted at "/inner""#)
        });
        assert!(told, "{setting}: {message}");
    }
    // What holds for a scope may be said.
    App::new().mount("/inner", App::new().body_limit(10)).build().await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_within_is_told_with_its_whole_path() {
    let inner = App::new().get("/users", |_: State<Name>| ());
    let message = fault(App::new().mount("/v1", inner).mount("v2", App::new())).await;
    assert!(
        message.contains("GET /v1/users (handler") && message.contains("State<scopes::mounting::Name>"),
        "{message}"
    );
    assert!(message.contains(r#"the scope "v2""#), "{message}");
}
