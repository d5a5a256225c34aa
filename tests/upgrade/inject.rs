//! Other protocols without a socket.

use fastweb::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::app;
use crate::support::probe::Probe;

fn ask(path: &str) -> Inject {
    Inject::get(path).header("connection", "upgrade").header("upgrade", "echo")
}

#[tokio::test]
async fn both_sides_talk() {
    let probe = Probe::default();
    let server = app(&probe).build().await.unwrap();
    let (reply, mut io) = server.inject_upgrade(ask("/echo")).await;
    reply.assert_status(101).assert_header("connection", "upgrade");
    assert_eq!(reply.body(), b"");
    let mut space = [0; 3];
    for text in [b"one", b"two"] {
        io.write_all(text).await.unwrap();
        io.read_exact(&mut space).await.unwrap();
        assert_eq!(&space, text);
    }
    io.shutdown().await.unwrap();
    let mut rest = String::new();
    io.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "bye");
    probe.wait_until_none_is_live();
    // Dropping it is an end, too.
    let (_, io) = server.inject_upgrade(ask("/echo")).await;
    probe.wait_for("handler echo", 2);
    drop(io);
    probe.wait_until_none_is_live();
}

#[tokio::test]
async fn a_refusal_is_an_ordinary_reply() {
    let server = app(&Probe::default()).build().await.unwrap();
    let (reply, mut io) = server.inject_upgrade(Inject::get("/echo")).await;
    reply.assert_status(426);
    assert!(reply.text().contains("FW_ERR_UPGRADE_REQUIRED"));
    assert_eq!(io.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(io.write_all(b"x").await.is_err());
    let (reply, _) = server.inject_upgrade(Inject::get("/hello")).await;
    reply.assert_status(200).assert_text("hello");
}

#[tokio::test]
async fn inject_alone_gets_all_that_is_sent() {
    let server = app(&Probe::default()).build().await.unwrap();
    server.inject(ask("/echo")).await.assert_status(101).assert_text("bye");
    server.inject_local(ask("/echo")).await.assert_status(101).assert_text("bye");
}
