//! `inject.txt`: requests without a socket.

use fastweb::prelude::*;

use crate::facts::{self, Fact};

/// Told in the guide.
const DIFFERENT: &[&str] = &[
    "GET /eobj",
    "GET /opt/",
    "GET /u/xxxxxxxxxxxxxxxxxxxxxxxxx",
    "GET /r2",
    "GET /r3f",
    "GET /r3s",
    "GET /rid",
    "POST /raw no body",
    "POST /raw text",
    "POST __proto__",
    "POST constructor",
    "POST dup keys",
];

/// None is left.
const UNTRIED: &[&str] = &[];

/// The request of a row, by its name.
fn request(name: &str) -> Option<Inject> {
    const JSON: &str = "application/json";
    let posted = |path: &str, media: &str, body: &str| Inject::post(path).header("content-type", media).body(body);
    Some(match name {
        "GET /u/xxxxxxxxxxxxxxxxxxxxxxxxx" => Inject::get(format!("/u/{}", "x".repeat(101))),
        "GET /only (PUT only)" => Inject::get("/only"),
        "POST /b {a:1}" => posted("/b", JSON, r#"{"a":1,"extra":2}"#),
        r#"POST /b {a:"7"}"# => posted("/b", JSON, r#"{"a":"7"}"#),
        "POST /b {a:null}" => posted("/b", JSON, r#"{"a":null}"#),
        "POST /b {a:true}" => posted("/b", JSON, r#"{"a":true}"#),
        "POST /b {a:[5]}" => posted("/b", JSON, r#"{"a":[5]}"#),
        "POST /b {a:1.5}" => posted("/b", JSON, r#"{"a":1.5}"#),
        "POST /b {}" => posted("/b", JSON, "{}"),
        "POST /b 2 errors" => posted("/b", JSON, r#"{"s":"long"}"#),
        "POST /strict extra" => posted("/strict", JSON, r#"{"a":1,"extra":2}"#),
        "POST /b bad json" => posted("/b", JSON, r#"{"a":"#),
        "POST /b empty" => posted("/b", JSON, ""),
        "POST /b no body" => Inject::post("/b"),
        "POST /raw no body" => Inject::post("/raw"),
        "POST /b xml" => posted("/b", "application/xml", "<a/>"),
        "POST /raw text" => posted("/raw", "text/plain", "abc"),
        "POST /raw no ctype" => Inject::post("/raw").body("abc"),
        "POST __proto__" => posted("/raw", JSON, r#"{"__proto__":{"x":1}}"#),
        "POST constructor" => posted("/raw", JSON, r#"{"constructor":{"prototype":{}}}"#),
        "POST dup keys" => posted("/raw", JSON, r#"{"a":1,"a":2}"#),
        "POST /lim 413" => posted("/lim", JSON, r#"{"aaaaaaaaaaaaaaaa":1}"#),
        "POST ctype charset" => posted("/b", "application/json; charset=utf-8", r#"{"a":1}"#),
        "POST +json" => posted("/raw", "application/vnd.api+json", r#"{"a":1}"#),
        "POST bad ctype" => posted("/raw", "garbage", "{}"),
        "GET /h x-foo:5" => Inject::get("/h").header("x-foo", "5"),
        "handlerTimeout" => return None,
        _ => {
            let (method, path) = name.split_once(' ')?;
            Inject::new(method, path)
        }
    })
}

async fn ask(server: &Server, request: Inject, fact: &Fact<'_>) -> Result<(), String> {
    let reply = server.inject(request).await;
    let content_type = reply.header("content-type").unwrap_or_default().to_owned();
    let body = reply.text();
    let same = reply.status() == fact.status
        && content_type.split(';').next() == fact.content_type.split(';').next()
        && facts::same_body(body, fact.body);
    if same { Ok(()) } else { Err(format!("{} {content_type:?} {body}, and not {fact:?}", reply.status())) }
}

#[tokio::test]
async fn answers_are_fastifys_or_the_guide_says_why_not() {
    let Some(text) = facts::read("inject.txt") else { return };
    let server = crate::app::app().build().await.expect("a valid application");
    let mut rows = Vec::new();
    for fact in facts::answers(&text) {
        if let Some(request) = request(fact.name) {
            rows.push((fact.name.to_owned(), ask(&server, request, &fact).await));
        }
    }
    assert!(rows.len() > 70, "{} rows", rows.len());
    crate::compare(rows, DIFFERENT, UNTRIED);
}
