//! A server that stops, and connections that are no HTTP any more.

use std::task::Poll;
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{Upgrade, UpgradedIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::{ECHO, app};
use crate::support::probe::Probe;
use crate::support::server::TestServer;

#[test]
fn they_are_told_and_waited_for() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let mut clients: Vec<_> = (0..3).map(|_| server.client()).collect();
    for client in &mut clients {
        client.send(ECHO);
        client.raw_head();
    }
    server.stop.shutdown();
    for client in &mut clients {
        assert_eq!(client.raw(3), "bye");
        client.assert_closed();
    }
    server.wait().expect("the end is not an error");
    assert_eq!(probe.live(), 0);
}

/// An application whose connections do not listen to anybody, or go on without one.
fn deaf(probe: &Probe) -> App {
    let (reading, tidying) = (probe.clone(), probe.clone());
    App::new()
        .workers(1)
        .get("/deaf", move |upgrade: Upgrade| {
            let probe = reading.clone();
            upgrade.accept("echo", async move |mut io: UpgradedIo| {
                let _live = probe.enter("deaf");
                let _ = io.read_to_end(&mut Vec::new()).await;
            })
        })
        .get("/tidy", move |upgrade: Upgrade| {
            let probe = tidying.clone();
            upgrade.accept("echo", async move |io: UpgradedIo| {
                let _live = probe.enter("tidy");
                drop(io);
                tokio::time::sleep(Duration::from_millis(300)).await;
                probe.note("tidied up");
            })
        })
}

#[test]
fn those_that_do_not_listen_are_dropped_at_the_deadline() {
    let probe = Probe::default();
    let timeout = Duration::from_millis(400);
    let server = TestServer::start(deaf(&probe).limits(Limits::default().with_shutdown_timeout(timeout)));
    let mut client = server.client();
    client.send(ECHO.replace("/echo", "/deaf"));
    client.raw_head();
    probe.wait_for("handler deaf", 1);
    server.stop.shutdown();
    client.assert_closed();
    server.wait().expect("the end is not an error");
    assert_eq!(probe.live(), 0, "the future was dropped");
}

#[test]
fn work_that_outlives_its_connection_is_waited_for() {
    let probe = Probe::default();
    let server = TestServer::start(deaf(&probe));
    let mut client = server.client();
    client.send(ECHO.replace("/echo", "/tidy"));
    client.raw_head();
    client.assert_closed();
    server.stop.shutdown();
    server.wait().expect("the end is not an error");
    assert_eq!(probe.count("tidied up"), 1);
}

/// Who has a connection may be woken by its worker's clock, again and again until it sets another time.
#[test]
fn a_time_of_the_workers_clock_wakes_who_waits_for_it() {
    let ticking = |upgrade: Upgrade| -> Result<Reply> {
        upgrade.accept("echo", async |mut io: UpgradedIo| -> Result<()> {
            for _ in 0..2 {
                let mut is_set = false;
                std::future::poll_fn(|cx| {
                    if !std::mem::replace(&mut is_set, true) {
                        io.wake_in(Duration::from_millis(1), cx.waker());
                    }
                    if io.is_time_over() { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                io.write_all(b"tick").await?;
            }
            Ok(())
        })
    };
    let server = TestServer::start(App::new().get("/echo", ticking));
    let mut client = server.client();
    client.send(ECHO);
    client.raw_head();
    assert_eq!(client.raw(8), "ticktick");
    client.assert_closed();
}
