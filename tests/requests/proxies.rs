//! What proxies in front say about a request, and when it counts.

use fastweb::TrustProxy;
use fastweb::prelude::*;

use crate::support::server::TestServer;

fn show(req: &mut Request) -> String {
    let ips: Vec<_> = req.ips().iter().map(ToString::to_string).collect();
    let ip = req.ip().map(|ip| ip.to_string()).unwrap_or_default();
    format!("{ip} [{}] {} {}", ips.join(" "), req.host().unwrap_or("-"), req.protocol())
}

fn request() -> Inject {
    let request = Inject::get("/").header("host", "inner").header("x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.0.0.2");
    let request = request.header("x-forwarded-host", "shop.example").header("x-forwarded-proto", "https");
    request.header("forwarded", "for=2.2.2.2;host=other.example;proto=http")
}

async fn answer(app: App, peer: &str) -> String {
    let server = app.get("/", show).build().await.unwrap();
    let request = if peer.is_empty() { request() } else { request().peer_addr(peer.parse().unwrap()) };
    server.inject(request).await.text().to_owned()
}

#[tokio::test]
async fn forwarded_headers_count_from_trusted_peers_alone() {
    let trusting = || App::new().trust_proxy("10.0.0.0/8");
    assert_eq!(answer(App::new(), "10.0.0.1:80").await, "10.0.0.1 [10.0.0.1] inner http");
    assert_eq!(answer(trusting(), "192.0.2.1:80").await, "192.0.2.1 [192.0.2.1] inner http");
    assert_eq!(answer(trusting(), "10.0.0.1:80").await, "1.1.1.1 [10.0.0.1 10.0.0.2 1.1.1.1] shop.example https");
    assert_eq!(answer(trusting(), "").await, " [] inner http");
    let rfc7239 = App::new().trust_proxy(TrustProxy::new(["uniquelocal"]).with_forwarded());
    assert_eq!(answer(rfc7239, "10.0.0.1:80").await, "2.2.2.2 [10.0.0.1 2.2.2.2] other.example http");
}

#[tokio::test]
async fn host_constraints_look_at_the_host_that_this_server_was_asked_for() {
    for (host, status) in [("inner", 200), ("shop.example", 404)] {
        let app = App::new().trust_proxy("loopback").route(get("/", "here").host(host));
        let server = app.build().await.unwrap();
        server.inject(request().peer_addr("127.0.0.1:80".parse().unwrap())).await.assert_status(status);
    }
}

#[tokio::test]
async fn what_is_no_range_fails_the_build() {
    for wrong in ["", "1", "10.0.0.0/40", "nginx"] {
        let error = App::new().trust_proxy(wrong).build().await.unwrap_err();
        assert!(error.to_string().contains("which is no address, range or name"), "{error}");
    }
}

#[test]
fn over_a_socket_the_peers_own_address_decides() {
    let server = TestServer::start(App::new().trust_proxy(["loopback"]).get("/", show));
    let answer = server.client().ask("GET / HTTP/1.1\r\nhost: inner\r\nx-forwarded-for: 1.1.1.1\r\n\r\n").text();
    assert_eq!(answer, "1.1.1.1 [127.0.0.1 1.1.1.1] inner http");
    let server = TestServer::start(App::new().trust_proxy(["10.0.0.0/8"]).get("/", show));
    let answer = server.client().ask("GET / HTTP/1.1\r\nhost: inner\r\nx-forwarded-for: 1.1.1.1\r\n\r\n").text();
    assert_eq!(answer, "127.0.0.1 [127.0.0.1] inner http");
}
