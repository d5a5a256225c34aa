//! `examples/chat`.

use super::*;

/// A text of up to 125 bytes, with a mask of zeros.
fn text(text: &str) -> Vec<u8> {
    [&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0][..], text.as_bytes()].concat()
}

#[test]
fn the_room_is_told_what_is_said() {
    let chat = Example::start("chat", &[ANY_PORT]);
    let page = chat.connect().get("/").expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    chat.connect().get("/rooms/tea").expect(400);
    chat.connect().get("/rooms/tea?name=Ada").expect(426);
    let enter = |name: &str| {
        let headers = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let mut client = chat.connect();
        client.send(&request("GET", &format!("/rooms/tea?name={name}"), &headers, b""));
        client.read_head().expect(101);
        client
    };
    let line = |client: &mut support::client::Client| -> Value {
        let head = client.read_exactly(2);
        assert_eq!(head[0], 0x81);
        serde_json::from_slice(&client.read_exactly(usize::from(head[1]))).expect("JSON")
    };
    let mut ada = enter("Ada");
    ada.send(&text(r#"{"text":"milk first"}"#));
    let said = line(&mut ada);
    assert_eq!((&said["name"], &said["text"]), (&json!("Ada"), &json!("milk first")));
    // Who comes later is told, too.
    let mut bob = enter("Bob");
    assert_eq!(line(&mut bob), said);
    bob.send(&text(r#"{"words":1}"#));
    assert_eq!(line(&mut bob)["name"], "server");
    bob.send(&text(r#"{"text":"never"}"#));
    for client in [&mut ada, &mut bob] {
        assert_eq!(line(client)["text"], "never");
    }
    chat.terminate();
    assert!(chat.ended().status.success());
}
