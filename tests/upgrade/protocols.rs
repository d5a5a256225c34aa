//! 101, and what stands before and behind it.

use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{Upgrade, UpgradedIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::{ECHO, app, echo};
use crate::support::eventually;
use crate::support::log::Log;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

const GRANTED: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo";

#[test]
fn a_client_that_asks_for_the_protocol_gets_it() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let mut client = server.client();
    client.send(ECHO);
    assert_eq!(client.raw_head(), GRANTED);
    assert_eq!(client.send("one").raw(3), "one");
    // The request is over when its head is written, and not when the other protocol ends.
    probe.wait_for("response /echo 101", 1);
    assert_eq!(probe.live(), 1);
    assert_eq!(client.send("two").raw(3), "two");
    assert_eq!(client.finish_sending().raw(3), "bye");
    client.assert_closed();
    probe.wait_until_none_is_live();
}

#[test]
fn what_was_sent_with_the_request_comes_first() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    // A request before it, and bytes behind it that would be a request.
    let mut client = server.client();
    let after = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    client.send(format!("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n{ECHO}{after}"));
    assert_eq!(client.answer().summary(), "200 - hello");
    assert_eq!(client.raw_head(), GRANTED);
    assert_eq!(client.raw(after.len()), after);
    assert_eq!(probe.count("response /hello"), 1);
    // Byte by byte, and far more than one buffer.
    let mut client = server.client();
    for byte in ECHO.bytes() {
        client.send([byte]);
    }
    assert_eq!(client.raw_head(), GRANTED);
    let mut stream = client.stream();
    let text = "0123456789".repeat(50_000);
    let sent = text.clone();
    let sending = std::thread::spawn(move || std::io::Write::write_all(&mut stream, sent.as_bytes()));
    assert!(client.raw(text.len()) == text);
    sending.join().expect("the sender does not panic").expect("the server reads");
}

#[test]
fn a_client_that_does_not_ask_is_told_to() {
    let server = TestServer::start(app(&Probe::default()));
    for (what, head) in [
        ("nothing", "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("another protocol", "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: chat, h2c\r\n\r\n"),
        ("no option", "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\n\r\n"),
        ("no protocol", "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: ,\r\n\r\n"),
        ("part of a name", "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echoes\r\n\r\n"),
    ] {
        let mut client = server.client();
        let answer = client.ask(head);
        assert_eq!(answer.summary(), "426 upgrade FW_ERR_UPGRADE_REQUIRED", "{what}");
        assert_eq!(answer.header("upgrade"), Some("echo"), "{what}");
        assert_eq!(client.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - hello", "{what}");
    }
    // RFC 9110, 7.8: that of HTTP/1.0 is passed over.
    let mut client = server.client();
    client.send("GET /echo HTTP/1.0\r\nHost: x\r\nConnection: upgrade, keep-alive\r\nUpgrade: echo\r\n\r\n");
    assert!(client.raw_head().starts_with("HTTP/1.1 426 "));
    // A route that knows nothing of protocols answers as it does.
    let mut client = server.client();
    assert_eq!(client.ask(ECHO.replace("/echo", "/hello")).summary(), "200 - hello");
    assert_eq!(client.ask(ECHO.replace("/echo", "/hello")).summary(), "200 - hello");
}

#[test]
fn names_are_found_in_lists_whatever_their_case() {
    let server = TestServer::start(app(&Probe::default()));
    for fields in [
        "Connection: keep-alive, Upgrade\r\nUpgrade: chat/2, ECHO\r\n",
        "Connection: keep-alive\r\nConnection: UPGRADE\r\nUpgrade: chat\r\nUpgrade: Echo\r\n",
    ] {
        let mut client = server.client();
        client.send(format!("GET /echo HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));
        assert_eq!(client.raw_head(), GRANTED, "{fields}");
    }
}

#[test]
fn a_body_ends_before_the_protocol_begins() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let fields = "Host: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n";
    let mut client = server.client();
    client.send(format!("POST /echo HTTP/1.1\r\n{fields}Content-Length: 4\r\n\r\nbodyraw"));
    assert_eq!(client.raw_head(), GRANTED);
    assert_eq!(client.raw(3), "raw");
    // RFC 9110, 7.8: first 100, then 101.
    let mut client = server.client();
    client.send(format!("POST /echo HTTP/1.1\r\n{fields}Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"));
    assert_eq!(client.raw_head(), "HTTP/1.1 100 Continue");
    client.send("4\r\nlate\r\n0\r\n\r\nraw");
    assert_eq!(client.raw_head(), GRANTED);
    assert_eq!(client.raw(3), "raw");
    assert_eq!((probe.count("body body"), probe.count("body late")), (1, 1));
    // A body that nobody wants is read away, within bounds.
    let mut client = server.client();
    client.send(format!("GET /echo HTTP/1.1\r\n{fields}Content-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
    assert_eq!(client.raw_head(), "HTTP/1.1 100 Continue");
    client.send("lostraw");
    assert_eq!(client.raw_head(), GRANTED);
    assert_eq!(client.raw(3), "raw");
    let mut client = server.client();
    let answer =
        client.ask(format!("GET /echo HTTP/1.1\r\n{fields}Content-Length: 1000000\r\n\r\n{}", "x".repeat(70_000)));
    assert_eq!(answer.summary(), "413 close FW_ERR_BODY_TOO_LARGE");
}

#[test]
fn hooks_decide_before_and_headers_may_be_added() {
    let probe = Probe::default();
    let grant = |upgrade: Upgrade| upgrade.accept("echo", echo);
    let dropped = probe.enter("never run");
    let live = std::sync::Mutex::new(Some(dropped));
    let app = App::new()
        .workers(1)
        .route(get("/keyed", grant).on_request(|req: &mut Request| match req.header("x-key") {
            Some(_) => Ok(Flow::Continue),
            None => Err(Error::forbidden("no key").with_code("NO_KEY")),
        }))
        .route(get("/marked", grant).on_send(|_: &mut Request, reply: &mut Reply| {
            assert!(reply.gives_connection_away() && reply.body_bytes().is_none());
            reply.set_header("x-mark", "1");
        }))
        .route(
            get("/revoked", move |upgrade: Upgrade| {
                let live = live.lock().unwrap().take();
                upgrade.accept("echo", async move |_: UpgradedIo| drop(live))
            })
            .on_send(|_: &mut Request, reply: &mut Reply| {
                reply.set_status(204);
            }),
        )
        .route(
            get("/failed", grant)
                .on_send(|_: &mut Request| -> Result<()> { Err(Error::conflict("taken").with_code("TAKEN")) }),
        )
        .get("/misnamed", |upgrade: Upgrade| upgrade.accept("an echo", echo));
    let server = TestServer::start(app);
    let ask = |path: &str| ECHO.replace("/echo", path);
    let mut client = server.client();
    assert_eq!(client.ask(ask("/keyed")).summary(), "403 - NO_KEY");
    assert_eq!(client.ask(ask("/revoked")).status, 204);
    probe.wait_until_none_is_live();
    assert_eq!(client.ask(ask("/failed")).summary(), "409 - TAKEN");
    assert_eq!(client.ask(ask("/misnamed")).summary(), "500 - FW_ERR_INTERNAL");
    client.send(ask("/marked"));
    assert_eq!(client.raw_head(), format!("{GRANTED}\r\nx-mark: 1"));
    assert_eq!(client.send("raw").raw(3), "raw");
}

#[test]
fn what_fails_or_panics_ends_its_own_connection() {
    Log::keep();
    let app = App::new()
        .workers(1)
        .get("/fails", |upgrade: Upgrade| {
            upgrade.accept("echo", async |_: UpgradedIo| -> Result<()> { Err(Error::internal("no more")) })
        })
        .get("/panics", |upgrade: Upgrade| {
            upgrade.accept("echo", async |mut io: UpgradedIo| -> Result<()> {
                let _ = io.write_all(b"first").await;
                tokio::task::yield_now().await;
                panic!("on purpose")
            })
        })
        .get("/panics-at-once", |upgrade: Upgrade| {
            upgrade.accept("echo", |_: UpgradedIo| {
                if true {
                    panic!("at once");
                }
                async {}
            })
        })
        .get("/hello", "hello");
    let server = TestServer::start(app);
    let mut bystander = server.client();
    for (path, text) in [("/fails", "no more"), ("/panics", "on purpose"), ("/panics-at-once", "at once")] {
        let mut client = server.client();
        client.send(ECHO.replace("/echo", path));
        assert_eq!(client.raw_head(), GRANTED, "{path}");
        client.read_to_end();
        eventually("it is logged with its route", || {
            let of_route = |noted: &crate::support::log::Noted| {
                noted.target == "fastweb::upgrade"
                    && noted.field("route") == path
                    && noted.field("error").contains(text)
            };
            Log::events(of_route).len() == 1
        });
        assert_eq!(bystander.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - hello");
    }
}

#[test]
fn no_deadline_of_http_holds_and_the_connection_counts() {
    let probe = Probe::default();
    let short = Duration::from_millis(300);
    let limits = Limits::default().with_keep_alive(short).with_handler_timeout(short).with_head_timeout(short);
    let app = app(&probe).limits(limits.with_write_timeout(short).with_connections(2));
    let counters = app.counters();
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(ECHO);
    assert_eq!(client.raw_head(), GRANTED);
    client.assert_quiet(short * 4);
    assert_eq!(client.send("still").raw(5), "still");
    let counts = counters.read();
    assert_eq!((counts.connections_open(), counts.connections_upgraded, counts.upgrades_open()), (1, 1, 1));
    assert_eq!((counts.requests_aborted, counts.handler_timeouts, counts.idle_timeouts), (0, 0, 0));
    // It has one of the two places.
    let (mut second, mut third) = (server.client(), server.client());
    assert_eq!(second.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").summary(), "200 - hello");
    third.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    client.reset();
    assert_eq!(third.answer().summary(), "200 - hello");
    eventually("it has ended", || counters.read().upgrades_open() == 0);
    assert_eq!(probe.live(), 0);
}

#[test]
fn the_io_may_be_moved_to_a_task_and_split() {
    let app = App::new().workers(1).get("/echo", |upgrade: Upgrade| {
        upgrade.accept("echo", async |io: UpgradedIo| {
            tokio::task::spawn_local(async move {
                let (mut reading, mut writing) = tokio::io::split(io);
                let _ = tokio::io::copy(&mut reading, &mut writing).await;
            });
        })
    });
    let counters = app.counters();
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(ECHO);
    assert_eq!(client.raw_head(), GRANTED);
    for text in ["one", "two"] {
        assert_eq!(client.send(text).raw(3), text);
    }
    assert_eq!(counters.read().upgrades_open(), 1);
    client.finish_sending().assert_closed();
    eventually("it has ended", || counters.read().upgrades_open() == 0);
}

#[tokio::test]
async fn reading_into_little_room_loses_nothing() {
    let app = App::new().get("/echo", |upgrade: Upgrade| {
        upgrade.accept("echo", async |mut io: UpgradedIo| -> Result<()> {
            let mut seen = Vec::new();
            let mut byte = [0; 1];
            while io.read(&mut byte).await? == 1 {
                seen.push(byte[0]);
            }
            Ok(io.write_all(&seen).await?)
        })
    });
    let (mut client, io) = tokio::io::duplex(7);
    let server = app.build().await.unwrap();
    let mut received = Vec::new();
    tokio::join!(server.serve_connection(io), async {
        let (mut reading, mut writing) = tokio::io::split(&mut client);
        tokio::join!(
            async {
                writing.write_all(format!("{ECHO}ahead and behind").as_bytes()).await.unwrap();
                writing.shutdown().await.unwrap();
            },
            async { reading.read_to_end(&mut received).await.unwrap() }
        );
    });
    assert!(String::from_utf8_lossy(&received).ends_with("\r\n\r\nahead and behind"));
}
