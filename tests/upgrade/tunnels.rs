//! `CONNECT` (RFC 9110, 9.3.6).

use fastweb::prelude::*;
use fastweb::{Upgrade, UpgradedIo, route};

use crate::app::echo;
use crate::support::server::TestServer;

fn app() -> App {
    let tunnel = |req: &mut Request| -> Result<Reply> {
        assert_eq!((req.path(), req.query()), ("/", None));
        match req.host() {
            Some("refused.example:443") => Err(Error::forbidden("not there").with_code("NOT_THERE")),
            Some("odd.example:443") => Ok(Reply::text("no tunnel")),
            Some(host) => {
                let host = host.to_owned();
                Ok(req.upgrade().tunnel(echo)?.with_header("x-host", host))
            }
            None => Err(Error::bad_request("no host")),
        }
    };
    App::new().workers(1).get("/", "home").route(route("CONNECT", "/", tunnel))
}

#[test]
fn connect_begins_a_tunnel() {
    let server = TestServer::start(app());
    for host in ["example.com:443", "[::1]:80", "127.0.0.1:65535"] {
        let mut client = server.client();
        client.send(format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\nahead"));
        assert_eq!(client.raw_head(), format!("HTTP/1.1 200 OK\r\nx-host: {host}"));
        assert_eq!(client.raw(5), "ahead");
        assert_eq!(client.send("more").raw(4), "more");
        assert_eq!(client.finish_sending().raw(3), "bye");
        client.assert_closed();
    }
}

#[test]
fn what_is_refused_is_answered_and_the_connection_ends() {
    let server = TestServer::start(app());
    let mut client = server.client();
    let answer = client.ask("CONNECT refused.example:443 HTTP/1.1\r\nHost: x\r\n\r\nraw bytes of the tunnel");
    assert_eq!((answer.status, answer.closes()), (403, true));
    client.assert_closed();
    // A success without a tunnel must not have a body: the client takes what follows the head for the other end's.
    let mut client = server.client();
    client.send("CONNECT odd.example:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    let head = client.raw_head();
    assert!(head.starts_with("HTTP/1.1 200 OK") && !head.contains("content-length"), "{head}");
    client.assert_closed();
}

#[test]
fn targets_that_are_no_host_with_a_port_are_refused() {
    let server = TestServer::start(app());
    for target in
        ["example.com", ":443", "example.com:", "example.com:0", "example.com:65536", "a b:1", "u@h:1", "h:1/", "*"]
    {
        let mut client = server.client();
        let answer = client.ask(format!("CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!(answer.status, 400, "{target}: {answer:?}");
    }
    let mut client = server.client();
    assert_eq!(client.ask("GET example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n").status, 400, "it is CONNECT's alone");
}

#[test]
fn without_a_route_for_it_connect_is_not_allowed() {
    let server = TestServer::start(App::new().workers(1).any("/", "any").get("/x", "x"));
    let answer = server.client().ask("CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((answer.status, answer.closes()), (405, true));
}

#[test]
fn a_tunnel_is_for_connect_alone() {
    let handler = |upgrade: Upgrade| upgrade.tunnel(async |_: UpgradedIo| ());
    let server = TestServer::start(App::new().workers(1).get("/", handler));
    let answer = server.client().ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((answer.status, answer.header("allow")), (405, Some("CONNECT")));
}
