//! What is wrong with constraints.

use fastweb::prelude::*;

use crate::{assert_told, problems};

#[tokio::test]
async fn hosts_and_names_that_are_none() {
    let app = App::new();
    let (app, url) = (app.route(get("/a", "x").host("http://shop.example.com")), line!());
    let (app, port) = (app.route(get("/b", "x").host("shop.example.com:http")), line!());
    let (app, star) = (app.scope("/v1", |v1| v1.route(get("/c", "x").host("shop.*"))), line!());
    let (app, nameless) = (app.route(get("/d", "x").constraint("", |_: &Request| true)), line!());
    let (app, both) = (app.route(get("/e", "x").host("").constraint("", |_: &Request| true)), line!());
    let problems = problems(app).await;
    for (route, line, host) in [
        ("GET /a ", url, "http://shop.example.com"),
        ("GET /b ", port, "shop.example.com:http"),
        ("GET /v1/c ", star, "shop.*"),
    ] {
        let words = [&format!("is constrained to the host {host:?}, which is none"), "`*.example.com`"];
        assert_told(&problems, route, file!(), line, &words);
    }
    assert_told(&problems, "GET /d ", file!(), nameless, &["has a constraint without a name", "name it"]);
    assert_told(&problems, "GET /e ", file!(), both, &["has a constraint without a name"]);
    assert_told(&problems, "GET /e ", file!(), both, &["is constrained to the host \"\""]);
    assert_eq!(problems.len(), 6, "{problems:#?}");
}

#[cfg(feature = "accept-version")]
#[tokio::test]
async fn versions_that_are_none() {
    let app = App::new();
    let (app, short) = (app.route(get("/a", "x").version("1.2")), line!());
    let (app, range) = (app.route(get("/b", "x").version("^1.2.0")), line!());
    let problems = problems(app).await;
    assert_told(&problems, "GET /a ", file!(), short, &["has the version \"1.2\", which is none", "as in `1.2.0`"]);
    assert_told(&problems, "GET /b ", file!(), range, &["has the version \"^1.2.0\", which is none"]);
}

/// What `on_route` does to a route is looked at like what was declared.
#[tokio::test]
async fn those_that_a_hook_adds() {
    let app = App::new().on_route(|route: Route| route.host("no host"));
    let (app, line) = (app.get("/a", "x"), line!());
    assert_told(&problems(app).await, "GET /a ", file!(), line, &["the host \"no host\", which is none"]);
}
