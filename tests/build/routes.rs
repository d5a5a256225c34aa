//! What is wrong with routes.

use fastweb::prelude::*;

use crate::problems;

#[track_caller]
fn assert_told(problems: &[String], route: &str, line: u32, words: &[&str]) {
    crate::assert_told(problems, route, file!(), line, words);
}

struct Missing;
struct AlsoMissing;

#[tokio::test]
async fn all_at_once() {
    let app = App::new().server_header("a\nb").limits(Limits::default().with_head(1));
    let (app, duplicate) = (app.get("/a", "1").get("/a", "2"), line!());
    let (app, conflict) = (app.get("/files/{id:i32}", "1").get("/files/{n:u64}", "2"), line!());
    let (app, missing) = (app.get("/state", |_: State<Missing>, _: State<AlsoMissing>| ()), line!());
    let (app, bodies) = (app.post("/bodies", |_: Json<u8>, _: Bytes, _: Body| ()), line!());
    let (app, params) = (app.get("/params/{a}/{b}", |_: Path<u64>| ()), line!());
    let (app, few) = (app.get("/few/{a}", |_: Path<(u64, u64)>| ()), line!());
    let (app, none) = (app.get("/none", |_: Path<String>| ()), line!());
    let (app, path) = (app.get("no-slash", "x"), line!());
    let (app, brace) = (app.get("/{", "x"), line!());
    let (app, method) = (app.route(route("NOT A METHOD", "/method", "x")), line!());
    let (app, header) = (app.get("/header", ([("x-a", "1\r\n")], "x")), line!());
    let (app, failed) = (app.get("/failed", Err::<(), _>(Error::conflict("a constant error"))), line!());
    let (app, not_found) = (app.not_found(|_: State<Missing>| ()), line!());
    let problems = problems(app).await;
    assert_told(&problems, "GET /a ", duplicate, &["exists already"]);
    assert_told(&problems, "GET /files/{n:u64} ", conflict, &["collides with GET /files/{id:i32}"]);
    assert_told(&problems, "GET /state ", missing, &["wants State<build::routes::Missing>, which nobody gave"]);
    assert_told(&problems, "GET /state ", missing, &["wants State<build::routes::AlsoMissing>, which nobody gave"]);
    assert_told(&problems, "POST /bodies ", bodies, &["has 3 arguments that take the body"]);
    assert_told(
        &problems,
        "GET /params/{a}/{b} ",
        params,
        &["wants Path<u64>, which reads 1 parameter,", "the path has 2"],
    );
    assert_told(
        &problems,
        "GET /few/{a} ",
        few,
        &["wants Path<(u64, u64)>, which reads 2 parameters,", "the path has 1"],
    );
    assert_told(&problems, "GET /none ", none, &["wants Path<alloc::string::String>", "the path has 0"]);
    assert_told(&problems, "GET no-slash ", path, &["is not valid"]);
    assert_told(&problems, "GET /{ ", brace, &["is not valid"]);
    assert_told(&problems, "/method ", method, &["NOT A METHOD", "is not an HTTP method"]);
    assert_told(&problems, "GET /header ", header, &["x-a"]);
    assert_told(&problems, "GET /failed ", failed, &["a constant error"]);
    assert_told(&problems, "", not_found, &["wants State<build::routes::Missing>"]);
    assert!(problems.iter().any(|problem| problem.contains("server header")), "{problems:#?}");
    assert!(problems.iter().any(|problem| problem.contains("Limits::head is 1")), "{problems:#?}");
    assert_eq!(problems.len(), 16, "{problems:#?}");
}

/// What is wrong with a route does not hide what else is wrong with it.
#[tokio::test]
async fn all_that_is_wrong_with_one_route() {
    let app = App::new().post("/a", "first");
    let (app, line) = (app.post("/a", |_: Bytes, _: String, _: State<Missing>, _: Path<u8>| ()), line!());
    let problems = problems(app).await;
    assert_told(&problems, "POST /a ", line, &["2 arguments that take the body"]);
    assert_told(&problems, "POST /a ", line, &["wants State<build::routes::Missing>"]);
    assert_told(&problems, "POST /a ", line, &["wants Path<u8>"]);
    assert_told(&problems, "POST /a ", line, &["exists already"]);
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

#[tokio::test]
async fn options_of_body_arguments_count_as_well() {
    let (app, line) = (App::new().post("/", |_: Option<Json<u8>>, _: Result<String>| ()), line!());
    assert_told(&problems(app).await, "POST / ", line, &["has 2 arguments that take the body"]);
}

#[tokio::test]
async fn routes_that_differ_in_the_names_of_parameters_alone() {
    let app = App::new().get("/users/{id}", "1");
    let (app, line) = (app.get("/users/{name}", "2"), line!());
    let problems = problems(app).await;
    assert_told(&problems, "GET /users/{name} ", line, &["exists already, as GET /users/{id}"]);
}

/// Both places are told: one of the two routes may be in another file.
#[tokio::test]
async fn the_place_of_the_other_route_is_told_too() {
    let (app, first) = (App::new().get("/a", "1").get("/files/{id:i32}", "1"), line!());
    let (app, second) = (app.get("/a", "2").get("/files/{n:u64}", "2"), line!());
    let problems = problems(app).await;
    assert_eq!(problems.len(), 2, "{problems:#?}");
    for problem in &problems {
        for line in [first, second] {
            assert!(problem.contains(&format!("tests/build/routes.rs:{line}")), "line {line} is not in {problem:?}");
        }
    }
}

#[tokio::test]
async fn the_place_is_where_the_route_was_made() {
    fn routes() -> Vec<fastweb::Route> {
        vec![get("/{", "x"), post("/}", "x")]
    }
    let first = line!() - 2;
    let app = routes().into_iter().fold(App::new(), App::route);
    let problems = problems(app).await;
    assert_told(&problems, "GET /{ ", first, &[]);
    assert_told(&problems, "POST /} ", first, &[]);
}

#[tokio::test]
async fn the_handler_is_named() {
    async fn show_user(_: State<Missing>) {}
    let (app, line) = (App::new().get("/users", show_user), line!());
    assert_told(&problems(app).await, "GET /users ", line, &["show_user"]);
}

#[tokio::test]
async fn what_fits_starts() {
    let app = App::new()
        .state(Missing)
        .get("/users/{id}", |_: Path<u64>, _: State<Missing>| ())
        .put("/users/{name}", |_: Path<(u64,)>| ())
        .get("/users/me", |_: Option<Path<()>>| ())
        .get("/{a}/x/{b}", |_: Path<(u64, String)>| ());
    app.build().await.expect("nothing is wrong");
}

#[tokio::test]
async fn run_within_a_runtime_says_what_to_call() {
    let error = App::new().run("127.0.0.1:0").expect_err("it would block the runtime");
    assert!(error.to_string().contains("listen(address).await"), "{error}");
}

#[tokio::test]
async fn what_is_wrong_with_the_not_found_handler_is_told_under_its_name() {
    struct Missing;
    let app = App::new().not_found(async |_: State<Missing>| "nothing here");
    let message = app.build().await.unwrap_err().to_string();
    assert!(message.contains("not_found (handler ") && message.contains("routes.rs:"), "{message}");
    assert!(!message.contains("* *"), "{message}");
}
