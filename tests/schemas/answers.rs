//! Answers: of values, what the schema of the status declares, and nothing else.

use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::support::log::Log;
use crate::{object, server};

#[derive(serde::Serialize)]
struct User {
    id: u64,
    name: &'static str,
    password: &'static str,
}

const ADA: User = User { id: 7, name: "Ada", password: "secret" };

fn public() -> Value {
    object(json!({ "id": { "type": "integer" }, "name": { "type": "string" } }))
}

#[tokio::test]
async fn however_a_value_comes_only_what_is_declared_leaves() {
    let app = App::new()
        .route(get("/struct", || Json(ADA)).response(200, public()))
        .route(get("/value", || Json(json!({ "name": "Ada", "id": 7, "password": "secret" }))).response(200, public()))
        .route(get("/constant", Json(json!({ "id": 7, "name": "Ada", "password": "secret" }))).response(200, public()))
        .route(get("/reply", || Reply::json(&ADA)).response(200, public()))
        .route(get("/with", || Reply::json(&ADA).map(|reply| reply.with_header("x", "y"))).response("2xx", public()))
        .route(get("/sent", |_: &mut Request, reply: &mut Reply| reply.send(Json(ADA))).response("default", public()))
        .route(get("/result", async || Ok::<_, Error>(Some(Json(ADA)))).response(200, public()))
        .route(get("/hook", || "never").on_request(|_: &mut Request| Flow::reply(Json(ADA))).response(200, public()))
        .route(
            get("/error", || Err::<(), _>(Error::bad_request("x")))
                .error_handler(|_: &mut Request, _| Json(ADA))
                .response("4xx", public()),
        );
    let server = server(app).await;
    for path in ["/struct", "/value", "/constant", "/reply", "/with", "/sent", "/result", "/hook", "/error"] {
        let reply = server.inject(Inject::get(path)).await;
        let status = if path == "/error" { 400 } else { 200 };
        assert_eq!((reply.status().as_u16(), reply.text()), (status, r#"{"id":7,"name":"Ada"}"#), "{path}");
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{path}");
    }
}

#[tokio::test]
async fn the_schema_goes_by_the_status() {
    let only = |name: &str| object(json!({ name: true }));
    let value = || json!({ "a": 1, "b": 2, "c": 3 });
    let app = App::new().route(
        get("/{status}", async move |Path(status): Path<u16>| {
            let status = StatusCode::from_u16(status).map_err(|_| Error::bad_request("no status"))?;
            Ok::<_, Error>((status, [("x-a", "b")], Json(value())))
        })
        .response(201, only("a"))
        .response("2xx", only("b"))
        .response("default", only("c")),
    );
    let server = server(app).await;
    for (status, answer) in [(201, r#"{"a":1}"#), (200, r#"{"b":2}"#), (418, r#"{"c":3}"#)] {
        let reply = server.inject(Inject::get(format!("/{status}"))).await;
        assert_eq!((reply.status().as_u16(), reply.text(), reply.header("x-a")), (status, answer, Some("b")));
    }
}

#[tokio::test]
async fn statuses_without_a_schema_are_not_restricted() {
    let app = App::new()
        .route(get("/", || Json(json!({ "a": 1 }))).response(404, object(json!({}))))
        .route(get("/error", || Err::<(), _>(Error::not_found("none"))).response(404, object(json!({}))));
    let server = server(app).await;
    server.inject(Inject::get("/")).await.assert_text(r#"{"a":1}"#);
    // fastweb's own error answers have their own form.
    assert_eq!(server.inject(Inject::get("/error")).await.json::<Value>()["message"], "none");
}

#[tokio::test]
async fn what_is_no_value_is_sent_as_it_is() {
    let app = App::new()
        .route(get("/text", "text").response(200, public()))
        .route(get("/raw", Json::raw("{\"x\":1}")).response(200, public()))
        .route(get("/none", StatusCode::NO_CONTENT).response(204, json!({ "type": "null" })));
    let server = server(app).await;
    server.inject(Inject::get("/text")).await.assert_text("text");
    server.inject(Inject::get("/raw")).await.assert_text("{\"x\":1}");
    server.inject(Inject::get("/none")).await.assert_status(204);
}

#[tokio::test]
async fn pre_serialization_hooks_see_the_whole_value_and_what_they_make_is_restricted() {
    let route = get("/", || Json(ADA)).response(200, public()).pre_serialization(
        |_: &mut Request, payload: &mut fastweb::Payload| -> Result<()> {
            let mut value: Value = payload.read()?;
            assert_eq!(value["password"], "secret");
            value["name"] = json!("Grace");
            value["more"] = json!(1);
            payload.replace(&value)
        },
    );
    let server = server(App::new().route(route)).await;
    server.inject(Inject::get("/")).await.assert_text(r#"{"id":7,"name":"Grace"}"#);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_500_and_the_log_names_the_field() {
    Log::keep();
    let required = json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } });
    let app = App::new()
        .route(get("/missing-field", || Json(json!({ "name": "x" }))).response(200, required.clone()))
        .route(get("/wrong-type", || Json(json!({ "id": "secret" }))).response(200, required));
    let server = server(app).await;
    for (path, word) in
        [("/missing-field", "required property 'id'"), ("/wrong-type", "/id of the answer must be integer")]
    {
        let reply = server.inject(Inject::get(path)).await.assert_status(500).clone();
        assert!(!reply.text().contains("secret") && !reply.text().contains("id"), "{}", reply.text());
        let told = Log::events(|event| event.field("path") == path && event.field("error").contains(word));
        assert_eq!(told.len(), 1, "{path}");
        assert!(!told[0].field("error").contains("secret"));
    }
}

#[tokio::test]
async fn what_was_left_out_is_logged_where_that_is_wanted() {
    Log::keep();
    let app = |log| App::new().log_dropped_fields(log).route(get("/dropping", || Json(ADA)).response(200, public()));
    let dropped = || Log::events(|event| event.field("route") == "GET /dropping").len();
    server(app(false)).await.inject(Inject::get("/dropping")).await.assert_status(200);
    assert_eq!(dropped(), 0);
    server(app(true)).await.inject(Inject::get("/dropping")).await.assert_status(200);
    let told = Log::events(|event| event.field("route") == "GET /dropping");
    assert_eq!(told.len(), 1);
    assert!(told[0].field("fields").contains("/password"), "{told:?}");
}
