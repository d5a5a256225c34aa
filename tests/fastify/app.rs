//! The probe of `shared/fastify/inject.cjs` in Rust, with the same schemas.

use std::collections::BTreeMap;

use fastweb::HttpError;
use fastweb::prelude::*;
use serde_json::{Value, json};

#[derive(Debug)]
struct Tea;

impl std::fmt::Display for Tea {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("tea")
    }
}

impl std::error::Error for Tea {}

impl HttpError for Tea {
    fn status(&self) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }

    fn code(&self) -> Option<std::borrow::Cow<'static, str>> {
        Some("TEA".into())
    }
}

/// All parameters by name.
async fn params(Path(params): Path<BTreeMap<String, String>>) -> Json<BTreeMap<String, String>> {
    Json(params)
}

pub(crate) fn app() -> App {
    let id = json!({ "type": "object", "properties": { "id": { "type": "integer" } } });
    let query = json!({ "type": "object", "properties": {
        "n": { "type": "integer" },
        "ids": { "type": "array", "items": { "type": "integer" } },
        "b": { "type": "boolean" },
        "d": { "type": "string", "default": "x" },
    } });
    let body = json!({ "type": "object", "required": ["a"], "properties": {
        "a": { "type": "integer" },
        "s": { "type": "string", "maxLength": 3 },
        "nul": { "type": ["string", "null"] },
    } });
    let mut strict = body.clone();
    strict["additionalProperties"] = json!(false);
    let headers = json!({ "type": "object", "required": ["X-Foo"], "properties": { "X-Foo": { "type": "integer" } } });
    let uuid = json!({ "type": "object", "properties": { "id": { "$ref": "id#" } } });
    let echo = async |Json(body): Json<Value>| Json(body);
    App::new()
        .fastify_mode()
        .add_schema(json!({ "$id": "id", "type": "string", "format": "uuid" }))
        .route(get("/p/{id}", |Path(params): Path<Value>| Json(params)).params(id))
        .route(get("/q", |Query(query): Query<Value>| Json(query)).query(query))
        .route(post("/b", echo).body(body))
        .route(post("/strict", echo).body(strict))
        .route(get("/h", |Headers(headers): Headers<Value>| Json(json!({ "v": headers["x-foo"] }))).headers(headers))
        .route(get("/uuid/{id}", |Path(params): Path<Value>| Json(params)).params(uuid))
        .scope("", answers)
        .post("/raw", |Json(body): Json<Value>| Json(json!({ "t": "object", "b": body })))
        .get("/e500", || Err::<(), _>(Error::new(500, "boom")))
        .get("/e418", || Err::<(), _>(Tea))
        .get("/e200", || Err::<(), _>(Error::new(200, "x")))
        .get("/eobj", || Err::<(), _>(Error::new(418, "plain")))
        .get("/str", "hi")
        .get("/buf", Bytes::from_static(b"hi"))
        .get("/undef", async || ())
        .get("/null", || Json(()))
        .get("/204", StatusCode::NO_CONTENT)
        .get("/w/{*rest?}", |Path(rest): Path<String>| Json(json!({ "*": rest })))
        .get("/opt/{id?}", params)
        .get("/ml/{lat}-{lng}", params)
        .get("/rx/{f:u64}.png", params)
        .get("/u/me", "me")
        .get("/u/{id}", params)
        .put("/only", "x")
        .get("/rid", |req: &mut Request| Json(json!({ "id": req.id().to_string() })))
        .route(post("/lim", |Json(body): Json<Value>| Json(body)).body_limit(10))
}

/// Routes with response schemas.
fn answers(scope: Scope) -> Scope {
    let declared = || {
        json!({ "type": "object", "required": ["a"], "properties": {
            "a": { "type": "integer" },
            "s": { "type": "string" },
            "d": { "type": "string", "default": "def" },
        } })
    };
    let only = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } } });
    let answering = |path: &str, value: Value| get(path, move || Json(value.clone())).response(200, declared());
    scope
        .route(answering("/r1", json!({ "a": 1, "s": "x", "secret": 1 })))
        .route(answering("/r2", json!({ "s": "x" })))
        .route(answering("/r3", json!({ "a": "12", "s": 5 })))
        .route(answering("/r3f", json!({ "a": 1.9 })))
        .route(answering("/r3n", json!({ "a": null, "s": null })))
        .route(answering("/r3s", json!({ "a": "abc" })))
        .route(
            get("/r4", || (StatusCode::CREATED, Json(json!({ "a": 1, "z": 1 }))))
                .response("2xx", declared())
                .response("default", only("e")),
        )
        .route(
            get("/r5", || (StatusCode::NOT_FOUND, Json(json!({ "message": "m", "z": 1 }))))
                .response("2xx", declared())
                .response("default", only("message")),
        )
}
