//! `examples/contract`.

use super::*;

#[test]
fn answers_as_agreed() {
    let contract = contract("1");
    let mut client = contract.connect();
    let plain = client.get("/plaintext").expect(200);
    assert_eq!(plain.text(), "Hello, World!");
    assert_eq!(plain.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(plain.header("date").is_some() && plain.header("server").is_some());
    assert_eq!(client.get("/json").expect(200).json(), json!({ "message": "Hello, World!" }));
    assert_eq!(client.get("/users/42").expect(200).json(), json!({ "id": "42", "name": "User 42" }));
    assert_eq!(client.get("/users/a%2Fb").expect(200).json(), json!({ "id": "a/b", "name": "User a/b" }));
    client.get("/nothing").expect(404);
    // One of the routes that are there so that routing has something to do.
    client.get("/repos/rust-lang/rust/issues").expect(200);
}

#[test]
fn reads_the_query() {
    let contract = contract("1");
    let mut client = contract.connect();
    let found = client.get("/search?q=rust&limit=10").expect(200);
    assert_eq!(found.json(), json!({ "q": "rust", "limit": 10 }));
    assert_eq!(client.get("/search?limit=-3&q=a%20b").expect(200).json(), json!({ "q": "a b", "limit": -3 }));
    for bad in ["ten", "1.5", "", "99999999999999999999"] {
        let refused = client.get(&format!("/search?q=x&limit={bad}")).expect(400).json();
        assert_eq!((&refused["statusCode"], &refused["code"]), (&json!(400), &json!("FW_ERR_VALIDATION")), "{bad:?}");
        assert_eq!(refused["details"][0]["pointer"], "/limit", "{bad:?}");
    }
    client.get("/search?q=x").expect(400);
}

#[test]
fn lists_users() {
    let contract = contract("1");
    let mut client = contract.connect();
    let users = client.get("/users?n=100").expect(200).json();
    let users = users.as_array().expect("it is a list");
    assert_eq!(users.len(), 100);
    let second = json!({ "id": 2, "email": "user2@example.com", "name": "User 2", "active": true, "score": 3.25 });
    assert_eq!(users[1], second);
    assert_eq!(client.get("/users?n=3").expect(200).json(), Value::from(&users[..3]));
}

#[test]
fn creates_users() {
    let contract = contract("1");
    let mut client = contract.connect();
    let ada = r#"{"email":"ada@example.com","name":"Ada","age":36}"#;
    let created = client.json("POST", "/users", &[], ada).expect(201).json();
    assert_eq!(created, json!({ "id": 1, "email": "ada@example.com", "name": "Ada", "age": 36 }));
    for bad in [r#"{"email":"#, "", "[]", r#"{"email":"a","name":"b"}"#, r#"{"email":"a","name":"b","age":"x"}"#] {
        client.json("POST", "/users", &[], bad).expect(400);
    }
}

#[test]
fn echoes_while_the_request_is_still_being_sent() {
    let contract = contract("1");
    let mut client = contract.connect();
    client.send(b"POST /echo HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
    let head = client.read_head();
    assert_eq!((head.status, head.header("transfer-encoding")), (200, Some("chunked")));
    assert_eq!(client.read_chunk().as_deref(), Some(&b"one"[..]));
    client.send(b"3\r\ntwo\r\n");
    assert_eq!(client.read_chunk().as_deref(), Some(&b"two"[..]));
    client.send(b"0\r\n\r\n");
    assert_eq!(client.read_chunk(), None);
    // The connection goes on, and a body of known length comes back with it.
    let echoed = client.call("POST", "/echo", &[], b"whole").expect(200);
    assert_eq!((echoed.text(), echoed.header("content-length")), ("whole", Some("5")));
}

#[test]
fn takes_uploads_beyond_the_usual_limit() {
    let contract = contract("1");
    let mut client = contract.connect();
    let body = vec![b'x'; 3 * 1024 * 1024];
    assert_eq!(client.call("POST", "/upload", &[], &body).expect(200).text(), "3145728");
    client.send(b"POST /upload HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
    for part in body.chunks(100_000) {
        client.send(format!("{:x}\r\n", part.len()).as_bytes());
        client.send(part);
        client.send(b"\r\n");
    }
    client.send(b"0\r\n\r\n");
    assert_eq!(client.read(false).expect(200).text(), "3145728");
    // Where a route says nothing else the limit holds.
    client.json("POST", "/users", &[], &"x".repeat(1024 * 1024 + 1)).expect(413);
}

#[test]
fn sends_downloads() {
    let contract = contract("1");
    let mut client = contract.connect();
    for bytes in [0, 1, 16 * 1024, 5_000_001] {
        let answer = client.get(&format!("/download?bytes={bytes}")).expect(200);
        assert_eq!(answer.body.len(), bytes);
        assert!(answer.body.iter().all(|&byte| byte == b'x'));
    }
}

#[test]
fn slow_requests_do_not_hold_up_others() {
    let contract = contract("1");
    let mut clients: Vec<_> = (0..8).map(|_| contract.connect()).collect();
    let started = Instant::now();
    for client in &mut clients {
        client.send(&request("GET", "/slow?ms=300", &[], b""));
    }
    for client in &mut clients {
        assert_eq!(client.read(false).expect(200).text(), "waited 300 ms");
        assert!(started.elapsed() >= Duration::from_millis(300));
    }
    // One after the other they would take 2.4 s.
    assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
}

#[test]
fn answers_with_any_status_and_no_body() {
    let contract = contract("1");
    let mut client = contract.connect();
    for status in [200, 201, 204, 299, 301, 304, 404, 418, 500, 503, 599] {
        let answer = client.get(&format!("/status/{status}")).expect(status);
        assert!(answer.body.is_empty(), "{answer:?}");
    }
    for no_status in ["100", "600", "999", "ok"] {
        client.get(&format!("/status/{no_status}")).expect(400);
    }
}

#[test]
fn shows_headers_as_the_application_sees_them() {
    let contract = contract("1");
    let mut client = contract.connect();
    let sent = [("X-Custom", "a b"), ("accept", "*/*"), ("X-Custom", "c"), ("x-empty", "")];
    let seen = client.call("GET", "/headers", &sent, b"").expect(200).json();
    let expected = [["host", "localhost"], ["X-Custom", "a b"], ["accept", "*/*"], ["X-Custom", "c"], ["x-empty", ""]];
    assert_eq!(seen, json!(expected));
    let seen = client.call("POST", "/headers", &[], b"body").expect(200).json();
    assert_eq!(seen, json!([["host", "localhost"], ["content-length", "4"]]));
}

#[test]
fn answers_pipelined_requests_in_their_order() {
    let contract = contract("1");
    let mut client = contract.connect();
    let batch: Vec<u8> = (0..16).flat_map(|n| request("GET", &format!("/users/{n}"), &[], b"")).collect();
    client.send(&batch);
    for n in 0..16 {
        assert_eq!(client.read(false).expect(200).json()["id"], n.to_string());
    }
    // A slow one among them does not let the later ones pass.
    let targets = ["/plaintext", "/slow?ms=100", "/json"];
    let batch: Vec<u8> = targets.iter().flat_map(|target| request("GET", target, &[], b"")).collect();
    client.send(&batch);
    assert_eq!(client.read(false).text(), "Hello, World!");
    assert_eq!(client.read(false).text(), "waited 100 ms");
    assert_eq!(client.read(false).json(), json!({ "message": "Hello, World!" }));
}

#[test]
fn a_request_in_flight_is_answered_before_it_stops() {
    let contract = contract("2");
    let mut busy = contract.connect();
    let mut idle = contract.connect();
    idle.get("/plaintext").expect(200);
    busy.send(&request("GET", "/slow?ms=700", &[], b""));
    std::thread::sleep(Duration::from_millis(150));
    contract.terminate();
    assert!(idle.is_closed());
    let answer = busy.read(false).expect(200);
    assert_eq!((answer.text(), answer.header("connection")), ("waited 700 ms", Some("close")));
    assert!(busy.is_closed());
    assert!(contract.ended().status.success());
}
