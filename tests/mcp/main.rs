//! Routes as tools of the Model Context Protocol: what clients are told, what a call is, who may ask, how sessions end.

mod calls;
mod faults;
mod own_service;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod tools;

use fastweb::prelude::*;
use serde_json::{Value, json};

/// What clients send with every message.
pub(crate) const ACCEPT: &str = "application/json, text/event-stream";

/// A message to `/mcp`, as a client of 2025-06-18 sends it.
pub(crate) fn message(method: &str, params: Value) -> Inject {
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    Inject::post("/mcp").header("accept", ACCEPT).header("mcp-protocol-version", "2025-06-18").json(&message)
}

/// The result of a message.
pub(crate) async fn ask(server: &Server, method: &str, params: Value) -> Value {
    let reply = server.inject(message(method, params)).await;
    reply.assert_status(200).assert_header("content-type", "application/json");
    let answer: Value = reply.json();
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)), "{answer}");
    assert!(answer["result"].is_object(), "{answer}");
    answer["result"].clone()
}

pub(crate) fn call(name: &str, arguments: Value) -> Inject {
    message("tools/call", json!({ "name": name, "arguments": arguments }))
}

/// Whether the result of a call is an error, and what it says as text and as an object.
pub(crate) async fn called(server: &Server, request: Inject) -> (bool, String, Value) {
    let reply = server.inject(request).await;
    let answer: Value = reply.assert_status(200).json();
    let result = &answer["result"];
    let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no result: {answer}"));
    (result["isError"] == true, text.to_owned(), result["structuredContent"].clone())
}
