//! `pre_close` and `on_close`: when a server ends.

use std::time::{Duration, Instant};

use fastweb::prelude::*;
use fastweb::{Scope, plugin};

use crate::support::pipe::block_on;
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::socket::Client;

const HELLO: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

fn note(probe: &Probe, event: &'static str) -> impl AsyncFn() + Send + Sync + use<> {
    let probe = probe.clone();
    async move || {
        tokio::task::yield_now().await;
        probe.note(event);
    }
}

/// Hooks of both kinds everywhere. Each `on_close` is named for the scope that has it.
fn app(probe: &Probe) -> App {
    let in_plugin = note(probe, "close plugin");
    App::new()
        .workers(1)
        .get("/", "hello")
        .pre_close(note(probe, "pre app 1"))
        .pre_close(note(probe, "pre app 2"))
        .on_close(note(probe, "close app 1"))
        .plugin(plugin("p", async move |scope: Scope| Ok(scope.on_close(in_plugin))))
        .scope("/a", |a| {
            let a = a.scope("/b", |b| b.on_close(note(probe, "close /a/b")).pre_close(note(probe, "pre /a/b")));
            a.on_close(note(probe, "close /a"))
        })
        .on_close(note(probe, "close app 2"))
}

const CLOSES: [&str; 5] = ["close /a/b", "close /a", "close plugin", "close app 2", "close app 1"];

#[test]
fn children_before_parents_and_once() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    assert_eq!(server.client().ask(HELLO).status, 200);
    assert_eq!(probe.events(), [""; 0]);
    server.stop.shutdown();
    server.stop.shutdown();
    server.wait().expect("a graceful end");
    assert_eq!(probe.events(), [&["pre app 1", "pre app 2", "pre /a/b"][..], &CLOSES].concat());
}

#[tokio::test]
async fn a_server_that_nobody_served_is_closed_too() {
    let probe = Probe::default();
    let server = app(&probe).build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_status(200);
    server.close().await.unwrap();
    // Nobody was connected, so there is nobody to say good-bye to.
    assert_eq!(probe.events(), CLOSES);

    let probe = Probe::default();
    drop(app(&probe).build().await.unwrap());
    probe.wait_for("close app 1", 1);
    assert_eq!(probe.events(), CLOSES);
}

/// Whoever does not wait for the server any more has not built one.
#[tokio::test]
async fn a_build_that_is_given_up_is_closed() {
    let probe = Probe::default();
    let (set_up, goes_on) = (probe.clone(), std::sync::Arc::new(tokio::sync::Notify::new()));
    let waits = goes_on.clone();
    let slow = plugin("slow", async move |scope: Scope| {
        set_up.note("set-up");
        waits.notified().await;
        Ok(scope)
    });
    let building = tokio::spawn(app(&probe).plugin(slow).build());
    while probe.count("set-up") == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    building.abort();
    assert!(building.await.is_err_and(|error| error.is_cancelled()));
    goes_on.notify_one();
    probe.wait_for("close app 1", 1);
    assert_eq!(probe.events()[1..], CLOSES);
}

#[tokio::test]
async fn a_hook_that_fails_or_panics_hides_no_other() {
    let probe = Probe::default();
    let app = App::new()
        .on_close(note(&probe, "first"))
        .on_close(async || -> Result<()> { Err(Error::internal("the disk is full")) })
        .on_close(note(&probe, "second"))
        .on_close(async || -> Result<()> { panic!("the disk is gone") });
    let error = app.build().await.unwrap().close().await.expect_err("hooks have failed");
    assert_eq!(error.message(), "the disk is full");
    assert_eq!(probe.events(), ["second", "first"]);
}

#[test]
fn while_pre_close_runs_connections_are_accepted_and_answered() {
    let probe = Probe::default();
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let (waits, noted) = (gate.clone(), probe.clone());
    let app = App::new()
        .workers(1)
        .get("/", "hello")
        .pre_close(async move || {
            noted.note("pre_close");
            waits.notified().await;
        })
        .on_close(note(&probe, "close"));
    let server = TestServer::start(app);
    let mut early = server.client();
    assert_eq!(early.ask(HELLO).summary(), "200 - hello");
    server.stop.shutdown();
    probe.wait_for("pre_close", 1);
    // Both connections go on as if nothing were.
    assert_eq!(early.ask(HELLO).summary(), "200 - hello");
    let mut late = server.client();
    assert_eq!(late.ask(HELLO).summary(), "200 - hello");
    assert_eq!(late.ask(HELLO).summary(), "200 - hello");
    assert!(!server.has_ended());
    gate.notify_one();
    early.assert_closed();
    late.assert_closed();
    server.wait().expect("a graceful end");
    assert_eq!(probe.events(), ["pre_close", "close"]);
}

#[test]
fn pre_close_has_the_time_of_a_shutdown_and_no_more() {
    let probe = Probe::default();
    let time = Duration::from_millis(200);
    let app = App::new()
        .workers(1)
        .limits(Limits::default().with_shutdown_timeout(time))
        .get("/", "hello")
        .pre_close(async || -> Result<()> { Err(Error::internal("nobody to tell")) })
        .pre_close(async || -> Result<()> { panic!("nobody to tell") })
        .pre_close(note(&probe, "third"))
        .pre_close(async || std::future::pending::<()>().await)
        .pre_close(note(&probe, "never"))
        .on_close(note(&probe, "close"));
    let server = TestServer::start(app);
    let began = Instant::now();
    server.stop.shutdown();
    server.wait().expect("what pre_close fails with is logged");
    assert!(began.elapsed() >= time, "after {:?}", began.elapsed());
    assert_eq!(probe.events(), ["third", "close"]);
}

#[test]
fn abort_cuts_pre_close_short_and_is_no_occasion_for_it() {
    let probe = Probe::default();
    let pending = {
        let probe = probe.clone();
        async move || {
            probe.note("pre_close");
            std::future::pending::<()>().await;
        }
    };
    let server =
        TestServer::start(App::new().workers(1).get("/", "hello").pre_close(pending).on_close(note(&probe, "close")));
    server.stop.shutdown();
    probe.wait_for("pre_close", 1);
    server.stop.abort();
    server.wait().expect("an end");
    assert_eq!(probe.events(), ["pre_close", "close"]);

    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    server.stop.abort();
    server.wait().expect("an end");
    assert_eq!(probe.events(), CLOSES);
}

/// With two addresses the server begins to end when the second of them does, or both at once.
#[test]
fn of_two_addresses_the_last_one_that_stops_counts() {
    for at_once in [false, true] {
        let probe = Probe::default();
        block_on(async {
            let server = app(&probe).build().await.expect("a valid application");
            let listenings = [(); 2].map(|()| server.bind("127.0.0.1:0").expect("a free port"));
            let stops = listenings.each_ref().map(fastweb::Listening::shutdown_handle);
            let address = listenings[1].local_addr();
            let [one, two] = listenings.map(|listening| tokio::spawn(listening.serve()));
            let ask = move || assert_eq!(Client::connect(address).ask(HELLO).status, 200);
            tokio::task::spawn_blocking(ask).await.expect("it is answered");
            stops[0].shutdown();
            if at_once {
                stops[1].shutdown();
            }
            one.await.expect("no panic").expect("a graceful end");
            if !at_once {
                assert_eq!(probe.events(), [""; 0]);
                tokio::task::spawn_blocking(ask).await.expect("it is answered");
                stops[1].shutdown();
            }
            two.await.expect("no panic").expect("a graceful end");
        });
        let expected = [&["pre app 1", "pre app 2", "pre /a/b"][..], &CLOSES].concat();
        assert_eq!(probe.events(), expected, "at once: {at_once}");
    }
}
