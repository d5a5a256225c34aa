//! Params, query and headers.

use std::collections::BTreeMap;

use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::{object, reasons, server};

#[tokio::test]
async fn params_are_coerced_for_types_that_read_by_name() {
    #[derive(serde::Deserialize)]
    struct Both {
        id: Value,
        part: Value,
    }
    let schema = object(json!({ "id": { "type": "integer", "maximum": 99 }, "part": { "type": ["boolean", "null"] } }));
    let by_name = async |Path(Both { id, part }): Path<Both>| Json(json!([id, part]));
    let by_place = async |Path((id, part)): Path<(u8, String)>| format!("{id} {part}");
    let app = App::new()
        .route(get("/a/{id}/{part}", by_name).params(schema.clone()))
        .route(get("/b/{id}/{part}", by_place).params(schema));
    let server = server(app).await;
    server.inject(Inject::get("/a/7/true")).await.assert_text("[7,true]");
    server.inject(Inject::get("/b/7/true")).await.assert_text("7 true");
    let reply = server.inject(Inject::get("/a/100/%2F")).await;
    assert_eq!(reasons(&reply), ["params /id maximum", "params /part type"]);
    server.inject(Inject::get("/a/%zz/true")).await.assert_status(400);
}

#[tokio::test]
async fn queries_have_numbers_lists_and_defaults() {
    let schema = object(json!({
        "n": { "type": "number" },
        "ids": { "type": "array", "items": { "type": "integer" }, "maxItems": 3 },
        "deep": { "type": "boolean", "default": false },
        "q": { "type": "string", "minLength": 1 },
    }));
    let echo = get("/", async |Query(query): Query<Value>| Json(query)).query(schema);
    let server = server(App::new().route(echo)).await;
    for (query, answer) in [
        ("", r#"{"deep":false}"#),
        ("?n=1e3&ids=1&ids=2", r#"{"deep":false,"ids":[1,2],"n":1000}"#),
        ("?ids=5&deep=true", r#"{"deep":true,"ids":[5]}"#),
        ("?q=a+b%2Bc&other=1&other=2", r#"{"deep":false,"other":["1","2"],"q":"a b+c"}"#),
    ] {
        server.inject(Inject::get(format!("/{query}"))).await.assert_text(answer);
    }
    for (query, reason) in [
        ("?n=x", "querystring /n type"),
        ("?ids=1&ids=x", "querystring /ids/1 type"),
        ("?ids=1&ids=2&ids=3&ids=4", "querystring /ids maxItems"),
        ("?deep=1", "querystring /deep type"),
        ("?q=", "querystring /q minLength"),
    ] {
        assert_eq!(reasons(&server.inject(Inject::get(format!("/{query}"))).await), [reason], "{query}");
    }
    let reply = server.inject(Inject::get("/?q=%E0%A4%A")).await.assert_status(400).clone();
    assert_eq!(reply.json::<Value>()["code"], "FW_ERR_BAD_URL");
}

#[tokio::test]
async fn headers_are_found_in_any_case_and_joined() {
    let schema = json!({
        "type": "object",
        "required": ["X-Tenant"],
        "properties": { "X-Tenant": { "type": "integer" }, "x-tags": { "type": "string", "maxLength": 5 } },
    });
    let echo = async |Headers(headers): Headers<BTreeMap<String, Value>>| {
        Json(json!([headers["x-tenant"], headers.get("x-tags")]))
    };
    let server = server(App::new().route(get("/", echo).headers(schema))).await;
    let asked = Inject::get("/").header("X-TENANT", "7").header("x-tags", "a").header("X-Tags", "b");
    server.inject(asked).await.assert_text(r#"[7,"a, b"]"#);
    assert_eq!(reasons(&server.inject(Inject::get("/")).await), ["headers  required"]);
    let asked = Inject::get("/").header("x-tenant", "x").header("x-tags", "aaa").header("x-tags", "bbb");
    assert_eq!(reasons(&server.inject(asked).await), ["headers /x-tenant type", "headers /x-tags maxLength"]);
}

#[tokio::test]
async fn the_first_part_that_is_not_valid_is_told() {
    let integer = || object(json!({ "v": { "type": "integer" } }));
    let body = json!({ "type": "object", "required": ["v"] });
    let all = post("/{v}", || "valid").params(integer()).query(integer()).headers(integer()).body(body);
    let server = server(App::new().route(all)).await;
    let ask = |path: &str, header: &str, body: Value| Inject::post(path).header("v", header).json(&body);
    let first = async |request| reasons(&server.inject(request).await).join(", ");
    assert_eq!(first(ask("/x?v=x", "x", json!({}))).await, "params /v type");
    assert_eq!(first(ask("/1?v=x", "x", json!({}))).await, "body  required");
    assert_eq!(first(ask("/1?v=x", "x", json!({ "v": 1 }))).await, "querystring /v type");
    assert_eq!(first(ask("/1?v=1", "x", json!({ "v": 1 }))).await, "headers /v type");
    server.inject(ask("/1?v=1", "1", json!({ "v": 1 }))).await.assert_text("valid");
}

#[tokio::test]
async fn what_is_valid_and_is_not_what_the_handler_takes_is_refused_by_type() {
    #[derive(serde::Deserialize)]
    struct Strict {
        n: u8,
    }
    let strict = get("/", async |Query(Strict { n }): Query<Strict>| n.to_string());
    let app = App::new().route(strict.query(object(json!({ "n": { "type": "integer" } }))));
    let server = server(app).await;
    server.inject(Inject::get("/?n=7")).await.assert_text("7");
    assert_eq!(reasons(&server.inject(Inject::get("/?n=300")).await), ["querystring /n maximum"]);
    assert_eq!(reasons(&server.inject(Inject::get("/")).await), ["querystring  required"]);
}

#[tokio::test]
async fn one_request_leaves_nothing_for_the_next() {
    let checked = get("/checked", async |Query(query): Query<Value>| Json(query));
    let app = App::new()
        .route(checked.query(object(json!({ "n": { "type": "integer" } }))))
        .get("/plain", async |Query(query): Query<Value>| Json(query));
    let server = server(app).await;
    for n in 0..100 {
        server.inject(Inject::get(format!("/checked?n={n}"))).await.assert_text(&format!("{{\"n\":{n}}}"));
        server.inject(Inject::get("/plain?n=1")).await.assert_text(r#"{"n":"1"}"#);
        server.inject(Inject::get("/checked?n=x")).await.assert_status(400);
    }
}
