//! What a client has to say before it may talk (RFC 6455, 4.2), and who may.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;
use fastweb::websocket::{WebSocketError, WebSocketUpgrade};

use crate::raw::{Raw, TEXT, frame, handshake};
use crate::support::server::TestServer;
use crate::{echo, echo_server};

#[test]
fn what_is_no_handshake_is_refused() {
    let server = echo_server(WebSocketOptions::new());
    let good = handshake("/", "");
    let change = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    let key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let table = [
        (426, change("upgrade: websocket\r\n", "")),
        (426, change("upgrade: websocket", "upgrade: h2c")),
        (426, change("connection: Upgrade", "connection: keep-alive")),
        (426, change("connection: Upgrade\r\n", "")),
        (426, change("HTTP/1.1", "HTTP/1.0")),
        (426, change("GET", "HEAD")),
        (426, change("version: 13", "version: 8")),
        (426, change("version: 13", "version: 13, 8")),
        (426, change("sec-websocket-version: 13\r\n", "")),
        (400, change(key, "")),
        (400, change(key, &key.repeat(2))),
        (400, change("version: 13", "version: 13\r\nsec-websocket-version: 13")),
        (400, change("ZQ==", "")),
        (400, change("dGhl", "dGhldGhl")),
        (400, change("dGhl", "d*hl")),
        (400, change("\r\n\r\n", "\r\norigin: https://a.example\r\norigin: https://b.example\r\n\r\n")),
        (405, change("GET", "POST")),
    ];
    for (status, request) in table {
        let raw = Raw::ask(server.address, &request);
        assert!(raw.head.starts_with(&format!("HTTP/1.1 {status} ")), "{request}\n{}", raw.head);
        if status == 426 {
            assert!(raw.head.contains("\r\nupgrade: websocket\r\n"), "{}", raw.head);
            assert!(raw.head.contains("\r\nsec-websocket-version: 13\r\n"), "{}", raw.head);
        }
    }
    // Lists, upper case, and a first frame that comes with the request.
    let mut lists = change("upgrade: websocket", "upgrade: other, WebSocket").into_bytes();
    lists.extend(frame(TEXT, "at once"));
    let mut raw = Raw::ask(server.address, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(raw.head.starts_with("HTTP/1.1 426 "), "{}", raw.head);
    raw = Raw::ask(server.address, &String::from_utf8_lossy(&lists[..lists.len() - 13]));
    assert!(raw.head.starts_with("HTTP/1.1 101 "), "{}", raw.head);
    raw.send(&lists[lists.len() - 13..]).assert_frame(TEXT, "at once");
}

#[tokio::test]
async fn pages_of_other_origins_may_not_connect() {
    let connect = async |options: WebSocketOptions, host: &str, origin: &str| {
        let server = App::new().route(websocket("/", echo).config(options)).build().await.unwrap();
        let request = Inject::get("/").header("host", host).header("origin", origin);
        server.inject_websocket(request).await.map_or_else(|reply| reply.status().as_u16(), |_| 101)
    };
    let same = WebSocketOptions::new;
    for (host, origin, status) in [
        ("shop.example", "https://shop.example", 101),
        ("Shop.Example", "http://shop.example", 101),
        ("shop.example:8080", "http://shop.example:8080", 101),
        ("shop.example:443", "https://shop.example", 101),
        ("shop.example", "https://shop.example:443", 101),
        ("shop.example", "http://shop.example:8080", 403),
        ("shop.example", "https://evil.example", 403),
        ("shop.example", "https://shop.example.evil.example", 403),
        ("shop.example", "https://evilshop.example", 403),
        ("shop.example", "null", 403),
        ("shop.example", "", 403),
        ("shop.example", "shop.example", 403),
        ("shop.example", "file://shop.example", 403),
    ] {
        assert_eq!(connect(same(), host, origin).await, status, "{host} {origin}");
    }
    let listed = || same().origin("https://a.example").origin("https://b.example");
    assert_eq!(connect(listed(), "shop.example", "https://b.example").await, 101);
    assert_eq!(connect(listed(), "shop.example", "https://shop.example").await, 101);
    assert_eq!(connect(listed(), "shop.example", "https://c.example").await, 403);
    assert_eq!(connect(same().any_origin(), "shop.example", "null").await, 101);
    let by_path = || same().origin_if(|origin, req| origin == "https://a.example" && req.path() == "/");
    assert_eq!(connect(by_path(), "shop.example", "https://a.example").await, 101);
    assert_eq!(connect(by_path(), "shop.example", "https://shop.example").await, 403);
}

#[tokio::test]
async fn a_subprotocol_is_agreed_upon() {
    let protocol = async |mut socket: WebSocket| -> Result<()> {
        let protocol = socket.protocol().unwrap_or("none").to_owned();
        Ok(socket.send(protocol).await?)
    };
    let options = WebSocketOptions::new().protocol("chat.v2").protocol("chat.v1");
    let server = App::new().route(websocket("/", protocol).config(options)).build().await.unwrap();
    for (offered, agreed) in
        [("chat.v1", Some("chat.v1")), ("chat.v1, chat.v2", Some("chat.v2")), ("other", None), ("CHAT.V1", None)]
    {
        let request = Inject::get("/").header("sec-websocket-protocol", offered);
        let mut client = server.inject_websocket(request).await.unwrap();
        assert_eq!(client.reply().header("sec-websocket-protocol"), agreed);
        assert_eq!(client.recv_text().await, agreed.unwrap_or("none"));
    }
}

#[tokio::test]
async fn hooks_and_arguments_come_first() {
    struct Opened(AtomicUsize);
    async fn secret(mut socket: WebSocket, id: Path<u32>, opened: State<Opened>, name: Dep<Name>) -> Result<()> {
        opened.0.fetch_add(1, Ordering::Relaxed);
        Ok(socket.send(format!("{} {}", name.0, id.0)).await?)
    }
    struct Name(String);
    impl Dependency for Name {
        type Needs = (Headers,);
        async fn provide((headers,): Self::Needs) -> Result<Self> {
            let name = headers.get("x-name").map(|name| Name(name.to_owned()));
            name.ok_or_else(|| Error::unauthorized("x-name is missing"))
        }
    }
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let order = order.clone();
        move |_: &mut Request| order.lock().unwrap().push(what)
    };
    let refuse = |req: &mut Request| -> Result<()> {
        match req.header("x-key") {
            Some("k") => Ok(()),
            _ => Err(Error::unauthorized("x-key is missing")),
        }
    };
    let app = App::new().state(Opened(AtomicUsize::new(0))).scope("/v1", |v1| {
        v1.on_request(note("on_request"))
            .on_request(refuse)
            .pre_handler(note("pre_handler"))
            .on_send(|_: &mut Request, reply: &mut Reply| {
                reply.set_header("x-seen", "yes");
            })
            .websocket("/secret/{id}", secret)
    });
    let server = app.build().await.unwrap();
    let ask = |key: &str, name: &str, id: &str| {
        Inject::get(format!("/v1/secret/{id}")).header("x-key", key).header("x-name", name)
    };
    let mut client = server.inject_websocket(ask("k", "Ada", "7")).await.unwrap();
    client.reply().assert_header("x-seen", "yes");
    assert_eq!(client.recv_text().await, "Ada 7");
    assert_eq!(*order.lock().unwrap(), ["on_request", "pre_handler"]);
    server.inject_websocket(ask("?", "Ada", "7")).await.unwrap_err().assert_status(401);
    server.inject_websocket(ask("k", "Ada", "seven")).await.unwrap_err().assert_status(400);
    let nameless = Inject::get("/v1/secret/7").header("x-key", "k");
    server.inject_websocket(nameless).await.unwrap_err().assert_status(401);
    server.inject_websocket("/v1/elsewhere").await.unwrap_err().assert_status(404);
}

#[tokio::test]
async fn a_hook_takes_the_grant_back() {
    let app = App::new().websocket("/", echo).on_send(|_: &mut Request, reply: &mut Reply| {
        reply.set_status(503);
    });
    let server = app.build().await.unwrap();
    server.inject_websocket("/").await.unwrap_err().assert_status(503);
}

#[tokio::test]
async fn what_is_wrong_with_options_is_told_at_the_start() {
    let build = async |options: WebSocketOptions| {
        let error = App::new().route(websocket("/", echo).config(options)).build().await.unwrap_err();
        error.to_string()
    };
    let told = build(WebSocketOptions::new().protocol("no token")).await;
    assert!(told.contains("has the WebSocket subprotocol \"no token\""), "{told}");
    let told = build(WebSocketOptions::new().origin("https://shop.example/")).await;
    assert!(told.contains("which no browser sends"), "{told}");
    let told = build(WebSocketOptions::new().idle_timeout(std::time::Duration::ZERO)).await;
    assert!(told.contains("of no time at all"), "{told}");
    let plain = App::new().get("/", async |_: WebSocket| "never").build().await.unwrap_err().to_string();
    assert!(plain.contains("take `WebSocketUpgrade`"), "{plain}");
}

#[tokio::test]
async fn a_handler_that_answers_itself_has_the_upgrade() {
    let answer = async |upgrade: WebSocketUpgrade, id: Path<u32>| -> Result<Reply> {
        if id.0 == 0 {
            return Err(Error::not_found("there is no such job"));
        }
        upgrade.accept(async move |mut socket: WebSocket| -> Result<(), WebSocketError> {
            socket.send(id.0.to_string()).await
        })
    };
    let server = App::new().get("/jobs/{id}", answer).build().await.unwrap();
    assert_eq!(server.inject_websocket("/jobs/7").await.unwrap().recv_text().await, "7");
    server.inject_websocket("/jobs/0").await.unwrap_err().assert_status(404);
    server.inject(Inject::get("/jobs/7")).await.assert_status(426);
}

#[test]
fn options_of_a_scope_hold_for_its_routes() {
    let app = App::new()
        .scope("/small", |small| small.config(WebSocketOptions::new().max_message(4)).websocket("/echo", echo));
    let server = TestServer::start(app.websocket("/echo", echo));
    Raw::connect(server.address, "/small/echo").send(frame(TEXT, "12345")).assert_closed(1009);
    Raw::connect(server.address, "/echo").send(frame(TEXT, "12345")).assert_frame(TEXT, "12345");
}
