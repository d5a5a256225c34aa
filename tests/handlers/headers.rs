//! Headers of replies: what may stand there, and that nothing else leaves.

use fastweb::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// All bytes that `path` is answered with.
async fn wire(server: &Server, path: &str) -> String {
    let (client, io) = tokio::io::duplex(64 * 1024);
    let (mut reading, mut writing) = tokio::io::split(client);
    let mut answer = Vec::new();
    tokio::join!(server.serve_connection(io), async {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        writing.write_all(request.as_bytes()).await.unwrap();
        reading.read_to_end(&mut answer).await.unwrap();
        // The server has said that nothing more follows, and waits for the client to say the same.
        writing.shutdown().await.unwrap();
    });
    String::from_utf8_lossy(&answer).into_owned()
}

fn assert_refused(answer: &str, how: &str) {
    assert!(answer.starts_with("HTTP/1.1 500 "), "{how}: {answer}");
    assert!(answer.contains(r#""code":"FW_ERR_INVALID_HEADER""#), "{how}: {answer}");
    assert!(answer.contains(r#""message":"Internal Server Error""#), "{how}: {answer}");
    assert!(!answer.to_ascii_lowercase().contains("evil"), "{how}: {answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{how}: {answer}");
}

const BAD_VALUES: [&str; 8] = [
    "x\r\nevil: 1",
    "x\nevil: 1",
    "x\revil",
    "x\r\n\r\nHTTP/1.1 200 OK\r\nevil: 1",
    "evil\0",
    "evil\u{7f}",
    " evil",
    "evil ",
];

const BAD_NAMES: [&str; 7] = ["evil\r\nx", "evil x", "evil:", "", "evil\n", "evi\u{e4}evil", "evil\0"];

#[tokio::test]
async fn malformed_values_never_leave() {
    for value in BAD_VALUES {
        let app = App::new()
            .get("/tuple", move || ([("x-a", value)], "evil"))
            .get("/type", move || ([("content-type", value)], "evil"))
            .get("/cookie", move || ([("set-cookie", value)], "evil"))
            .get("/builder", move || Reply::text("evil").with_header("x-a", value))
            .get("/set", move |_: &mut Request, reply: &mut Reply| {
                drop(reply.send("evil").map(|()| reply.set_header("x-a", value)))
            })
            .get("/append", async move |_: &mut Request, reply: &mut Reply| {
                reply.append_header("x-a", "1").append_header("x-a", value);
            })
            .get("/managed", move || ([("content-length", value)], "evil"))
            .get("/connection", move || ([("connection", value)], "evil"))
            .get("/json", move || Reply::json("evil").map(|reply| reply.with_header("x-a", value)))
            .route(get("/hook", "evil").on_request(move |_: &mut Request, reply: &mut Reply| {
                reply.set_header("x-a", value);
            }))
            .route(get("/early", "evil").on_request(move |_: &mut Request| Flow::reply(([("x-a", value)], "evil"))))
            .route(get("/on-send", "evil").on_send(async move |_: &mut Request, reply: &mut Reply| {
                reply.set_header("x-a", value);
            }));
        let server = app.build().await.unwrap();
        for path in ["/tuple", "/type", "/cookie", "/builder", "/set", "/append", "/managed", "/connection", "/json"] {
            assert_refused(&wire(&server, path).await, &format!("{path} {value:?}"));
        }
        for path in ["/hook", "/early", "/on-send"] {
            assert_refused(&wire(&server, path).await, &format!("{path} {value:?}"));
        }
    }
}

#[tokio::test]
async fn malformed_names_never_leave() {
    for name in BAD_NAMES {
        let server = App::new()
            .get("/tuple", move || ([(name, "1")], "evil"))
            .get("/append", move |_: &mut Request, reply: &mut Reply| {
                reply.append_header(name, "evil");
            })
            .build()
            .await
            .unwrap();
        for path in ["/tuple", "/append"] {
            assert_refused(&wire(&server, path).await, &format!("{path} {name:?}"));
        }
    }
}

/// What comes from a client and goes into a header is the usual way in.
#[tokio::test]
async fn a_clients_value_does_not_leave_as_a_header_of_its_own() {
    let redirect = |Query(to): Query<Vec<(String, String)>>| (StatusCode::FOUND, [("location", to[0].1.clone())], ());
    let server = App::new().get("/go", redirect).build().await.unwrap();
    assert!(wire(&server, "/go?to=/home").await.contains("\r\nlocation: /home\r\n"));
    assert_refused(&wire(&server, "/go?to=/%0d%0aset-cookie:%20evil=1").await, "location");
}

#[tokio::test]
async fn an_error_leaves_without_a_header_that_is_malformed() {
    let error = || Err::<(), _>(Error::conflict("no").with_header("x-a", "1\r\nevil: 1").with_header("x-b", "2"));
    let app = App::new().get("/", error).route(
        get("/handled", error)
            .error_handler(|_: &mut Request, _: Error| (StatusCode::CONFLICT, [("x-a", "1\r\nevil: 1")], "x")),
    );
    let server = app.build().await.unwrap();
    let answer = wire(&server, "/").await;
    assert!(
        answer.starts_with("HTTP/1.1 409 ") && answer.contains("\r\nx-b: 2\r\n") && !answer.contains("evil"),
        "{answer}"
    );
    assert_refused(&wire(&server, "/handled").await, "error handler");
}

#[tokio::test]
async fn values_that_may_leave() {
    let server = App::new()
        .get("/", || ([("x-empty", ""), ("x-tab", "a\tb"), ("x-utf8", "ä"), ("X-Case", "Case")], "x"))
        .get("/bytes", || ([("x-bytes", b"\xff\xfe")], "x"))
        .build()
        .await
        .unwrap();
    let answer = wire(&server, "/").await;
    assert!(answer.contains("\r\nx-empty: \r\nx-tab: a\tb\r\nx-utf8: ä\r\nX-Case: Case\r\n"), "{answer}");
    assert!(wire(&server, "/bytes").await.contains("\r\nx-bytes: \u{fffd}\u{fffd}\r\n"));
}

#[tokio::test]
async fn headers_of_the_connection_cannot_be_set() {
    let own = [
        ("content-length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("date", "yesterday"),
        ("keep-alive", "timeout=1"),
        ("connection", "x-hop"),
    ];
    let server = App::new().get("/", move || (own, "text")).build().await.unwrap();
    let reply = server.inject(Inject::get("/")).await;
    reply.assert_text("text").assert_header("content-length", "4");
    assert_eq!(reply.header("transfer-encoding"), None);
    assert_eq!(reply.header("keep-alive"), None);
    assert_eq!(reply.headers().filter(|(name, _)| *name == "date").count(), 1);
    assert!(reply.header("date").is_some_and(|date| date.ends_with(" GMT")));
}

#[tokio::test]
async fn a_reply_may_close_its_connection() {
    let app = App::new()
        .get("/header", || ([("connection", "close")], "text"))
        .get("/method", |_: &mut Request, reply: &mut Reply| reply.close_connection().send("text"))
        .get("/constant", ([("connection", "Close")], "text"))
        .get("/open", "text");
    let server = app.build().await.unwrap();
    for (path, count) in [("/header", 1), ("/method", 1), ("/constant", 1), ("/open", 2)] {
        let (mut client, io) = tokio::io::duplex(64 * 1024);
        let mut answer = String::new();
        tokio::join!(server.serve_connection(io), async {
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\nGET /open HTTP/1.1\r\nhost: x\r\n\r\n");
            client.write_all(request.as_bytes()).await.unwrap();
            client.shutdown().await.unwrap();
            client.read_to_string(&mut answer).await.unwrap();
        });
        assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), count, "{path}: {answer}");
        assert_eq!(answer.contains("connection: close"), count == 1, "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_server_header_is_sent_where_it_is_wanted() {
    let server = App::new().get("/", "x").build().await.unwrap();
    assert_eq!(server.inject(Inject::get("/")).await.header("server"), None);
    let server = App::new().server_header("fastweb").get("/", "x").build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_header("server", "fastweb");
    server.inject(Inject::get("/missing")).await.assert_header("server", "fastweb");
}
