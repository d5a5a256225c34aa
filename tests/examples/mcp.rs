//! `examples/mcp`.

use super::*;

/// A message, and the answer to it with its session.
fn message(example: &Example, session: &str, body: &Value) -> (String, Value) {
    let mut headers = vec![("accept", "application/json, text/event-stream"), ("content-type", "application/json")];
    if !session.is_empty() {
        headers.push(("mcp-session-id", session));
    }
    let answer = example.connect().call("POST", "/mcp", &headers, body.to_string().as_bytes());
    let data =
        answer.text().lines().filter_map(|line| line.strip_prefix("data:")).rfind(|data| !data.trim().is_empty());
    let last = data.map_or(Value::Null, |data| serde_json::from_str(data).expect("JSON"));
    (answer.header("mcp-session-id").unwrap_or_default().to_owned(), last)
}

#[test]
fn what_a_model_notes_people_read() {
    let example = Example::start("mcp", &[ANY_PORT]);
    let params = json!({
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
    });
    let (session, answer) =
        message(&example, "", &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
    assert_eq!(answer["result"]["serverInfo"], json!({ "name": "notes", "version": "1.0" }));
    message(&example, &session, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    let call = |id: u32, arguments: Value| {
        let params = json!({ "name": "add_note", "arguments": arguments });
        message(&example, &session, &json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })).1
    };
    let answer = call(2, json!({ "body": { "text": "buy tea" } }));
    assert_eq!(answer["result"]["structuredContent"], json!({ "id": 1, "text": "buy tea" }), "{answer}");
    let answer = call(3, json!({ "body": { "text": "" } }));
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert_eq!(example.connect().get("/notes").expect(200).json(), json!([{ "id": 1, "text": "buy tea" }]));
    example.terminate();
    assert!(example.ended().status.success());
}
