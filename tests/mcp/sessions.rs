//! Sessions, for clients of protocol versions that have them.

use std::time::{Duration, Instant};

use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::ACCEPT;
use crate::support::client::{Client, request};
use crate::support::server::TestServer;

/// Sends a message, and gives the session's id and the last of the events that answer it.
fn post(server: &TestServer, session: Option<&str>, message: &Value) -> (Option<String>, Value) {
    let mut headers = vec![("accept", ACCEPT), ("content-type", "application/json")];
    headers.extend(session.map(|session| ("mcp-session-id", session)));
    let answer = Client::connect(server.address).call("POST", "/mcp", &headers, message.to_string().as_bytes());
    assert!(answer.status == 200 || answer.status == 202, "{} {}", answer.status, answer.text());
    let data =
        answer.text().lines().filter_map(|line| line.strip_prefix("data:")).rfind(|data| !data.trim().is_empty());
    let last = data.map_or(Value::Null, |data| serde_json::from_str(data).expect("JSON"));
    (answer.header("mcp-session-id").map(str::to_owned), last)
}

#[test]
fn a_session_calls_tools_and_ends_with_the_server() {
    let app = App::new()
        .workers(2)
        .plugin(Mcp::new("x", "1").sessions())
        .route(get("/hello/{name}", |Path(name): Path<String>| format!("hello {name}")).operation_id("hello").mcp());
    let server = TestServer::start(app);
    let info = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": info });
    let (session, answer) =
        post(&server, None, &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
    let session = session.expect("there is a session");
    assert_eq!(answer["result"]["serverInfo"]["name"], "x");
    post(&server, Some(&session), &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    // Each over a connection of its own, so that both workers have some.
    for n in 2..10 {
        let params = json!({ "name": "hello", "arguments": { "name": n.to_string() } });
        let call = json!({ "jsonrpc": "2.0", "id": n, "method": "tools/call", "params": params });
        let (_, answer) = post(&server, Some(&session), &call);
        assert_eq!(answer["result"]["content"][0]["text"], format!("hello {n}"), "{answer}");
    }
    // The stream on which a server could speak by itself.
    let mut listening = Client::connect(server.address);
    let headers = [("accept", "text/event-stream"), ("mcp-session-id", &*session)];
    listening.send(&request("GET", "/mcp", &headers, b""));
    assert_eq!(listening.read_head().expect(200).header("content-type"), Some("text/event-stream"));
    let asked = Instant::now();
    server.stop.shutdown();
    while listening.read_chunk().is_some() {}
    server.wait().expect("it ends well");
    assert!(asked.elapsed() < Duration::from_secs(15), "half of the time that shutdown waits for those that go on");
}
