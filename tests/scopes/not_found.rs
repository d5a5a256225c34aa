//! `not_found` handlers: each for the paths below the prefix of its scope.

use fastweb::prelude::*;

use crate::fault;
use crate::trail::Trail;

fn app(trail: &Trail) -> App {
    App::new()
        .on_request(trail.hook("app"))
        .get("/here", "here")
        .not_found((StatusCode::NOT_FOUND, "app: nothing"))
        .scope("/v1", |v1| {
            v1.on_request(trail.hook("v1"))
                .get("/here", "here")
                .not_found((StatusCode::NOT_FOUND, "v1: nothing"))
                .scope("/quiet", |quiet| quiet.on_request(trail.hook("quiet")).get("/here", "here"))
        })
        .scope("/none", |none| none.on_request(trail.hook("none")).get("/here", "here"))
}

#[tokio::test]
async fn the_nearest_prefix_answers_with_the_hooks_of_its_scope() {
    let trail = Trail::default();
    let server = app(&trail).build().await.unwrap();
    for (path, text, hooks) in [
        ("/nowhere", "app: nothing", vec!["app"]),
        ("/v1x", "app: nothing", vec!["app"]),
        ("/v2/here", "app: nothing", vec!["app"]),
        ("/v1/nowhere", "v1: nothing", vec!["app", "v1"]),
        ("/v1/here/there", "v1: nothing", vec!["app", "v1"]),
        ("/v1", "v1: nothing", vec!["app", "v1"]),
        // A scope without a handler leaves it to the one around.
        ("/v1/quiet/nowhere", "v1: nothing", vec!["app", "v1"]),
        ("/none/nowhere", "app: nothing", vec!["app"]),
    ] {
        server.inject(Inject::get(path)).await.assert_status(404).assert_text(text);
        assert_eq!(trail.take(), hooks, "{path}");
        server.inject(Inject::new("PURGE", path)).await.assert_status(404).assert_text(text);
        assert_eq!(trail.take(), hooks, "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_there_is_405_and_not_theirs() {
    let trail = Trail::default();
    let server = app(&trail).build().await.unwrap();
    for (path, hooks) in
        [("/here", vec!["app"]), ("/v1/here", vec!["app", "v1"]), ("/v1/quiet/here", vec!["app", "v1", "quiet"])]
    {
        server.inject(Inject::post(path)).await.assert_status(405).assert_header("allow", "GET, HEAD, OPTIONS");
        assert_eq!(trail.take(), hooks, "{path}");
    }
    let server = app(&trail).fastify_mode().build().await.unwrap();
    server.inject(Inject::post("/v1/here")).await.assert_status(404).assert_text("v1: nothing");
    assert_eq!(trail.take(), ["app", "v1"]);
}

#[tokio::test]
async fn it_has_what_its_scope_has() {
    struct Name(&'static str);
    let app = App::new()
        .state(Name("app"))
        .error_handler(|_: &mut Request, error: Error| format!("app: {error}"))
        .scope("/v1", |v1| {
            v1.state(Name("v1"))
                .body_limit(4)
                .error_handler(|_: &mut Request, error: Error| format!("v1: {error}"))
                .not_found(async |name: State<Name>, body: String| -> Result<String> {
                    if body.is_empty() { Err(Error::not_found("no body")) } else { Ok(format!("{} {body}", name.0)) }
                })
        });
    let server = app.build().await.unwrap();
    server.inject(Inject::post("/v1/x").body("1234")).await.assert_status(200).assert_text("v1 1234");
    server.inject(Inject::post("/v1/x").body("12345")).await.assert_status(413);
    server.inject(Inject::post("/v1/x")).await.assert_status(404).assert_text("v1: no body");
}

/// Two that answer for the same prefix: nobody could say which.
#[tokio::test]
async fn one_prefix_has_one_handler() {
    let app = App::new().not_found("app");
    let (app, first) = (app.scope("", |inner| inner.not_found("inner")), line!());
    let (app, second) = (app.scope("/v1", |v1| v1.not_found("1")), line!());
    let (app, third) = (app.scope("/v1/", |v1| v1.not_found("2")), line!());
    let message = fault(app).await;
    assert!(message.contains("2 problems"), "{message}");
    for (lines, words) in [(vec![first - 1, first], "of the application"), (vec![second, third], r#"below "/v1""#)] {
        let told = message.lines().any(|problem| {
            problem.contains(words) && lines.iter().all(|line| problem.contains(&format!("not_found.rs:{line}")))
        });
        assert!(told, "{words} {lines:?}: {message}");
    }
}

#[tokio::test]
async fn a_path_without_a_route_has_no_pattern_and_no_params() {
    let show = |req: &mut Request| format!("{:?} {:?}", req.route_pattern(), req.param("id"));
    let app = App::new().get("/users/{id}", show).scope("/users", |users| users.not_found(show));
    let server = app.build().await.unwrap();
    // Of two requests on the same memory the second knows nothing of the first.
    for _ in 0..2 {
        server.inject(Inject::get("/users/7")).await.assert_text(r#"Some("/users/{id}") Some("7")"#);
        server.inject(Inject::get("/users/7/x")).await.assert_text("None None");
    }
}

#[tokio::test]
async fn prefixes_with_parameters_and_with_a_slash_at_the_end() {
    let app = App::new().not_found("app").get("/v1/a", "x").scope("/v1", |v1| {
        v1.not_found("v1").scope("/{team}/loud", |loud| {
            loud.not_found(|req: &mut Request| format!("loud {} {:?}", req.path(), req.param("team")))
        })
    });
    let server = app.build().await.unwrap();
    for (path, text) in [
        ("/v1/", "v1"),
        ("/v1", "v1"),
        ("/v1/blue", "v1"),
        ("/v1/blue/quiet/x", "v1"),
        ("/v1/blue/loud", r#"loud /v1/blue/loud Some("blue")"#),
        ("/v1/blue/loud/", r#"loud /v1/blue/loud/ Some("blue")"#),
        ("/v1/blue/loud/a/b", r#"loud /v1/blue/loud/a/b Some("blue")"#),
        ("/v1/blue/loudly", "v1"),
        ("/v11", "app"),
        ("/v2/", "app"),
    ] {
        server.inject(Inject::get(path)).await.assert_text(text);
    }
}

/// Of routers that pass over case and slashes, prefixes are compared like paths.
#[tokio::test]
async fn prefixes_are_compared_as_the_router_compares_paths() {
    let options = fastweb::RouterOptions::default().case_sensitive(false).ignore_duplicate_slashes(true);
    let app = App::new().router(options).scope("/v1", |v1| v1.not_found("v1")).not_found("app");
    let server = app.build().await.unwrap();
    for path in ["/v1/x", "/V1/x", "//v1//x", "/V1"] {
        server.inject(Inject::get(path)).await.assert_text("v1");
    }
    server.inject(Inject::get("/v2/x")).await.assert_text("app");
}

/// What is no `u64` is no path of this route, and the path is one that nobody has; by option it is 400.
#[tokio::test]
async fn a_parameter_of_the_wrong_type_is_not_found() {
    let app = || {
        App::new()
            .not_found("app")
            .scope("/users", |users| users.get("/{id:u64}", |Path(id): Path<u64>| id.to_string()).not_found("users"))
    };
    let server = app().build().await.unwrap();
    server.inject(Inject::get("/users/7")).await.assert_text("7");
    server.inject(Inject::get("/users/x")).await.assert_text("users");
    server.inject(Inject::post("/users/7")).await.assert_status(405);
    server.inject(Inject::post("/users/x")).await.assert_text("users");
    let options = fastweb::RouterOptions::default().refuse_wrong_types(true);
    let server = app().router(options).build().await.unwrap();
    let reply = server.inject(Inject::get("/users/x")).await;
    assert_eq!(reply.assert_status(400).json::<serde_json::Value>()["code"], "FW_ERR_VALIDATION");
}

/// Malformed paths are 400 and too long parameters 414, whoever answers for what is not found.
#[tokio::test]
async fn malformed_paths_are_not_theirs() {
    let options = fastweb::RouterOptions::default().max_param_length(4);
    let app = App::new().router(options).not_found("app").scope("/v1", |v1| v1.get("/{id}", "x").not_found("v1"));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/v1/%zz")).await.assert_status(400);
    server.inject(Inject::get("/v1/12345")).await.assert_status(414);
    server.inject(Inject::get("/v1/1234")).await.assert_status(200);
}
