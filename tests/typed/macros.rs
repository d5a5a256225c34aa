//! `#[get("/path")]` and its sisters.

use fastweb::prelude::*;
use fastweb::{FromRequest, RouteDoc};
use serde::Deserialize;

async fn server(app: App) -> Server {
    app.build().await.unwrap()
}

async fn text(server: &Server, request: Inject) -> String {
    server.inject(request).await.text().to_owned()
}

struct Db(&'static str);

#[derive(Deserialize)]
struct Page {
    page: u32,
}

#[get("/users/{id}")]
async fn user(id: u64) -> String {
    format!("user {id}")
}

#[get("/{team}/{id}/{*rest}")]
#[allow(clippy::too_many_arguments)]
fn many(
    rest: String,
    Query(query): Query<Page>,
    db: State<Db>,
    id: u8,
    method: Method,
    team: &str,
    req: &mut Request,
    headers: Headers,
    reply: &mut Reply,
    agent: Option<RequestState<u8>>,
    uri: fastweb::Uri,
) -> String {
    reply.set_header("x-path", req.path());
    let agent = agent.is_some();
    format!("{rest} {} {} {id} {method} {team} {} {agent} {}", query.page, db.0, headers.len(), uri.path().len())
}

#[tokio::test]
async fn arguments_in_any_number_and_order() {
    let server = server(App::new().state(Db("db")).request_state(|_| 1_u8).route(user).route(many)).await;
    assert_eq!(text(&server, Inject::get("/users/7")).await, "user 7");
    let reply = server.inject(Inject::get("/a%20b/5/x/y%2Fz?page=3").header("host", "h")).await;
    assert_eq!(reply.text(), "x/y/z 3 db 5 GET a b 1 true 16");
    assert_eq!(reply.header("x-path"), Some("/a%20b/5/x/y%2Fz"));
    let reply = server.inject(Inject::get("/users/x")).await;
    assert_eq!(reply.status(), 400);
    assert_eq!(reply.json::<serde_json::Value>()["message"], "params/id must be integer");
    assert_eq!(text(&server, Inject::get("/a/300/c?page=1")).await.matches("params/id must be <= 255").count(), 1);
}

#[tokio::test]
async fn the_function_stays_callable() {
    assert_eq!(user::call(3).await, "user 3");
    assert_eq!(shout::call("a".into()), "A");
}

#[post("/shout")]
fn shout(text: String) -> String {
    text.to_uppercase()
}

mod shop {
    use super::*;

    /// Public within the tests, as the function was.
    #[delete("/items/{id}")]
    pub(crate) async fn remove(id: u32) -> Result<NoContent, Error> {
        if id == 0 {
            Err(Error::not_found("no item 0"))?;
        }
        Ok(NoContent)
    }
}

#[tokio::test]
async fn visibility_results_and_question_marks() {
    let server = server(App::new().route(shop::remove).route(shout)).await;
    assert_eq!(server.inject(Inject::delete("/items/1")).await.status(), 204);
    assert_eq!(server.inject(Inject::delete("/items/0")).await.status(), 404);
    assert_eq!(text(&server, Inject::post("/shout").body("abc")).await, "ABC");
    assert!(shop::remove::call(0).await.is_err());
}

macro_rules! method_route {
    ($($method:ident)+) => {$(
        #[fastweb::$method("/m")]
        async fn $method() -> &'static str {
            stringify!($method)
        }
    )+};
}
mod methods {
    method_route!(get post put patch delete options trace);

    #[fastweb::head("/m")]
    pub(super) fn of_head() -> fastweb::Reply {
        fastweb::Reply::new().with_header("x-head", "1")
    }

    #[fastweb::any("/any")]
    pub(super) fn any_method(method: fastweb::Method) -> String {
        method.to_string()
    }

    #[fastweb::route(["PURGE", "GET"], "/two")]
    pub(super) async fn two() -> &'static str {
        "two"
    }

    #[fastweb::route("PROPFIND", "/one")]
    pub(super) async fn one() -> &'static str {
        "one"
    }

    pub(super) fn all(app: fastweb::App) -> fastweb::App {
        app.route(get).route(post).route(put).route(patch).route(delete).route(options).route(trace)
    }
}

#[tokio::test]
async fn every_method() {
    let app = methods::all(App::new())
        .route(methods::of_head)
        .route(methods::any_method)
        .route(methods::two)
        .route(methods::one);
    let server = server(app).await;
    for method in ["get", "post", "put", "patch", "delete", "options", "trace"] {
        let request = Inject::new(&*method.to_uppercase(), "/m");
        assert_eq!(text(&server, request).await, method);
        assert_eq!(text(&server, Inject::new(&*method.to_uppercase(), "/any")).await, method.to_uppercase());
    }
    assert_eq!(server.inject(Inject::new("HEAD", "/m")).await.header("x-head"), Some("1"));
    assert_eq!(text(&server, Inject::new("PURGE", "/two")).await, "two");
    assert_eq!(text(&server, Inject::get("/two")).await, "two");
    assert_eq!(text(&server, Inject::new("PROPFIND", "/one")).await, "one");
}

#[tokio::test]
async fn prefixes_with_parameters_shift_nothing() {
    let app = App::new().scope("/{tenant}", |scope| scope.route(user));
    assert_eq!(text(&server(app).await, Inject::get("/9/users/7")).await, "user 7");
}

#[get("/path/{a}/{b}")]
async fn with_path(Path((a, b)): Path<(u8, String)>) -> String {
    format!("{a}{b}")
}

#[get("/same/{id}")]
async fn same_name(id: Path<u64>) -> String {
    id.to_string()
}

#[get("/raw/{type}")]
async fn raw_name(r#type: &str) -> String {
    r#type.to_owned()
}

#[get("/request/{id}")]
async fn by_request(req: &mut Request) -> String {
    req.param("id").unwrap_or_default().into_owned()
}

#[tokio::test]
async fn other_ways_to_the_path() {
    let server = server(App::new().route(with_path).route(same_name).route(raw_name).route(by_request)).await;
    assert_eq!(text(&server, Inject::get("/path/1/x")).await, "1x");
    assert_eq!(text(&server, Inject::get("/same/4")).await, "4");
    assert_eq!(text(&server, Inject::get("/raw/t")).await, "t");
    assert_eq!(text(&server, Inject::get("/request/r")).await, "r");
}

#[post("/made", status = 201)]
async fn made(what: String) -> Result<Reply> {
    match &*what {
        "named" => Ok(Reply::text("named").with_status(202)),
        "ok" => Ok(Reply::text("ok").with_status(200)),
        "bad" => Err(Error::bad_request("bad")),
        _ => Ok(Reply::text(what)),
    }
}

#[post("/tuple", status = 201)]
async fn tuple() -> (StatusCode, &'static str) {
    (StatusCode::ACCEPTED, "later")
}

#[post("/plain", status = 202, on_send = |_: &mut Request, reply: &mut Reply| { reply.set_header("x-sent", "1"); })]
fn plain() -> Json<u8> {
    Json(1)
}

#[tokio::test]
async fn the_status_of_answers_that_name_none() {
    let server = server(App::new().route(made).route(tuple).route(plain)).await;
    for (body, status) in [("named", 202), ("ok", 200), ("bad", 400), ("new", 201)] {
        assert_eq!(server.inject(Inject::post("/made").body(body)).await.status(), status, "{body}");
    }
    assert_eq!(server.inject(Inject::post("/tuple")).await.status(), 202);
    let reply = server.inject(Inject::post("/plain")).await;
    assert_eq!((reply.status(), reply.header("x-sent")), (StatusCode::ACCEPTED, Some("1")));
}

fn keys_only(req: &mut Request) -> Result<()> {
    req.header("x-key").map(drop).ok_or_else(|| Error::unauthorized("x-key is missing"))
}

async fn count(req: &mut Request) {
    let before = req.extensions_mut().insert(1_u32).unwrap_or(0);
    req.extensions_mut().insert(before + 1);
}

fn answer_error(_: &mut Request, error: Error) -> Reply {
    Reply::text(format!("own: {}", error.message())).with_status(error.status())
}

#[get(
    "/hooked/{id}",
    on_request = keys_only,
    on_request = count,
    pre_handler = count,
    error_handler = answer_error,
    host = "a.example",
    body_limit = 4,
)]
async fn hooked(id: u8, req: &mut Request) -> String {
    format!("{id} {:?}", req.extensions().get::<u32>())
}

#[tokio::test]
async fn hooks_and_other_options() {
    let server = server(App::new().route(hooked)).await;
    let get = || Inject::get("/hooked/5").header("host", "a.example");
    assert_eq!(text(&server, get().header("x-key", "k")).await, "5 Some(2)");
    assert_eq!(text(&server, get()).await, "own: x-key is missing");
    assert_eq!(server.inject(Inject::get("/hooked/5").header("host", "b.example")).await.status(), 404);
    let large = get().header("x-key", "k").body("12345");
    assert_eq!(server.inject(large).await.status(), 413);
}

/// Has to be awaited.
struct Later(String);

impl FromRequest for Later {
    type Bound = ();

    fn bind(_: &mut fastweb::BindCx<'_>) -> Option<()> {
        Some(())
    }

    async fn from_request((): &(), req: &mut Request) -> Result<Self> {
        tokio::task::yield_now().await;
        Ok(Self(req.path().to_owned()))
    }

    fn describe(doc: &mut RouteDoc) {
        doc.tags.push("later".into());
    }
}

#[post("/later/{id}", pre_handler = keys_only)]
fn sync_with_later(later: Later, id: &str, body: String) -> String {
    format!("{} {id} {body}", later.0)
}

#[post("/later2/{id}")]
async fn async_with_later(id: &str, body: String, later: Later) -> String {
    format!("{} {id} {body}", later.0)
}

#[tokio::test]
async fn asynchronous_arguments() {
    let server = server(App::new().route(sync_with_later).route(async_with_later)).await;
    let request = Inject::post("/later/1").header("x-key", "k").body("b");
    assert_eq!(text(&server, request).await, "/later/1 1 b");
    assert_eq!(text(&server, Inject::post("/later2/1").body("b")).await, "/later2/1 1 b");
    assert_eq!(server.inject(Inject::post("/later/1").body("b")).await.status(), 401);
}

mod renamed {
    pub(super) use fastweb as web;

    #[web::get("/renamed/{id}", crate = web)]
    pub(super) fn renamed(id: web::Text) -> web::Text {
        id
    }
}

#[tokio::test]
async fn fastweb_under_another_name() {
    assert_eq!(text(&server(App::new().route(renamed::renamed)).await, Inject::get("/renamed/a")).await, "a");
}

#[tokio::test]
async fn items_of_a_function() {
    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "lowercase")]
    enum Sort {
        Newest,
    }
    #[get("/sorted/{sort}")]
    async fn sorted(sort: Sort) -> String {
        format!("{sort:?}")
    }
    let server = server(App::new().route(sorted)).await;
    assert_eq!(text(&server, Inject::get("/sorted/newest")).await, "Newest");
    assert_eq!(server.inject(Inject::get("/sorted/oldest")).await.status(), 400);
}

#[get("/missing")]
async fn wants_state(_: State<Db>, _: State<u32>) {}

#[tokio::test]
async fn what_is_missing_is_told_with_function_and_place() {
    let (app, line) = (App::new().route(wants_state), line!() - 5);
    let error = app.build().await.unwrap_err().to_string();
    let route =
        format!("GET /missing (handler typed::macros::wants_state, tests/typed/macros.rs:{line}): wants State<");
    assert_eq!(error.matches(&route).count(), 2, "{error}");
}
