//! What a call is: a request as every other.

use fastweb::mcp::Tool;
use fastweb::prelude::*;
use fastweb::{Bearer, model};
use serde_json::{Value, json};

use crate::{call, called};

#[model]
struct Numbers {
    #[schema(min_items = 1)]
    numbers: Vec<i64>,
}

/// Adds numbers.
#[post("/sum", mcp)]
async fn sum(Json(numbers): Json<Numbers>) -> Json<Value> {
    Json(json!({ "sum": numbers.numbers.iter().sum::<i64>() }))
}

#[model]
struct Words {
    word: Vec<String>,
    times: Option<u8>,
}

#[get("/repeat/{id}/{*rest}", mcp)]
async fn repeat(id: &str, rest: &str, Query(words): Query<Words>) -> Json<Value> {
    Json(json!([id, rest, words.word, words.times]))
}

#[get("/archive/{year?}", mcp)]
async fn archive(year: Option<u16>) -> String {
    year.map_or("all".to_owned(), |year| year.to_string())
}

#[get("/secret", mcp)]
async fn secret(token: Bearer, req: &mut Request) -> Result<String> {
    if token.token() != "t" {
        return Err(Error::forbidden("another token, please"));
    }
    let header = |name| req.header(name).unwrap_or("-").to_owned();
    Ok(format!("{} {} {}", header("x-trace"), header("accept"), header("origin")))
}

#[model]
struct Login {
    name: String,
}

#[post("/login", mcp)]
async fn login(Form(login): Form<Login>) -> Reply {
    Reply::text(format!("hello {}", login.name))
}

#[post("/echo", mcp)]
async fn echo(text: String) -> String {
    text
}

#[get("/large", mcp)]
async fn large() -> String {
    "x".repeat(100_000)
}

#[get("/image", mcp)]
async fn image() -> Reply {
    Reply::new().with_content_type("image/png").with_body(vec![0xff, 0xd8])
}

#[delete("/nothing", mcp)]
async fn nothing() -> NoContent {
    NoContent
}

async fn server() -> Server {
    let refuses = |req: &mut Request| match req.header("x-refuse") {
        Some(_) if req.path() != "/mcp" => Err(Error::unauthorized("a hook says no")),
        _ => Ok(()),
    };
    let app = App::new()
        .plugin(Mcp::new("test", "1").answer_limit(50_000))
        .on_request(refuses)
        .route(sum)
        .route(repeat)
        .route(archive)
        .route(secret)
        .route(login)
        .route(echo)
        .route(large)
        .route(image)
        .route(nothing)
        .route(get("/panics", || -> &'static str { panic!("meant") }).config(Tool::new().name("panics")));
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn an_answer_is_text_and_an_object() {
    let server = server().await;
    let answer = called(&server, call("sum", json!({ "body": { "numbers": [1, 2, 39] } }))).await;
    assert_eq!(answer, (false, r#"{"sum":42}"#.into(), json!({ "sum": 42 })));
    let arguments = json!({ "id": "a/b?c", "rest": "d/e f", "word": ["x&y", "z=ü"], "times": 2 });
    let (is_error, _, object) = called(&server, call("repeat", arguments)).await;
    assert_eq!((is_error, object), (false, json!({ "result": ["a/b?c", "d/e f", ["x&y", "z=ü"], 2] })));
    let arguments = json!({ "body": { "name": "Ada & Co" } });
    assert_eq!(called(&server, call("login", arguments)).await.1, "hello Ada & Co");
    assert_eq!(called(&server, call("echo", json!({ "body": "a \"b\"\n" }))).await.1, "a \"b\"\n");
    assert_eq!(called(&server, call("archive", json!({}))).await.1, "all");
    assert_eq!(called(&server, call("archive", json!({ "year": null }))).await.1, "all");
    assert_eq!(called(&server, call("archive", json!({ "year": 1999 }))).await.1, "1999");
    assert_eq!(called(&server, call("nothing", json!({}))).await, (false, "204 No Content".into(), Value::Null));
    let (is_error, text, _) = called(&server, call("image", json!({}))).await;
    assert_eq!((is_error, &*text), (false, "2 bytes of image/png, which are no text"));
}

#[tokio::test]
async fn a_wrong_argument_gets_the_error_of_the_route() {
    let server = server().await;
    for (name, arguments, message) in [
        ("sum", json!({ "body": { "numbers": [] } }), "body/numbers must NOT have fewer than 1 items"),
        ("sum", json!({ "body": { "numbers": ["x"] } }), "body/numbers/0 must be integer"),
        ("sum", json!({ "body": {} }), "body must have required property 'numbers'"),
        ("archive", json!({ "year": "x" }), "params/year"),
        ("repeat", json!({ "id": "a", "rest": "b", "word": "x", "times": 1000 }), "querystring/times"),
        // What cannot even become a request.
        ("sum", json!({}), "arguments must have required property 'body'"),
        ("repeat", json!({ "rest": "b", "word": "x" }), "params must have required property 'id'"),
        ("repeat", json!({ "id": "", "rest": "b", "word": "x" }), "params/id must be neither empty nor `.` or `..`"),
        ("repeat", json!({ "id": "..", "rest": "b", "word": "x" }), "params/id must be neither empty nor `.` or `..`"),
        ("repeat", json!({ "id": "a", "rest": "b/../../sum", "word": "x" }), "params/rest must be neither empty"),
        ("archive", json!({ "month": 1 }), "arguments must have no other properties than year"),
    ] {
        let (is_error, text, object) = called(&server, call(name, arguments.clone())).await;
        assert!(is_error, "{name} {arguments}: {text}");
        assert_eq!(
            (&object["statusCode"], &object["code"]),
            (&json!(400), &json!("FW_ERR_VALIDATION")),
            "{name} {arguments}: {text}"
        );
        assert!(object["message"].as_str().is_some_and(|told| told.contains(message)), "{name} {arguments}: {text}");
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(object));
    }
}

#[tokio::test]
async fn a_call_is_who_its_client_is() {
    let server = server().await;
    let (is_error, text, object) = called(&server, call("secret", json!({}))).await;
    assert!(is_error && object["statusCode"] == 401, "{text}");
    let with = |token: &str| {
        call("secret", json!({})).header("authorization", format!("Bearer {token}")).header("x-trace", "7")
    };
    let (is_error, _, object) = called(&server, with("wrong")).await;
    assert_eq!((is_error, &object["message"]), (true, &json!("another token, please")));
    assert_eq!(called(&server, with("t")).await, (false, "7 application/json, */*;q=0.5 -".into(), Value::Null));
    let (is_error, _, object) = called(&server, with("t").header("x-refuse", "1")).await;
    assert_eq!((is_error, &object["message"]), (true, &json!("a hook says no")), "hooks of the application run for it");
}

#[tokio::test]
async fn what_goes_wrong_within_is_a_result_too() {
    let server = server().await;
    let (is_error, text, object) = called(&server, call("large", json!({}))).await;
    assert_eq!((is_error, &*text, object), (true, "the answer is too long, or broke off", Value::Null));
    let (is_error, text, object) = called(&server, call("panics", json!({}))).await;
    assert!(is_error && object["statusCode"] == 500 && !text.contains("meant"), "{text}");
    // And the server goes on.
    assert_eq!(called(&server, call("archive", json!({}))).await.1, "all");
}
