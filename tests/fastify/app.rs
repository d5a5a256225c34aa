//! The probe of `shared/fastify/inject.cjs` in Rust, as far as types can say what its schemas say.

use std::collections::BTreeMap;

use fastweb::HttpError;
use fastweb::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, Serialize)]
struct Query1 {
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<bool>,
    #[serde(default = "default_d")]
    d: String,
}

fn default_d() -> String {
    "x".into()
}

#[derive(Deserialize, Serialize)]
struct Body1 {
    a: i64,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

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
    App::new()
        .fastify_mode()
        .get("/p/{id}", |Path(id): Path<i64>| Json(json!({ "id": id })))
        .get("/q", |Query(query): Query<Query1>| Json(query))
        .post("/b", |Json(body): Json<Body1>| Json(body))
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
