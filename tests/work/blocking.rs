//! Blocking work beside the workers, and the warning about work that blocks them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{Upgrade, UpgradedIo, blocking};

use crate::support::log::Log;
use crate::support::server::TestServer;
use crate::support::{PATIENCE, eventually};

fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

/// Work that runs until the test lets it go.
#[derive(Clone)]
struct Gate {
    running: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
    pass: Arc<Mutex<mpsc::Receiver<()>>>,
}

impl Gate {
    fn new() -> (Self, mpsc::Sender<()>) {
        let (open, pass) = mpsc::channel();
        let (running, done) = (Arc::default(), Arc::default());
        (Self { running, done, pass: Arc::new(Mutex::new(pass)) }, open)
    }

    fn enter(&self) -> &'static str {
        self.running.fetch_add(1, Ordering::SeqCst);
        let passed = self.pass.lock().unwrap().recv_timeout(PATIENCE);
        self.running.fetch_sub(1, Ordering::SeqCst);
        passed.expect("the test opens the gate");
        self.done.fetch_add(1, Ordering::SeqCst);
        "passed"
    }

    #[track_caller]
    fn wait_until_running(&self) {
        eventually("work is running", || self.running.load(Ordering::SeqCst) > 0);
    }
}

#[tokio::test]
async fn work_runs_on_a_thread_of_the_pool() {
    let name = || thread::current().name().unwrap_or_default().to_owned();
    let app = App::new()
        .state(String::from("state"))
        .get("/handler", blocking(name))
        .get("/awaited", async move || blocking(name).await)
        .get("/worker", name)
        .post(
            "/{n}",
            blocking(|Path(n): Path<u8>, state: Arc<String>, body: Bytes| format!("{n} {state} {}", body.len())),
        )
        .route(get("/hooked/{n}", blocking(|Path(n): Path<u8>| Json(n))).pre_handler(|_: &mut Request| ()))
        .get("/result/{n}", blocking(|Path(n): Path<u8>| if n == 0 { Err(Error::conflict("no")) } else { Ok("yes") }))
        .get("/panic", blocking(|| -> &'static str { panic!("no") }))
        .get("/panic-awaited", async || blocking(|| -> &'static str { panic!("no") }).await);
    let server = app.build().await.unwrap();
    for (path, is_pool) in [("/handler", true), ("/awaited", true), ("/worker", false)] {
        let reply = server.inject(Inject::get(path)).await;
        assert_eq!(reply.text().starts_with("fastweb-blocking-"), is_pool, "{path}: {}", reply.text());
    }
    server.inject(Inject::post("/7").body("body")).await.assert_text("7 state 4");
    server.inject(Inject::post("/700")).await.assert_status(400);
    server.inject(Inject::get("/hooked/7")).await.assert_text("7");
    server.inject(Inject::get("/result/0")).await.assert_status(409);
    server.inject(Inject::get("/result/1")).await.assert_text("yes");
    for path in ["/panic", "/panic-awaited"] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(500);
        assert_eq!(reply.json::<serde_json::Value>()["code"], "FW_ERR_PANIC");
    }
    server.inject_local(Inject::get("/hooked/7")).await.assert_text("7");
}

#[tokio::test]
async fn a_state_that_nobody_gave_fails_the_build() {
    let error = App::new().get("/", blocking(|_: Arc<String>| "x")).build().await.unwrap_err();
    assert!(error.to_string().contains("alloc::string::String"), "{error}");
}

#[test]
fn a_full_pool_is_503_and_other_requests_are_answered() {
    let (gate, open) = Gate::new();
    let inside = gate.clone();
    let app = App::new()
        .workers(1)
        .blocking_threads(1)
        .blocking_queue(1)
        .get("/work", blocking(move || inside.enter()))
        .get("/plain", "plain");
    let server = TestServer::start(app);
    let mut running = server.client();
    running.send(get_request("/work"));
    gate.wait_until_running();
    let mut waiting = server.client();
    waiting.send(get_request("/work"));
    // The worker has taken it when it answers what came after.
    assert_eq!(server.client().ask(get_request("/plain")).summary(), "200 - plain");
    thread::sleep(Duration::from_millis(20));
    let refused = server.client().ask(get_request("/work"));
    assert_eq!((refused.summary().as_str(), refused.header("retry-after")), ("503 - FW_ERR_BUSY", Some("1")));
    open.send(()).unwrap();
    open.send(()).unwrap();
    assert_eq!(running.answer().summary(), "200 - passed");
    assert_eq!(waiting.answer().summary(), "200 - passed");
}

#[test]
fn work_whose_client_is_gone_is_not_begun() {
    let (gate, open) = Gate::new();
    let inside = gate.clone();
    let begun = Arc::new(AtomicUsize::new(0));
    let count = begun.clone();
    let app = App::new()
        .blocking_threads(1)
        .get("/work", blocking(move || inside.enter()))
        .get("/count", blocking(move || count.fetch_add(1, Ordering::SeqCst).to_string()));
    let server = TestServer::start(app);
    let mut running = server.client();
    running.send(get_request("/work"));
    gate.wait_until_running();
    for _ in 0..20 {
        let mut client = server.client();
        client.send(get_request("/count"));
        thread::sleep(Duration::from_millis(5));
        client.reset();
    }
    thread::sleep(Duration::from_millis(100));
    open.send(()).unwrap();
    assert_eq!(running.answer().summary(), "200 - passed");
    assert_eq!(server.client().ask(get_request("/count")).text(), "0");
}

#[test]
fn shutdown_waits_for_work_whose_client_is_gone() {
    let (gate, open) = Gate::new();
    let inside = gate.clone();
    let closed = Arc::new(AtomicUsize::new(0));
    let (done, at_close) = (gate.done.clone(), closed.clone());
    let app = App::new().get("/work", blocking(move || inside.enter())).on_close(async move || {
        at_close.store(1 + done.load(Ordering::SeqCst), Ordering::SeqCst);
    });
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get_request("/work"));
    gate.wait_until_running();
    client.reset();
    server.stop.shutdown();
    thread::sleep(Duration::from_millis(100));
    assert!(!server.has_ended());
    open.send(()).unwrap();
    server.wait().unwrap();
    assert_eq!(closed.load(Ordering::SeqCst), 2, "on_close runs when the work is done");
}

fn warnings(route: &str) -> Vec<crate::support::log::Noted> {
    Log::events(|noted| noted.target == "fastweb::blocked_worker" && noted.field("route") == route)
}

fn block(milliseconds: u64) -> &'static str {
    thread::sleep(Duration::from_millis(milliseconds));
    "blocked"
}

#[test]
fn a_handler_that_blocks_its_worker_is_one_warning_with_its_route() {
    Log::keep();
    let app = App::new()
        .workers(1)
        .get("/sync/{id}", || block(400))
        .get("/async", async || {
            tokio::task::yield_now().await;
            block(400)
        })
        .route(get("/hook", "x").on_request(|_: &mut Request| {
            block(400);
        }))
        .get("/waits", async || {
            tokio::time::sleep(Duration::from_millis(400)).await;
            "waited"
        })
        .get("/pool", blocking(|| block(400)));
    let server = TestServer::start(app);
    let mut client = server.client();
    for path in ["/sync/1", "/async", "/hook", "/waits", "/pool"] {
        assert_eq!(client.ask(get_request(path)).status, 200, "{path}");
    }
    for route in ["/sync/{id}", "/async", "/hook"] {
        let found = warnings(route);
        assert_eq!(found.len(), 1, "{route}: {found:?}");
        assert_eq!((found[0].level, found[0].field("worker")), (tracing::Level::WARN, "0"));
        assert!(found[0].field("blocked_ms").parse::<u64>().unwrap() >= 100, "{found:?}");
        assert!(found[0].field("message").contains("blocks its worker"), "{found:?}");
    }
    assert_eq!((warnings("/waits").len(), warnings("/pool").len()), (0, 0));
}

#[test]
fn what_runs_beside_a_request_is_watched_too() {
    Log::keep();
    let blocks = |_: &mut Request, _: &Completed| {
        block(400);
    };
    let blocks_later = async |_: &mut Request, _: &Completed| {
        tokio::task::yield_now().await;
        block(400);
    };
    let detached = async || {
        // Nobody waits for it when it blocks.
        tokio::time::sleep(Duration::from_millis(600)).await;
        block(400)
    };
    let upgraded = |upgrade: Upgrade| {
        upgrade.accept("raw", async |_: UpgradedIo| {
            block(400);
        })
    };
    let app = App::new()
        .workers(1)
        .route(get("/responded", "x").on_response(blocks))
        .route(get("/responded-later", "x").on_response(blocks_later))
        .get("/background", || {
            Reply::text("x").with_after(async {
                block(400);
            })
        })
        .route(get("/detached", detached).timeout(Timeout::after(Duration::from_millis(250)).detach()))
        .get("/upgraded", upgraded)
        .route(get("/aborted", async || std::future::pending::<&str>().await).on_request_abort(|_: &mut Request| {
            block(400);
        }));
    let server = TestServer::start(app);
    for path in ["/responded", "/responded-later", "/background"] {
        assert_eq!(server.client().ask(get_request(path)).status, 200, "{path}");
        eventually(path, || warnings(path).len() == 1);
    }
    assert_eq!(server.client().ask(get_request("/detached")).status, 503);
    eventually("/detached", || warnings("/detached").len() == 1);
    let mut client = server.client();
    client.send("GET /upgraded HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n");
    eventually("/upgraded", || warnings("/upgraded").len() == 1);
    let mut client = server.client();
    client.send(get_request("/aborted"));
    thread::sleep(Duration::from_millis(100));
    client.reset();
    eventually("/aborted", || warnings("/aborted").len() == 1);
    server.stop.shutdown();
    server.wait().unwrap();
    for route in ["/responded", "/responded-later", "/background", "/detached", "/upgraded", "/aborted"] {
        assert_eq!(warnings(route).len(), 1, "{route}");
    }
}

#[test]
fn the_warning_can_be_turned_off() {
    Log::keep();
    let server = TestServer::start(App::new().block_warning(None).get("/off", || block(300)));
    assert_eq!(server.client().ask(get_request("/off")).status, 200);
    assert_eq!(warnings("/off").len(), 0);
}
