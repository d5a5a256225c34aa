//! Bodies: by media type, strictly, with defaults.

use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::{object, reasons, server};

fn user() -> Value {
    json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": { "type": "string", "maxLength": 5 },
            "age": { "type": "integer" },
            "role": { "type": "string", "default": "reader" },
        },
        "additionalProperties": false,
    })
}

async fn echo(Json(body): Json<Value>) -> Json<Value> {
    Json(body)
}

#[tokio::test]
async fn json_is_checked_strictly_and_filled_in() {
    let server = server(App::new().route(post("/", echo).body(user()))).await;
    let ask =
        async |body: &str| server.inject(Inject::post("/").header("content-type", "application/json").body(body)).await;
    ask(r#"{"name":"Ada","age":36.0}"#).await.assert_text(r#"{"age":36.0,"name":"Ada","role":"reader"}"#);
    assert_eq!(
        reasons(&ask(r#"{"age":"36","x":null}"#).await),
        ["body  required", "body  additionalProperties", "body /age type"]
    );
    // Code points, not bytes.
    ask(r#"{"name":"ööööö"}"#).await.assert_status(200);
    assert_eq!(reasons(&ask(r#"{"name":"öööööö"}"#).await), ["body /name maxLength"]);
    for (body, code) in [
        ("", "FW_ERR_EMPTY_JSON_BODY"),
        ("{", "FW_ERR_INVALID_JSON"),
        (r#"{"name":"a"} x"#, "FW_ERR_INVALID_JSON"),
        (r#"{"name":"a","name":"b"}"#, "FW_ERR_INVALID_JSON"),
        ("[1,2", "FW_ERR_INVALID_JSON"),
    ] {
        let reply = ask(body).await.assert_status(400).clone();
        assert_eq!(reply.json::<Value>()["code"], code, "{body}");
    }
    assert_eq!(reasons(&ask("7").await), ["body  type"]);
    assert_eq!(reasons(&server.inject(Inject::post("/")).await), ["body  type"]);
}

#[tokio::test]
async fn no_value_that_was_sent_is_repeated() {
    let schema = object(json!({ "pin": { "type": "integer" }, "word": { "enum": ["a"] } }));
    let server = server(App::new().route(post("/", echo).body(schema))).await;
    let reply = server.inject(Inject::post("/").json(&json!({ "pin": "secret1", "word": "secret2" }))).await;
    assert_eq!(reasons(&reply), ["body /pin type", "body /word enum"]);
    assert!(!reply.text().contains("secret"), "{}", reply.text());
}

#[tokio::test]
async fn sixteen_reasons_leave_and_no_more() {
    let schema = json!({ "items": { "type": "string" } });
    let server = server(App::new().route(post("/", echo).body(schema))).await;
    let reply = server.inject(Inject::post("/").json(&vec![1; 100])).await;
    assert_eq!(reasons(&reply).len(), 16);
}

#[tokio::test]
async fn forms_are_text_and_other_text_is_a_string() {
    let form = post("/form", async |Form(form): Form<Value>| Json(form)).body(user());
    let text = post("/text", async |text: String| text).body(json!({ "type": "string", "pattern": "^[a-z]+$" }));
    let server = server(App::new().route(form).route(text)).await;
    let post =
        |path: &str, media_type: &str, body: &str| Inject::post(path).header("content-type", media_type).body(body);
    const FORM: &str = "application/x-www-form-urlencoded";
    let reply = server.inject(post("/form", FORM, "name=A+B&age=36")).await;
    reply.assert_text(r#"{"age":36,"name":"A B","role":"reader"}"#);
    assert_eq!(reasons(&server.inject(post("/form", FORM, "age=x")).await), ["body  required", "body /age type"]);
    server.inject(post("/form", FORM, "name=%zz")).await.assert_status(400);
    server.inject(post("/text", "text/plain", "abc")).await.assert_text("abc");
    assert_eq!(reasons(&server.inject(post("/text", "text/plain", "ABC")).await), ["body  pattern"]);
    server.inject(post("/text", "application/octet-stream", "abc")).await.assert_status(415);
}

#[tokio::test]
async fn with_schemas_by_media_type_others_are_415() {
    let any = post("/", async |body: Bytes| body)
        .body_as("application/json", object(json!({ "a": { "type": "integer" } })))
        .body_as("text/*", json!({ "maxLength": 3 }))
        .body_as("text/csv", json!({ "maxLength": 1 }));
    let server = server(App::new().route(any)).await;
    let ask = async |media_type: &str, body: &str| {
        server.inject(Inject::post("/").header("content-type", media_type).body(body)).await
    };
    ask("application/json; charset=utf-8", r#"{"a":1}"#).await.assert_text(r#"{"a":1}"#);
    assert_eq!(reasons(&ask("application/json", r#"{"a":"1"}"#).await), ["body /a type"]);
    ask("text/plain", "abc").await.assert_status(200);
    assert_eq!(reasons(&ask("text/plain", "abcd").await), ["body  maxLength"]);
    assert_eq!(reasons(&ask("text/csv", "ab").await), ["body  maxLength"]);
    for media_type in ["application/xml", "application/jsonx", "garbage"] {
        let reply = ask(media_type, "x").await.assert_status(415).clone();
        assert_eq!(reply.json::<Value>()["code"], "FW_ERR_UNSUPPORTED_MEDIA_TYPE", "{media_type}");
    }
}

#[tokio::test]
async fn what_a_content_type_parser_makes_is_checked() {
    let lines = |_: &mut Request, body: String| format!("[{}]", body.lines().collect::<Vec<_>>().join(","));
    let schema = json!({ "type": "array", "items": { "type": "integer" }, "maxItems": 2 });
    let app = App::new().content_type_parser("text/lines", lines).route(post("/", echo).body(schema));
    let server = server(app).await;
    let ask = async |body: &str| server.inject(Inject::post("/").header("content-type", "text/lines").body(body)).await;
    ask("1\n2").await.assert_text("[1,2]");
    assert_eq!(reasons(&ask("1\n2\n3").await), ["body  maxItems"]);
}

#[tokio::test]
async fn hooks_before_may_change_the_body_and_hooks_behind_see_valid_requests_only() {
    let route = post("/", echo)
        .body(object(json!({ "n": { "type": "integer" } })))
        .pre_validation(|req: &mut Request| {
            if req.header("x-mend").is_some() {
                req.set_body(r#"{"n":1}"#);
            }
        })
        .pre_handler(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-valid", "yes");
        });
    let server = server(App::new().route(route)).await;
    let wrong = Inject::post("/").json(&json!({ "n": "x" }));
    let reply = server.inject(wrong.clone()).await;
    assert_eq!((reasons(&reply), reply.header("x-valid")), (vec!["body /n type".to_owned()], None));
    let reply = server.inject(wrong.header("x-mend", "1")).await;
    assert_eq!((reply.text(), reply.header("x-valid")), (r#"{"n":1}"#, Some("yes")));
}

#[tokio::test]
async fn a_body_is_read_for_its_schema_also_where_nobody_takes_it() {
    let server = server(App::new().route(post("/", || "fine").body(json!({ "type": "object" })))).await;
    server.inject(Inject::post("/").json(&json!({}))).await.assert_text("fine");
    assert_eq!(reasons(&server.inject(Inject::post("/").json(&json!([]))).await), ["body  type"]);
}

#[tokio::test]
async fn deep_and_long_bodies_take_bounded_time() {
    let nested = json!({ "$id": "nested", "type": "array", "items": { "$ref": "nested#" } });
    let unique = json!({ "type": "array", "uniqueItems": true });
    let pattern = json!({ "type": "string", "pattern": "^(a+)+$" });
    let app = App::new()
        .route(post("/nested", echo).body(nested))
        .route(post("/unique", echo).body(unique))
        .route(post("/pattern", echo).body(pattern));
    let server = server(app).await;
    let ask = async |path: &str, body: String| {
        server.inject(Inject::post(path).header("content-type", "application/json").body(body)).await.status()
    };
    assert_eq!(ask("/nested", format!("{}{}", "[".repeat(100), "]".repeat(100))).await, 200);
    assert_eq!(ask("/nested", "[".repeat(500_000)).await, 400);
    let many: Vec<u32> = (0..100_000).collect();
    assert_eq!(ask("/unique", serde_json::to_string(&many).unwrap()).await, 200);
    assert_eq!(ask("/pattern", format!("\"{}!\"", "a".repeat(500_000))).await, 400);
}
