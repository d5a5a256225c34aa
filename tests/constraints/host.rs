//! The host that a route is for.

use fastweb::prelude::*;
use proptest::prelude::*;

async fn status(server: &Server, host: &str) -> u16 {
    server.inject(Inject::get("/").header("host", host)).await.status().as_u16()
}

#[tokio::test]
async fn a_name_a_port_or_every_name_below_one() {
    for (pattern, matching, others) in [
        (
            "shop.example.com",
            vec!["shop.example.com", "SHOP.Example.com", "shop.example.com:8080", "shop.example.com."],
            vec!["example.com", "a.shop.example.com", "shop.example.co", "shop.example.com.org", "localhost"],
        ),
        ("shop.example.com:8080", vec!["shop.example.com:8080"], vec!["shop.example.com", "shop.example.com:80"]),
        (
            "*.example.com",
            vec!["a.example.com", "a.b.example.com", "A.EXAMPLE.COM:1"],
            vec!["example.com", "badexample.com", "a.example.com.org"],
        ),
        ("*.example.com:81", vec!["a.example.com:81"], vec!["a.example.com", "a.example.com:8"]),
        ("[::1]", vec!["[::1]", "[::1]:3000"], vec!["[::2]", "localhost"]),
        ("127.0.0.1:80", vec!["127.0.0.1:80"], vec!["127.0.0.1"]),
    ] {
        let server = App::new().route(get("/", "x").host(pattern)).build().await.unwrap();
        for host in matching {
            assert_eq!(status(&server, host).await, 200, "{pattern} {host}");
        }
        for host in others {
            assert_eq!(status(&server, host).await, 404, "{pattern} {host}");
        }
    }
}

/// RFC 9112, 3.2.2: the target's host is meant, whatever the header says.
#[tokio::test]
async fn a_whole_url_as_target_goes_before_the_header() {
    let server = App::new().route(get("/path", "x").host("shop.example.com")).build().await.unwrap();
    for (target, header, status) in [
        ("http://shop.example.com/path", "other.example.com", 200),
        ("http://SHOP.example.com:81/path?x", "other.example.com", 200),
        ("http://other.example.com/path", "shop.example.com", 404),
        ("/path", "shop.example.com", 200),
    ] {
        server.inject(Inject::get(target).header("host", header)).await.assert_status(status);
    }
}

/// HTTP/1.0 need not name a host, and is for none then.
#[tokio::test]
async fn a_request_without_a_host_is_for_no_route_that_wants_one() {
    let server = App::new().route(get("/", "x").host("*.example.com")).get("/all", "x").build().await.unwrap();
    for (path, status) in [("/", "404"), ("/all", "200")] {
        let (mut client, io) = tokio::io::duplex(4096);
        let mut answer = String::new();
        let ask = async {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            client.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
            client.read_to_string(&mut answer).await.unwrap();
        };
        tokio::join!(server.serve_connection(io), ask);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test]
async fn other_methods_and_head_keep_to_it() {
    let app = App::new().route(get("/", "x").host("a.example")).route(post("/", "x").host("b.example"));
    let server = app.build().await.unwrap();
    for (method, host, status, allow) in [
        ("HEAD", "a.example", 200, None),
        ("HEAD", "b.example", 405, Some("POST, OPTIONS")),
        ("PUT", "a.example", 405, Some("GET, HEAD, OPTIONS")),
        ("PUT", "b.example", 405, Some("POST, OPTIONS")),
        ("GET", "b.example", 405, Some("POST, OPTIONS")),
        ("OPTIONS", "b.example", 204, Some("POST, OPTIONS")),
        ("OPTIONS", "c.example", 404, None),
        ("PUT", "c.example", 404, None),
    ] {
        let reply = server.inject(Inject::new(method, "/").header("host", host)).await;
        assert_eq!(reply.assert_status(status).header("allow"), allow, "{method} {host}");
        assert_eq!(reply.header("vary"), None, "nobody keeps answers of one host for another");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the header says, it is answered; and a wildcard means what ends like it.
    #[test]
    fn any_host_is_answered(host in "[a-z.:\\[\\]*0-9]{0,24}|.{0,8}\\.example\\.com(:[0-9]{1,3})?") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let server = runtime.block_on(App::new().route(get("/", "x").host("*.example.com")).build()).unwrap();
        let reply = runtime.block_on(server.inject_local(Inject::get("/").header("host", &host)));
        // Blanks around a value are none of it.
        let host = host.trim_matches([' ', '\t']);
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let name = name.strip_suffix('.').unwrap_or(name);
        let meant = name.len() > ".example.com".len() && name.ends_with(".example.com");
        match reply.status().as_u16() {
            400 => {}
            status => prop_assert_eq!(status, if meant { 200 } else { 404 }),
        }
    }
}
