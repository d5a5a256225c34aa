//! Clients that leave at any byte leave nothing behind.

use fastweb::prelude::*;

use crate::app::{app, long_limits};
use crate::support::pipe::{block_on, leave_after, talk};
use crate::support::probe::Probe;
use crate::support::server::TestServer;

const REQUESTS: &[&str] = &[
    "GET /later HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789",
    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nPOST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbodyGET /chunked HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /text HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody",
];

/// Three connections at most, and no deadline that would free one: a connection that is stuck takes its place for good, and the server
/// would soon answer nobody.
fn strict_limits() -> Limits {
    long_limits().with_connections(3)
}

#[test]
fn closing() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(strict_limits()));
    for request in REQUESTS {
        for end in 0..=request.len() {
            let mut client = server.client();
            client.send(&request[..end]);
        }
        assert_eq!(server.client().ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - hello");
        probe.wait_until_none_is_live();
    }
}

#[test]
fn resetting() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(strict_limits()));
    for request in REQUESTS {
        for end in 0..=request.len() {
            let mut client = server.client();
            client.send(&request[..end]);
            client.reset();
        }
        assert_eq!(server.client().ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - hello");
        probe.wait_until_none_is_live();
    }
}

#[test]
fn half_closing() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).limits(strict_limits()));
    for request in REQUESTS {
        for end in 0..=request.len() {
            let mut client = server.client();
            client.send(&request[..end]).finish_sending();
            // Whatever it answers, it closes.
            client.read_to_end();
        }
        probe.wait_until_none_is_live();
    }
}

#[test]
fn over_a_pipe() {
    block_on(async {
        let probe = Probe::default();
        let server = app(&probe).limits(strict_limits()).build().await.expect("a valid application");
        for request in REQUESTS {
            for end in 0..=request.len() {
                talk(&server, &request.as_bytes()[..end], usize::MAX, 1024).await;
                assert_eq!(probe.live(), 0);
            }
        }
    });
}

#[test]
fn leaving_a_pipe() {
    block_on(async {
        let probe = Probe::default();
        let server = app(&probe).limits(strict_limits()).build().await.expect("a valid application");
        for request in REQUESTS {
            for end in 0..=request.len() {
                leave_after(&server, &request.as_bytes()[..end]).await;
                assert_eq!(probe.live(), 0);
            }
        }
    });
}
