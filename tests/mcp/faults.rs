//! Who may not ask, and what is no message.

use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::{ACCEPT, ask, call, message};

async fn server(mcp: Mcp) -> Server {
    let app = App::new().plugin(mcp).route(get("/hello", "hello").operation_id("hello").mcp());
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn pages_and_foreign_hosts_are_refused_unless_they_are_named() {
    let closed = server(Mcp::new("x", "1")).await;
    let open = server(Mcp::new("x", "1").hosts(["tools.example.com"]).origins(["https://app.example.com:443"])).await;
    let any = server(Mcp::new("x", "1").any_host()).await;
    let from = |host: &str, origin: &str| {
        let call = call("hello", json!({})).header("host", host);
        if origin.is_empty() { call } else { call.header("origin", origin) }
    };
    for (host, origin, expected) in [
        ("localhost", "", [200, 403, 200]),
        ("127.0.0.1:3000", "", [200, 403, 200]),
        ("tools.example.com", "", [403, 200, 200]),
        ("evil.example.com", "", [403, 403, 200]),
        ("localhost", "https://evil.example.com", [403, 403, 403]),
        ("localhost", "null", [403, 403, 403]),
        ("tools.example.com", "https://app.example.com", [403, 200, 403]),
    ] {
        let mut statuses = Vec::new();
        for server in [&closed, &open, &any] {
            statuses.push(server.inject(from(host, origin)).await.status().as_u16());
        }
        assert_eq!(statuses, expected, "{host} {origin}");
    }
}

#[tokio::test]
async fn what_is_no_message_of_the_protocol_is_refused() {
    let server = server(Mcp::new("x", "1")).await;
    let post = || Inject::post("/mcp").header("accept", ACCEPT);
    assert!(
        server.inject(post().header("content-type", "application/json").body("{")).await.status().is_client_error()
    );
    server.inject(post().header("content-type", "text/plain").body("{}")).await.assert_status(415);
    server.inject(Inject::post("/mcp").json(&json!({}))).await.assert_status(406);
    server.inject(call("hello", json!({})).header("content-encoding", "zip")).await;
    server
        .inject(post().header("content-type", "application/json").body(vec![b' '; 2_000_000]))
        .await
        .assert_status(413);
    let deep = "[".repeat(100_000);
    assert!(
        server.inject(post().header("content-type", "application/json").body(deep)).await.status().is_client_error()
    );
    for params in [json!({ "name": "none", "arguments": {} }), json!({ "name": "hello", "arguments": 7 })] {
        let answer: Value = server.inject(message("tools/call", params)).await.json();
        assert!(answer["error"]["code"].is_i64(), "{answer}");
    }
    let answer: Value = server.inject(message("resources/list", json!({}))).await.json();
    assert!(answer["error"].is_object() || answer["result"]["resources"] == json!([]), "{answer}");
    // Without sessions there is no stream to be had, and none to end.
    server.inject(Inject::get("/mcp").header("accept", "text/event-stream")).await.assert_status(405);
    server.inject(Inject::delete("/mcp")).await.assert_status(405);
    ask(&server, "ping", json!({})).await;
}
