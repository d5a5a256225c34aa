//! Faults of every kind in one application: none hides another, and each is told once.

use fastweb::prelude::*;
use fastweb::{Scope, any, plugin};

use crate::{assert_told, problems};

struct Missing;

#[tokio::test]
async fn of_plugins_scopes_routes_and_settings() {
    let app = App::new().server_header("a\nb").on_route(|route: Route| match route.path().ends_with("/bad") {
        true => route.problem("is bad"),
        false => route,
    });
    let (app, failed) = (app.plugin(plugin("db", async |_: Scope| Err(Error::internal("no database")))), line!());
    let (app, lonely) = (app.plugin(plugin("lonely", async |scope: Scope| Ok(scope)).depends_on("nobody")), line!());
    let set_up = line!() + 1;
    let plugged = async |scope: Scope| Ok(scope.get("/plugged/bad", |_: State<Missing>| ()));
    let app = app.scope("/v1", |v1| v1.plugin(plugin("plugged", plugged)));
    let (app, scope) = (app.scope("v2", |v2| v2), line!());
    let (app, parser) = (app.content_type_parser("yaml", |_: &mut Request, body: Bytes| body), line!());
    let (app, mounted) = (app.mount("/m", App::new().workers(1)), line!());
    let (app, first) = (app.get("/a", "1"), line!());
    let (app, second) = (app.scope("/a", |a| a.get("/", "2")), line!());
    let (app, not_found) = (app.scope("/b", |b| b.not_found(|_: State<Missing>| ())), line!());
    let problems = problems(app).await;
    assert_told(&problems, "plugin `db` ", file!(), failed, &["no database"]);
    assert_told(&problems, "plugin `lonely` ", file!(), lonely, &["depends on `nobody`"]);
    assert_told(&problems, "GET /v1/plugged/bad ", file!(), set_up, &["is bad"]);
    assert_told(&problems, "GET /v1/plugged/bad ", file!(), set_up, &["wants State<build::together::Missing>"]);
    assert_told(&problems, "the scope \"v2\"", file!(), scope, &["begin with a slash"]);
    assert_told(&problems, "\"yaml\"", file!(), parser, &["no media type"]);
    assert_told(&problems, "\"/m\"", file!(), mounted, &["sets `workers`"]);
    assert_told(&problems, "GET /a ", file!(), second, &["exists already", &format!("together.rs:{first}")]);
    assert_told(&problems, "not_found ", file!(), not_found, &["wants State<build::together::Missing>"]);
    assert!(problems.iter().any(|problem| problem.contains("server header")), "{problems:#?}");
    assert_eq!(problems.len(), 10, "{problems:#?}");
}

/// Each method of a route is a route of its own to the router.
#[tokio::test]
async fn duplicates_within_lists_of_methods() {
    let app = App::new();
    let (app, own) = (app.route(route(["GET", "POST", "GET"], "/list", "x")), line!());
    let (app, first) = (app.route(any("/any", "x")), line!());
    let (app, second) = (app.put("/any", "x"), line!());
    let (app, none) = (app.route(route([""; 0], "/none", "x")), line!());
    let (app, token) = (app.route(route(["GET", "NO GOOD"], "/token", "x")), line!());
    let problems = problems(app).await;
    assert_told(&problems, "GET /list ", file!(), own, &["exists already"]);
    assert_told(&problems, "PUT /any ", file!(), second, &["exists already", &format!("together.rs:{first}")]);
    assert_told(&problems, "/none ", file!(), none, &["has no method; name at least one"]);
    assert_told(&problems, "/token ", file!(), token, &["NO GOOD", "is not an HTTP method"]);
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

/// A second build of what was mended starts: nothing global remembers the first.
#[tokio::test]
async fn a_failed_build_leaves_nothing_behind() {
    let app = |state: bool| {
        let app = App::new().get("/", |_: State<Missing>| "x");
        if state { app.state(Missing) } else { app }
    };
    for _ in 0..3 {
        assert_eq!(problems(app(false)).await.len(), 1);
        app(true).build().await.unwrap().inject(Inject::get("/")).await.assert_status(200);
    }
}

#[tokio::test]
async fn hundreds_of_faults_are_told_in_their_order() {
    let app = (0..300).fold(App::new(), |app, n| app.scope(format!("/s{n}"), |s| s.get("/", |_: State<Missing>| ())));
    let problems = problems(app).await;
    assert_eq!(problems.len(), 300);
    for (n, problem) in problems.iter().enumerate() {
        assert!(problem.starts_with(&format!("GET /s{n} (handler ")), "{problem}");
    }
}
