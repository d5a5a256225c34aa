//! Models as bodies: `Json<T>` validates them, wherever they stand.

#![cfg(all(feature = "macros", feature = "schema"))]

use std::collections::BTreeMap;

use fastweb::prelude::*;
use fastweb::{Unvalidated, model};
use serde_json::{Value, json};

#[model]
#[derive(Debug)]
struct User {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(maximum = 150)]
    age: u8,
    #[serde(default)]
    tags: Vec<String>,
}

/// No model, but with one in it.
#[derive(serde::Deserialize)]
struct Plain {
    user: User,
}

async fn server() -> Server {
    App::new()
        .post("/user", async |Json(user): Json<User>| format!("{} {}", user.name, user.tags.len()))
        .post("/users", async |Json(users): Json<Vec<Option<User>>>| users.len().to_string())
        .post("/by-name", async |Json(users): Json<BTreeMap<String, User>>| users.len().to_string())
        .post("/plain", async |Json(plain): Json<Plain>| plain.user.age.to_string())
        .post("/unvalidated", async |Unvalidated(user): Unvalidated<User>| user.age.to_string())
        .route(
            post("/declared", async |Json(user): Json<User>| user.age.to_string())
                .body(json!({ "required": ["tags"] })),
        )
        .post("/echo", async |Json(user): Json<User>| Json(user))
        .build()
        .await
        .expect("a server")
}

/// The same bodies through the request.
async fn by_request<T: serde::de::DeserializeOwned + 'static>(req: &mut Request) -> Result<&'static str> {
    req.json::<T>().await.map(|_| "read")
}

#[tokio::test]
async fn a_body_that_is_read_through_the_request_is_judged_the_same() {
    let server = App::new()
        .post("/user", |_: Json<User>| "read")
        .post("/plain", |_: Json<Plain>| "read")
        .post("/list", |_: Json<Vec<u8>>| "read")
        .route(post("/declared", |_: Json<User>| "read").body(json!({ "required": ["tags"] })))
        .post("/request/user", async |req: &mut Request| by_request::<User>(req).await)
        .post("/request/plain", async |req: &mut Request| by_request::<Plain>(req).await)
        .post("/request/list", async |req: &mut Request| by_request::<Vec<u8>>(req).await)
        // Where a schema has read the body already.
        .route(
            post("/request/declared", "read")
                .body(json!({ "required": ["tags"] }))
                .pre_handler(async |req: &mut Request| by_request::<User>(req).await.map(drop)),
        )
        .build()
        .await
        .unwrap();
    for (path, body, status) in [
        ("/user", r#"{"name":"Ada","age":36.0}"#, 200),
        ("/user", r#"{"name":"","age":151}"#, 400),
        ("/user", r#"{"name":"Ada","age":"secret"}"#, 400),
        ("/user", r#"{"name":"Ada","age":1,"age":2}"#, 400),
        ("/user", r#"{"name":"Ada""#, 400),
        ("/user", "", 400),
        ("/plain", r#"{"user":{"name":"","age":255}}"#, 200),
        ("/plain", r#"{"user":{"name":"","age":256}}"#, 400),
        ("/plain", "{}", 400),
        ("/list", "[1,2.0]", 200),
        ("/list", "[1,-1]", 400),
        ("/declared", r#"{"name":"Ada","age":36,"tags":[]}"#, 200),
        ("/declared", r#"{"name":"Ada","age":36}"#, 400),
    ] {
        let extracted = post_json(&server, path, body).await;
        let requested = post_json(&server, &format!("/request{path}"), body).await;
        extracted.assert_status(status);
        assert_eq!((requested.status(), requested.text()), (extracted.status(), extracted.text()), "{path} {body}");
    }
    // Whatever its media type.
    server.inject(Inject::post("/request/list").body("[1]")).await.assert_text("read");
}

#[tokio::test]
async fn another_body_is_read_anew() {
    let replace = async |req: &mut Request| -> Result<()> {
        let first: Vec<u8> = req.json().await?;
        req.set_body("[1,2,3]");
        let second: Vec<u8> = req.json().await?;
        if (first.len(), second.len()) == (1, 3) { Ok(()) } else { Err(Error::conflict("read before")) }
    };
    let app = App::new().route(post("/", "read").body(json!({ "type": "array" })).pre_handler(replace));
    post_json(&app.build().await.unwrap(), "/", "[1]").await.assert_text("read");
}

async fn post_json(server: &Server, path: &str, body: &str) -> fastweb::InjectReply {
    server.inject(Inject::post(path).header("content-type", "application/json").body(body.to_owned())).await
}

#[tokio::test]
async fn a_model_is_validated_and_its_failures_are_told_one_by_one() {
    let server = server().await;
    post_json(&server, "/user", r#"{"name":"Ada","age":36.0,"tags":["a"]}"#)
        .await
        .assert_status(200)
        .assert_text("Ada 1");
    let reply = post_json(&server, "/user", r#"{"age":151,"name":"","tags":[1]}"#).await;
    let error: Value = reply.assert_status(400).json();
    assert_eq!(
        error,
        json!({
            "statusCode": 400,
            "code": "FW_ERR_VALIDATION",
            "error": "Bad Request",
            "message": "body/age must be <= 150, body/name must NOT have fewer than 1 characters, body/tags/0 must be string",
            "details": [
                { "in": "body", "pointer": "/age", "keyword": "maximum", "message": "must be <= 150" },
                { "in": "body", "pointer": "/name", "keyword": "minLength", "message": "must NOT have fewer than 1 characters" },
                { "in": "body", "pointer": "/tags/0", "keyword": "type", "message": "must be string" },
            ],
        })
    );
}

#[tokio::test]
async fn what_is_no_json_and_names_that_stand_twice_are_told_too() {
    let server = server().await;
    for (body, code) in [
        ("", "FW_ERR_EMPTY_JSON_BODY"),
        ("{\"name\":", "FW_ERR_INVALID_JSON"),
        (r#"{"name":"a","age":1,"age":2}"#, "FW_ERR_INVALID_JSON"),
        (r#"{"name":"a","age":1}x"#, "FW_ERR_INVALID_JSON"),
    ] {
        let error: Value = post_json(&server, "/user", body).await.assert_status(400).json();
        assert_eq!(error["code"], code, "{body}");
    }
}

#[tokio::test]
async fn models_are_validated_in_arrays_options_and_maps() {
    let server = server().await;
    post_json(&server, "/users", r#"[{"name":"a","age":1},null]"#).await.assert_status(200).assert_text("2");
    let error: Value = post_json(&server, "/users", r#"[null,{"name":"a","age":200}]"#).await.assert_status(400).json();
    assert_eq!(error["details"][0]["pointer"], "/1/age");
    post_json(&server, "/by-name", r#"{"a":{"name":"a","age":1}}"#).await.assert_status(200).assert_text("1");
    post_json(&server, "/by-name", r#"{"a":{"name":"","age":1}}"#).await.assert_status(400);
}

#[tokio::test]
async fn a_plain_type_is_read_by_serde_and_so_is_a_model_that_asks_for_it() {
    let server = server().await;
    post_json(&server, "/plain", r#"{"user":{"name":"","age":151}}"#).await.assert_status(200).assert_text("151");
    post_json(&server, "/unvalidated", r#"{"name":"","age":151}"#).await.assert_status(200).assert_text("151");
    post_json(&server, "/unvalidated", r#"{"name":"","age":256}"#).await.assert_status(400);
}

#[tokio::test]
async fn a_schema_of_the_route_holds_beside_that_of_the_model() {
    let server = server().await;
    post_json(&server, "/declared", r#"{"name":"a","age":1,"tags":[]}"#).await.assert_status(200);
    post_json(&server, "/declared", r#"{"name":"a","age":1}"#).await.assert_status(400);
    post_json(&server, "/declared", r#"{"name":"","age":1,"tags":[]}"#).await.assert_status(400);
}

#[tokio::test]
async fn a_model_is_written_as_serde_writes_it() {
    let server = server().await;
    let reply = post_json(&server, "/echo", r#"{"age":1,"name":"a"}"#).await;
    reply.assert_status(200).assert_text(r#"{"name":"a","age":1,"tags":[]}"#);
}
