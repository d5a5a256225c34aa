//! Options of route macros, each by what it does.

use std::sync::Mutex;
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{ApiKey, ApiKeyScheme, Basic, Bearer, KeyIn, Payload, SecurityScheme};

/// What has run, in its order. One test alone looks at it.
static TRAIL: Mutex<Vec<&str>> = Mutex::new(Vec::new());

fn note(what: &'static str) {
    TRAIL.lock().unwrap().push(what);
}

fn trail() -> String {
    std::mem::take(&mut *TRAIL.lock().unwrap()).join(" ")
}

macro_rules! phases {
    ($($name:ident),*) => {
        $(fn $name(_: &mut Request) {
            note(stringify!($name));
        })*
    };
}
phases!(on_request, pre_parsing, pre_validation, pre_handler, on_timeout);

fn on_send(_: &mut Request, _: &mut Reply) {
    note("on_send");
}

fn on_response(_: &mut Request, _: &Completed) {
    note("on_response");
}

#[get(
    "/hooks/{what}",
    on_request = on_request,
    pre_parsing = pre_parsing,
    pre_validation = pre_validation,
    pre_handler = pre_handler,
    pre_serialization = |_: &mut Request, _: &mut Payload| note("pre_serialization"),
    on_send = on_send,
    on_response = on_response,
    on_error = |_: &mut Request, _: &Error| note("on_error"),
    on_timeout = on_timeout,
    timeout = Duration::from_millis(50),
)]
async fn hooks(what: &str) -> Result<Json<u8>> {
    match what {
        "error" => Err(Error::conflict("no")),
        "late" => std::future::pending().await,
        _ => Ok(Json(1)),
    }
}

#[tokio::test]
async fn hooks_of_every_phase_and_a_timeout() {
    let server = App::new().route(hooks).build().await.unwrap();
    let before = "on_request pre_parsing pre_validation pre_handler";
    server.inject(Inject::get("/hooks/json")).await.assert_text("1");
    assert_eq!(trail(), format!("{before} pre_serialization on_send on_response"));
    server.inject(Inject::get("/hooks/error")).await.assert_status(409);
    assert_eq!(trail(), format!("{before} on_error on_send on_response"));
    let reply = server.inject(Inject::get("/hooks/late")).await;
    assert_eq!(reply.assert_status(503).json::<serde_json::Value>()["code"], "FW_ERR_HANDLER_TIMEOUT");
    assert!(trail().contains("on_timeout"));
}

#[get("/aborted", on_request_abort = |_: &mut Request| note("on_request_abort"))]
async fn aborted() {}

#[derive(Debug, PartialEq)]
struct Cost(u32);

#[derive(Debug, PartialEq)]
struct Public;

#[get(
    "/options",
    summary = "In short",
    description = "At length.",
    deprecated,
    tag = "a",
    tag = "b",
    config = Cost(7),
    config = Public,
    on_request_abort = |_: &mut Request| (),
    host = "*.example.com",
)]
fn options_of_it(req: &mut Request) -> String {
    let route = req.route();
    format!("{:?} {}", route.config::<Cost>(), route.config::<Public>().is_some())
}

#[tokio::test]
async fn what_is_told_about_a_route() {
    let route = options_of_it();
    let doc = route.doc();
    assert_eq!((doc.summary.as_deref(), doc.description.as_deref()), (Some("In short"), Some("At length.")));
    assert!(doc.deprecated && !doc.hidden);
    assert_eq!(doc.tags, ["a", "b"]);
    assert_eq!((route.get_config::<Cost>(), route.get_config::<Public>()), (Some(&Cost(7)), Some(&Public)));
    let server = App::new().route(options_of_it).route(aborted).build().await.unwrap();
    let reply = server.inject(Inject::get("/options").header("host", "a.example.com")).await;
    reply.assert_text("Some(Cost(7)) true");
    let tree = server.print_routes();
    assert!(tree.contains("options_of_it [host *.example.com] · on_request_abort 1"), "{tree}");
}

#[cfg(feature = "accept-version")]
#[get("/versioned", version = "1.2.0")]
fn versioned() -> &'static str {
    "1.2"
}

#[cfg(feature = "accept-version")]
#[tokio::test]
async fn a_version() {
    let server = App::new().route(versioned).build().await.unwrap();
    server.inject(Inject::get("/versioned").header("accept-version", "1.x")).await.assert_text("1.2");
    server.inject(Inject::get("/versioned").header("accept-version", "2.x")).await.assert_status(404);
}

struct Key;

impl ApiKeyScheme for Key {
    const PLACE: KeyIn = KeyIn::Header;
    const NAME: &'static str = "x-key";
}

struct Admin;

#[dependency]
fn admin(user: Basic) -> Result<Admin> {
    if user.is("ada", "secret") { Ok(Admin) } else { Err(Basic::refused()) }
}

#[get("/token/{n}", security = Bearer)]
fn token(n: u8) -> String {
    n.to_string()
}

#[get("/key", security = ApiKey<Key>, security = Option<Bearer>)]
async fn key(bearer: Option<Bearer>) -> String {
    bearer.is_some().to_string()
}

#[get("/admin", security = Dep<Admin>)]
async fn admin_only() -> &'static str {
    "in"
}

#[tokio::test]
async fn what_a_request_has_to_get_past_without_being_an_argument() {
    let schemes = |route: Route| {
        let security = route.doc().security.clone();
        security.into_iter().map(|asked| (asked.scheme, asked.is_required)).collect::<Vec<_>>()
    };
    let x_key = SecurityScheme::ApiKey { place: KeyIn::Header, name: "x-key" };
    assert_eq!(schemes(token()), [(SecurityScheme::Bearer, true)]);
    assert_eq!(schemes(key()), [(x_key, true), (SecurityScheme::Bearer, false)]);
    assert_eq!(schemes(admin_only()), [(SecurityScheme::Basic, true)]);
    assert_eq!(key().doc().arguments.len(), 1);

    let server = App::new().route(token).route(key).route(admin_only).build().await.unwrap();
    // Who may not ask is not told what is wrong with the question.
    let reply = server.inject(Inject::get("/token/x")).await;
    assert_eq!(reply.assert_status(401).header("www-authenticate"), Some(r#"Bearer realm="api""#));
    let with = |path, name, value| server.inject(Inject::get(path).header(name, value));
    with("/token/x", "authorization", "Bearer t").await.assert_status(400);
    with("/token/7", "authorization", "Bearer t").await.assert_text("7");
    server.inject(Inject::get("/key")).await.assert_status(401);
    with("/key", "x-key", "k").await.assert_text("false");
    server.inject(Inject::get("/admin")).await.assert_status(401);
    with("/admin", "authorization", "Basic YWRhOndyb25n").await.assert_status(401);
    with("/admin", "authorization", "Basic YWRhOnNlY3JldA==").await.assert_text("in");
}
