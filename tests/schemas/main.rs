//! JSON Schemas of routes: requests are checked by them, answers are written by them.

#![cfg(feature = "schema")]

mod answers;
mod bodies;
mod building;
mod own;
mod parts;
mod scopes;
#[path = "../support/mod.rs"]
mod support;

use fastweb::prelude::*;
use serde_json::{Value, json};

async fn server(app: App) -> Server {
    app.build().await.expect("a valid application")
}

/// An object with these properties.
fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

/// The reasons of a refusal, as `in pointer keyword`.
#[track_caller]
fn reasons(reply: &fastweb::InjectReply) -> Vec<String> {
    assert_eq!(reply.status(), 400, "{}", reply.text());
    let body: Value = reply.json();
    assert_eq!(body["code"], "FW_ERR_VALIDATION", "{body}");
    let details = body["details"].as_array().unwrap_or_else(|| panic!("no details in {body}"));
    let word = |detail: &Value, name: &str| detail[name].as_str().unwrap_or_else(|| panic!("{body}")).to_owned();
    details.iter().map(|d| format!("{} {} {}", word(d, "in"), word(d, "pointer"), word(d, "keyword"))).collect()
}
