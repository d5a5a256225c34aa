//! One header by type, cookies, extensions and the peer's address as arguments.

use fastweb::prelude::*;
use fastweb::{ConnectInfo, Cookies, Extension, FromHeader, Header};

use crate::support::server::TestServer;

#[derive(Debug)]
struct Depth(u8);

impl FromHeader for Depth {
    const NAME: &'static str = "depth";

    fn from_header(value: &str) -> Result<Self, String> {
        value.parse().map(Depth).map_err(|_| "must be an integer from 0 to 255".to_owned())
    }
}

struct Nameless;

impl FromHeader for Nameless {
    const NAME: &'static str = "no name";

    fn from_header(_: &str) -> Result<Self, String> {
        Ok(Self)
    }
}

#[tokio::test]
async fn one_header_is_read_by_its_type() {
    let app = App::new()
        .get("/", async |Header(Depth(depth)): Header<Depth>| depth.to_string())
        .get("/optional", |depth: Option<Header<Depth>>| format!("{:?}", depth.map(|depth| depth.0.0)));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/").header("DEPTH", "7")).await.assert_text("7");
    server.inject(Inject::get("/").header("depth", "1").header("depth", "x")).await.assert_text("1");
    server.inject(Inject::get("/optional")).await.assert_text("None");
    server.inject(Inject::get("/optional").header("depth", "2")).await.assert_text("Some(2)");
    for (request, message) in [
        (Inject::get("/"), "headers must have required property 'depth'"),
        (Inject::get("/").header("depth", "256"), "headers/depth must be an integer from 0 to 255"),
        (Inject::get("/").header("depth", b"\xff"), "headers/depth must be text"),
    ] {
        let reply = server.inject(request).await;
        reply.assert_status(400);
        assert_eq!(reply.json::<serde_json::Value>()["message"], message);
    }
}

#[tokio::test]
async fn a_header_type_without_a_headers_name_fails_the_build() {
    let error = App::new().get("/", |_: Header<Nameless>| "x").build().await.unwrap_err();
    assert!(error.to_string().contains("whose name \"no name\" is no header's"), "{error}");
}

#[tokio::test]
async fn cookies_are_read_by_hooks_and_handlers() {
    let list = |cookies: Cookies| cookies.iter().map(|(name, value)| format!("{name}:{value}|")).collect::<String>();
    let app = App::new()
        .get("/", list)
        .get("/one", |req: &mut Request, cookies: Cookies| format!("{:?} {:?}", req.cookie("b"), cookies.get("b")));
    let server = app.build().await.unwrap();
    let with = |path: &str| Inject::get(path).header("cookie", "a=1; b=\"2\"; b=3; bad").header("Cookie", "c=4");
    server.inject(with("/")).await.assert_text("a:1|b:2|b:3|c:4|");
    server.inject(with("/one")).await.assert_text("Some(\"2\") Some(\"2\")");
    server.inject(Inject::get("/one").header("cookie", b"b=\xff")).await.assert_text("None None");
    server.inject(Inject::get("/")).await.assert_text("");
}

#[tokio::test]
async fn extensions_are_arguments() {
    #[derive(Clone)]
    struct User(&'static str);

    let attach = |req: &mut Request| {
        req.extensions_mut().insert(User("Ada"));
    };
    let app = App::new()
        .route(get("/", |Extension(User(name)): Extension<User>| name).on_request(attach))
        .get("/none", |Extension(User(name)): Extension<User>| name)
        .get("/optional", |user: Option<Extension<User>>| user.is_some().to_string());
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_text("Ada");
    server.inject(Inject::get("/none")).await.assert_status(500);
    server.inject(Inject::get("/optional")).await.assert_text("false");
}

#[tokio::test]
async fn the_peers_address_is_an_argument() {
    let app = App::new()
        .get("/", |ConnectInfo(peer): ConnectInfo| peer.to_string())
        .get("/optional", |peer: Option<ConnectInfo>| peer.is_some().to_string());
    let server = app.build().await.unwrap();
    let from = "[2001:db8::1]:80".parse().unwrap();
    server.inject(Inject::get("/").peer_addr(from)).await.assert_text("[2001:db8::1]:80");
    server.inject(Inject::get("/")).await.assert_status(500);
    server.inject(Inject::get("/optional")).await.assert_text("false");
}

#[test]
fn over_a_socket_the_peer_is_the_clients_end() {
    let server = TestServer::start(App::new().get("/", |ConnectInfo(peer): ConnectInfo| peer.to_string()));
    let mut client = server.client();
    client.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(client.answer().text(), client.stream().local_addr().unwrap().to_string());
}
