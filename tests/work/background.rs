//! Work that a request sets going and nobody waits for.

use std::time::Duration;

use fastweb::Background;
use fastweb::prelude::*;

use crate::support::log::Log;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// Sets work going that takes as long as the path says.
fn app(probe: &Probe) -> App {
    let probe = probe.clone();
    App::new().get("/{ms}", async move |Path(ms): Path<u64>, background: Background| -> Result<&'static str> {
        for part in ["first", "second"] {
            let probe = probe.clone();
            background.after(async move {
                let _live = probe.enter("work");
                sleep(ms).await;
                probe.note(format!("done {part}"));
            })?;
        }
        Ok("answered")
    })
}

#[tokio::test]
async fn it_runs_in_order_and_a_test_can_look_at_it() {
    let probe = Probe::default();
    let server = app(&probe).build().await.unwrap();
    server.inject(Inject::get("/5")).await.assert_text("answered");
    assert_eq!(probe.events(), ["handler work", "done first", "handler work", "done second"]);
    server.inject_local(Inject::get("/5")).await.assert_text("answered");
    assert_eq!(probe.count("done"), 4);
}

#[test]
fn the_answer_does_not_wait_for_it_and_shutdown_does() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    let mut client = server.client();
    assert_eq!(client.ask(get_request("/200")).summary(), "200 - answered");
    assert_eq!(probe.count("done"), 0);
    // The connection is free for more.
    assert_eq!(client.ask(get_request("/0")).summary(), "200 - answered");
    server.stop.shutdown();
    server.wait().unwrap();
    assert_eq!((probe.count("done"), probe.live()), (4, 0));
}

#[test]
fn hooks_and_failing_requests_and_clients_that_leave_have_it_too() {
    let probe = Probe::default();
    let after = |name: &'static str| {
        let probe = probe.clone();
        move |req: &mut Request| -> Result<()> {
            let probe = probe.clone();
            req.after(async move { probe.note(name) })
        }
    };
    let app = App::new()
        .route(get("/hooked", "x").on_request(after("hooked")))
        .route(get("/fails", || -> &'static str { panic!("no") }).on_request(after("fails")))
        .route(get("/responds", "x").on_response(after("responds")))
        .route(get("/pending", async || std::future::pending::<&str>().await).on_request(after("left")));
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get_request("/hooked")).status, 200);
    assert_eq!(server.client().ask(get_request("/fails")).status, 500);
    assert_eq!(server.client().ask(get_request("/responds")).status, 200);
    let mut client = server.client();
    client.send(get_request("/pending"));
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(probe.count("left"), 0);
    client.reset();
    for name in ["hooked", "fails", "responds", "left"] {
        probe.wait_for(name, 1);
    }
}

#[test]
fn what_goes_wrong_is_logged_and_hurts_nobody() {
    Log::keep();
    let app =
        App::new().get("/wrong/{how}", |Path(panics): Path<bool>, background: Background| -> Result<&'static str> {
            background.after(async move {
                if panics {
                    panic!("it panicked");
                }
                Err::<(), _>(Error::internal("it failed"))
            })?;
            background.after(async {})?;
            Ok("answered")
        });
    let server = TestServer::start(app.workers(1));
    for how in ["true", "false", "true"] {
        assert_eq!(server.client().ask(get_request(&format!("/wrong/{how}"))).summary(), "200 - answered");
    }
    let logged =
        || Log::events(|noted| noted.target == "fastweb::background" && noted.field("route") == "/wrong/{how}");
    crate::support::eventually("all is logged", || logged().len() == 3);
    for (noted, message) in logged().iter().zip(["it panicked", "it failed", "it panicked"]) {
        assert!(noted.field("error").contains(message), "{noted:?}");
        assert!(noted.field("request_id").starts_with("req-"), "{noted:?}");
        assert_eq!(noted.level, tracing::Level::ERROR);
    }
}

#[test]
fn it_is_bounded() {
    let probe = Probe::default();
    let live = probe.clone();
    let app =
        App::new().workers(1).get("/{n}", move |Path(n): Path<usize>, background: Background| -> Result<String> {
            for _ in 0..n {
                let guard = live.enter("work");
                background.after(async move {
                    let _live = guard;
                    sleep(60_000).await;
                })?;
            }
            Ok(n.to_string())
        });
    let server = TestServer::start(app.limits(Limits::default().with_shutdown_timeout(Duration::from_millis(50))));
    let mut client = server.client();
    assert_eq!(client.ask(get_request("/1000")).summary(), "200 - 1000");
    let refused = client.ask(get_request("/100"));
    assert_eq!((refused.summary().as_str(), refused.header("retry-after")), ("503 - FW_ERR_BUSY", Some("1")));
    assert_eq!(client.ask(get_request("/0")).summary(), "200 - 0");
    // What was handed over before the refusal is kept: 24 more.
    assert_eq!(probe.live(), 1024);
    server.stop.shutdown();
    server.wait().unwrap();
    assert_eq!(probe.live(), 0, "what is not over in time is dropped");
}

#[test]
fn an_argument_that_is_kept_takes_nothing_more() {
    let (kept, later) = std::sync::mpsc::channel();
    let kept = std::sync::Mutex::new(kept);
    let app = App::new().get("/", move |background: Background| {
        let kept = kept.lock().unwrap().clone();
        tokio::task::spawn_local(async move {
            sleep(20).await;
            let _ = kept.send(background.after(async {}).map_err(|error| error.to_string()));
        });
        "answered"
    });
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get_request("/")).status, 200);
    let refused = later.recv_timeout(crate::support::PATIENCE).unwrap().unwrap_err();
    assert!(refused.contains("when its request was over"), "{refused}");
}

#[tokio::test]
async fn a_reply_may_bring_its_own() {
    let probe = Probe::default();
    let (returned, set, hooked) = (probe.clone(), probe.clone(), probe.clone());
    let app = App::new()
        .get("/returned", move || {
            let (first, second) = (returned.clone(), returned.clone());
            Reply::text("x")
                .with_after(async move { first.note("first") })
                .with_after(async move { second.note("second") })
        })
        .get("/set", move |req: &mut Request, reply: &mut Reply| -> Result<()> {
            let (request, own) = (set.clone(), set.clone());
            reply.after(async move { own.note("of the reply") });
            req.after(async move { request.note("of the request") })?;
            reply.send("x")
        })
        .get("/fails", |_: &mut Request, reply: &mut Reply| -> Result<()> {
            reply.after(async { Err::<(), _>(Error::internal("too late")) });
            Err(Error::conflict("taken"))
        })
        .on_send(move |_: &mut Request, reply: &mut Reply| {
            let probe = hooked.clone();
            reply.after(async move { probe.note("of a hook") });
        });
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/returned")).await.assert_status(200);
    assert_eq!(probe.take(), ["first", "second", "of a hook"]);
    server.inject(Inject::get("/set")).await.assert_status(200);
    assert_eq!(probe.take(), ["of the request", "of the reply", "of a hook"]);
    // The answer became another one. The work had been handed over.
    server.inject(Inject::get("/fails")).await.assert_status(409);
    assert_eq!(probe.take(), ["of a hook"]);
}

#[test]
fn what_replies_bring_beyond_the_bound_is_dropped_and_logged() {
    Log::keep();
    let probe = Probe::default();
    let noting = probe.clone();
    let app = App::new().workers(1).get("/much-later", move || {
        let probe = noting.clone();
        let work = |number: usize| {
            let probe = probe.clone();
            async move { probe.note(format!("done {number}")) }
        };
        (0..1030).fold(Reply::text("x"), |reply, number| reply.with_after(work(number)))
    });
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get_request("/much-later")).summary(), "200 - x");
    probe.wait_for("done", 1024);
    server.stop.shutdown();
    server.wait().unwrap();
    assert_eq!(probe.count("done"), 1024);
    let dropped = |noted: &crate::support::log::Noted| {
        noted.target == "fastweb::background" && noted.field("route") == "/much-later"
    };
    assert_eq!(Log::events(dropped).len(), 6);
}
