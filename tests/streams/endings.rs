//! How streams end where nobody ends them: with their client, or with the server.

use std::time::{Duration, Instant};

use fastweb::Stopping;
use fastweb::prelude::*;

use crate::sources::get;
use crate::support::eventually;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

const SOON: Duration = Duration::from_millis(500);

/// Streams without an end: one that pauses, one that never does, one from a channel, and one that ends when the server begins to stop.
fn app(probe: &Probe) -> App {
    let (a, b, c, d) = (probe.clone(), probe.clone(), probe.clone(), probe.clone());
    let app = App::new()
        .workers(1)
        .limits(Limits::default().with_shutdown_timeout(SOON))
        .get("/pauses", move |token: CancellationToken| {
            let live = a.enter("/pauses");
            let told = a.clone();
            tokio::spawn(async move {
                token.cancelled().await;
                told.note("cancelled /pauses");
            });
            Body::from_fn(async move |out| {
                let _live = live;
                out.send("tick").await;
                std::future::pending::<Result<()>>().await
            })
        })
        .get("/always", move || {
            let live = b.enter("/always");
            Body::from_fn(async move |out| {
                let _live = live;
                loop {
                    out.send(vec![b'x'; 10_000]).await;
                }
            })
        })
        .get("/channel", move || {
            let live = c.enter("/channel");
            let told = c.clone();
            let (mut sender, body) = Body::channel(1000);
            tokio::spawn(async move {
                let _live = live;
                let _ = sender.send("tick").await;
                sender.closed().await;
                told.note("closed /channel");
            });
            body
        })
        .get("/stops", move |stopping: Stopping| {
            let live = d.enter("/stops");
            Body::from_fn(async move |out| {
                let _live = live;
                out.send("tick").await;
                stopping.cancelled().await;
                out.send("tock").await;
                Ok(())
            })
        });
    probe.watch(app)
}

#[test]
fn a_stream_that_hears_of_the_shutdown_ends_well() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let mut client = server.client();
    client.send(get("/stops"));
    client.read_until(b"tick\r\n");
    server.stop.shutdown();
    assert_eq!(client.answer().text(), "ticktock");
    client.assert_closed();
    server.wait().expect("it ends well");
    assert_eq!((probe.live(), probe.count("response /stops")), (0, 1));
}

#[test]
fn others_are_broken_when_its_time_is_up() {
    for path in ["/pauses", "/always", "/channel"] {
        let probe = Probe::default();
        let app = app(&probe);
        let counters = app.counters();
        let server = TestServer::start(app);
        let mut client = server.client();
        client.send(get(path)).wait_for_bytes();
        let began = Instant::now();
        server.stop.shutdown();
        let bytes = client.try_read_to_end().unwrap_or_default();
        assert!(began.elapsed() >= SOON, "{path} is waited for");
        assert!(!bytes.ends_with(b"0\r\n\r\n"), "{path} must not look complete");
        server.wait().expect("it ends");
        let (broken, aborted) = (counters.read().answers_broken, counters.read().requests_aborted);
        // One that never pauses may be waiting for its client just then. Whoever does not read when the time is up counts as gone.
        let is_gone = path == "/always" && aborted == 1;
        assert_eq!((probe.live(), broken), (0, u64::from(!is_gone)), "{path}");
        let told = probe.count(&format!("response {path}"));
        assert_eq!(told as u64, broken, "on_response is told that it broke");
        if path == "/pauses" {
            probe.wait_for("cancelled", 1);
        }
    }
}

/// The answer before it is written with its head.
#[test]
fn hooks_of_the_answer_before_do_not_wait_for_the_end() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe).get("/hello", "hello"));
    let mut client = server.client();
    client.send(get("/hello") + &get("/always"));
    probe.wait_for("response /hello", 1);
    assert_eq!(probe.live(), 1);
    client.reset();
    probe.wait_until_none_is_live();
}

/// A client that reads nothing cannot hold the server up.
#[test]
fn a_client_that_stalls_is_left() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let mut client = server.client();
    client.send(get("/always"));
    probe.wait_for("handler", 1);
    std::thread::sleep(Duration::from_millis(300));
    server.stop.shutdown();
    server.wait().expect("it ends");
    assert_eq!((probe.live(), probe.count("abort /always")), (0, 1));
    drop(client);
}

#[test]
fn a_sender_that_waits_learns_that_its_client_is_gone() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let mut client = server.client();
    client.send(get("/channel"));
    client.read_until(b"tick\r\n");
    client.reset();
    probe.wait_for("closed /channel", 1);
    probe.wait_until_none_is_live();
    let mut client = server.client();
    client.send(get("/pauses"));
    client.read_until(b"tick\r\n");
    client.reset();
    probe.wait_for("cancelled /pauses", 1);
    eventually("the abort is told", || probe.count("abort") == 2);
}
