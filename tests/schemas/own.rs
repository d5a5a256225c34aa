//! Validators and serialisers that a scope brings itself.

use fastweb::prelude::*;
use fastweb::schema::Failure;
use fastweb::{SchemaPart, SchemaUse};
use serde_json::{Value, json};

use crate::{object, reasons, server};

/// The schema is the greatest length of the value as text.
fn shorter(usage: &SchemaUse<'_>) -> Result<impl Fn(&mut Value) -> Result<(), Vec<Failure>> + Send + Sync + use<>> {
    let most = usage.schema.as_u64().ok_or_else(|| Error::internal(format!("{:?} is no length", usage.part)))?;
    Ok(move |value: &mut Value| {
        let length = value.to_string().len() as u64;
        if length > most {
            return Err(vec![Failure::new("", "shorter", format!("must be at most {most} long"))]);
        }
        *value = json!({ "length": length });
        Ok(())
    })
}

#[tokio::test]
async fn a_scopes_own_validator_checks_and_changes() {
    let app = App::new()
        .scope("/own", |own| {
            own.validator_compiler(shorter)
                .route(post("/", async |Json(body): Json<Value>| Json(body)).body(10))
                .route(get("/q", async |Query(query): Query<Value>| Json(query)).query(20))
                .scope("/in", |inner| inner.route(post("/", async |Json(body): Json<Value>| Json(body)).body(5)))
        })
        .route(post("/", async |Json(body): Json<Value>| Json(body)).body(json!({ "type": "string" })));
    let server = server(app).await;
    server.inject(Inject::post("/own").json(&json!("1234"))).await.assert_text(r#"{"length":6}"#);
    assert_eq!(reasons(&server.inject(Inject::post("/own").json(&json!("123456789"))).await), ["body  shorter"]);
    // Text is not coerced: that is the validator's.
    server.inject(Inject::get("/own/q?a=1&b=2")).await.assert_text(r#"{"length":17}"#);
    assert_eq!(reasons(&server.inject(Inject::get("/own/q?a=1&b=22222")).await), ["querystring  shorter"]);
    assert_eq!(reasons(&server.inject(Inject::post("/own/in").json(&json!("1234"))).await), ["body  shorter"]);
    server.inject(Inject::post("/").json(&json!("123456789"))).await.assert_text("\"123456789\"");
}

#[tokio::test]
async fn a_scopes_own_serializer_writes() {
    let shouting = |usage: &SchemaUse<'_>| {
        assert_eq!((usage.part, usage.key, usage.path), (SchemaPart::Response, Some("200"), "/own/a"));
        Ok(|value: &Value| Ok(value.to_string().to_uppercase()))
    };
    let plain = object(json!({ "a": { "type": "string" } }));
    let answer = || Json(json!({ "a": "x", "b": "y" }));
    let app = App::new()
        .scope("/own", |own| {
            own.serializer_compiler(shouting).route(get("/a", answer).response(200, plain.clone())).get("/b", answer)
        })
        .route(get("/", answer).response(200, plain.clone()));
    let server = server(app).await;
    server.inject(Inject::get("/own/a")).await.assert_text(r#"{"A":"X","B":"Y"}"#);
    server.inject(Inject::get("/own/b")).await.assert_text(r#"{"a":"x","b":"y"}"#);
    server.inject(Inject::get("/")).await.assert_text(r#"{"a":"x"}"#);
}

#[tokio::test]
async fn what_a_compiler_refuses_is_an_error_of_build() {
    let app = App::new().validator_compiler(shorter).route(get("/", "x").query(json!({ "type": "object" })));
    let error = app.build().await.expect_err("no length").to_string();
    assert!(error.contains("GET /") && error.contains("the querystring schema: Query is no length"), "{error}");
}

#[tokio::test]
async fn a_serializer_that_fails_is_500() {
    let failing = |_: &SchemaUse<'_>| Ok(|_: &Value| -> Result<String> { Err(Error::internal("broken")) });
    let app = App::new().serializer_compiler(failing).route(get("/", || Json(1)).response(200, true));
    server(app).await.inject(Inject::get("/")).await.assert_status(500);
}
