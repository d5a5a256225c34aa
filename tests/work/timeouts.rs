//! Routes with a time of their own, and what becomes of work that takes longer.

use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{CancellationToken, Timeout};

use crate::support::eventually;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

const SHORT: Duration = Duration::from_millis(100);

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// A route whose work takes as long as the path says, in milliseconds.
fn work(probe: &Probe, path: &str) -> Route {
    let probe = probe.clone();
    get(format!("{path}/{{ms}}"), async move |Path(ms): Path<u64>, token: CancellationToken| {
        let _live = probe.enter("work");
        sleep(ms).await;
        probe.note(format!("ended cancelled={}", token.is_cancelled()));
        "done"
    })
}

fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

#[test]
fn work_that_takes_longer_is_dropped() {
    let probe = Probe::default();
    let app = probe.watch(App::new().route(work(&probe, "/slow").timeout(SHORT)));
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get_request("/slow/0")).summary(), "200 - done");
    let answer = server.client().ask(get_request("/slow/60000"));
    assert_eq!(answer.summary(), "503 close FW_ERR_HANDLER_TIMEOUT");
    probe.wait_for("response", 2);
    assert_eq!(probe.live(), 0);
    assert_eq!((probe.count("timeout"), probe.count("abort"), probe.count("ended cancelled")), (1, 0, 1));
}

#[test]
fn the_nearest_timeout_counts() {
    let probe = Probe::default();
    let long = Duration::from_secs(60);
    let app = App::new()
        .limits(Limits::default().with_handler_timeout(SHORT))
        .route(work(&probe, "/limit"))
        .route(work(&probe, "/longer").timeout(long))
        .scope("/scope", |scope| {
            scope
                .timeout(long)
                .route(work(&probe, "/inherits"))
                .route(work(&probe, "/shorter").timeout(SHORT))
                .scope("/inner", |inner| inner.timeout(SHORT).route(work(&probe, "/inherits")))
        });
    let server = TestServer::start(app);
    let cases = [
        ("/limit", 503),
        ("/longer", 200),
        ("/scope/inherits", 200),
        ("/scope/shorter", 503),
        ("/scope/inner/inherits", 503),
    ];
    let mut clients: Vec<_> = cases.iter().map(|_| server.client()).collect();
    for (client, (path, _)) in clients.iter_mut().zip(cases) {
        // Between the two, and not near to either.
        client.send(get_request(&format!("{path}/1500")));
    }
    for (client, (path, status)) in clients.iter_mut().zip(cases) {
        assert_eq!(client.answer().status, status, "{path}");
    }
}

#[test]
fn a_token_tells_what_was_started_elsewhere() {
    let probe = Probe::default();
    let noted = probe.clone();
    let start = async move |token: CancellationToken, req: &mut Request| {
        let (noted, path) = (noted.clone(), req.path().to_owned());
        tokio::task::spawn_local(async move {
            token.cancelled().await;
            noted.note(format!("told {path}"));
        });
        sleep(if req.path() == "/quick" { 0 } else { 60_000 }).await;
        "done"
    };
    let app = App::new()
        .route(get("/late", start.clone()).timeout(SHORT))
        .route(get("/gone", start.clone()))
        .get("/quick", start);
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get_request("/quick")).status, 200);
    assert_eq!(server.client().ask(get_request("/late")).status, 503);
    probe.wait_for("told /late", 1);
    let mut client = server.client();
    client.send(get_request("/gone"));
    sleep_here(50);
    client.reset();
    probe.wait_for("told /gone", 1);
    assert_eq!(probe.count("told /quick"), 0);
}

fn sleep_here(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

#[test]
fn detached_work_goes_on() {
    let probe = Probe::default();
    let detached = Timeout::after(SHORT).detach();
    let app = probe.watch(App::new().route(work(&probe, "/pay").timeout(detached)));
    let server = TestServer::start(app);
    let mut client = server.client();
    assert_eq!(client.ask(get_request("/pay/0")).summary(), "200 - done");
    assert_eq!(client.ask(get_request("/pay/1500")).summary(), "503 close FW_ERR_HANDLER_TIMEOUT");
    probe.wait_for("response /pay/1500", 1);
    assert_eq!((probe.live(), probe.count("timeout /pay/1500")), (1, 1));
    probe.wait_for("ended cancelled=true", 1);
    probe.wait_until_none_is_live();
    assert_eq!((probe.count("timeout"), probe.count("abort"), probe.count("response")), (1, 0, 2));
}

#[test]
fn detached_work_outlives_its_client() {
    let probe = Probe::default();
    let app = probe.watch(App::new().route(work(&probe, "/pay").timeout(Timeout::after(SHORT * 100).detach())));
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send(get_request("/pay/300"));
    probe.wait_for("handler work", 1);
    client.reset();
    probe.wait_for("abort /pay/300", 1);
    probe.wait_for("ended cancelled=true", 1);
    eventually("it ended", || probe.live() == 0);
    assert_eq!((probe.count("abort"), probe.count("response"), probe.count("timeout")), (1, 0, 0));
}

#[test]
fn shutdown_waits_for_detached_work() {
    let probe = Probe::default();
    let app = App::new().route(work(&probe, "/pay").timeout(Timeout::after(SHORT).detach()));
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get_request("/pay/1200")).status, 503);
    assert_eq!(probe.live(), 1);
    server.stop.shutdown();
    server.wait().unwrap();
    assert_eq!((probe.live(), probe.count("ended")), (0, 1));
}

#[test]
fn detached_work_that_panics_hurts_nobody() {
    let panics = async |Path(ms): Path<u64>| -> &'static str {
        sleep(ms).await;
        panic!("no answer");
    };
    let app = App::new().route(get("/{ms}", panics).timeout(Timeout::after(SHORT).detach())).get("/", "alive");
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get_request("/0")).summary(), "500 - FW_ERR_PANIC");
    assert_eq!(server.client().ask(get_request("/600")).summary(), "503 close FW_ERR_HANDLER_TIMEOUT");
    sleep_here(500);
    assert_eq!(server.client().ask(get_request("/")).summary(), "200 - alive");
}

#[test]
fn detached_work_reads_its_body_and_keeps_its_extensions() {
    #[derive(Clone)]
    struct User(&'static str);

    let upload = async |req: &mut Request| -> Result<String> {
        let body = req.bytes().await?;
        Ok(format!("{} {}", req.extensions().get::<User>().map_or("-", |user| user.0), body.len()))
    };
    let route = post("/", upload).timeout(Timeout::after(SHORT * 100).detach()).on_request(|req: &mut Request| {
        req.extensions_mut().insert(User("Ada"));
    });
    let server = TestServer::start(App::new().route(route));
    let mut client = server.client();
    for _ in 0..2 {
        client.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n");
        client.send("x".repeat(50_000));
        sleep_here(20);
        client.send("x".repeat(50_000));
        assert_eq!(client.answer().summary(), "200 - Ada 100000");
    }
}

#[test]
fn work_that_is_told_may_tidy_up() {
    let probe = Probe::default();
    let noted = probe.clone();
    let import = async move |Path(deaf): Path<bool>, token: CancellationToken| {
        let _live = noted.enter("import");
        token.cancelled().await;
        noted.note("told");
        sleep(if deaf { 60_000 } else { 10 }).await;
        noted.note("tidied up");
        "an answer that comes too late"
    };
    let route = get("/{deaf}", import).timeout(Timeout::after(SHORT).signal(SHORT));
    let server = TestServer::start(probe.watch(App::new().route(route)));
    assert_eq!(server.client().ask(get_request("/false")).summary(), "503 close FW_ERR_HANDLER_TIMEOUT");
    assert_eq!((probe.count("told"), probe.count("tidied up"), probe.live()), (1, 1, 0));
    assert_eq!(server.client().ask(get_request("/true")).summary(), "503 close FW_ERR_HANDLER_TIMEOUT");
    assert_eq!((probe.count("told"), probe.count("tidied up"), probe.live()), (2, 1, 0));
    probe.wait_for("response", 2);
    assert_eq!((probe.count("timeout"), probe.count("abort")), (2, 0));
}

#[test]
fn a_client_that_leaves_is_one_abort_under_every_policy() {
    let probe = Probe::default();
    let long = Timeout::after(SHORT * 100);
    let app = probe.watch(
        App::new()
            .route(work(&probe, "/cancel").timeout(long))
            .route(work(&probe, "/signal").timeout(long.signal(SHORT)))
            .route(work(&probe, "/detach").timeout(long.detach())),
    );
    let server = TestServer::start(app);
    for (done, path) in ["/cancel", "/signal", "/detach"].into_iter().enumerate() {
        for n in 0..10 {
            let mut client = server.client();
            client.send(get_request(&format!("{path}/400")));
            probe.wait_for("handler work", done * 10 + n + 1);
            client.reset();
        }
        probe.wait_for(&format!("abort {path}"), 10);
    }
    probe.wait_until_none_is_live();
    assert_eq!((probe.count("abort"), probe.count("timeout"), probe.count("response")), (30, 0, 0));
    assert_eq!(probe.count("ended cancelled=true"), 10, "only detached work comes to its end");
}

#[tokio::test]
async fn injected_requests_have_timeouts_too() {
    let never = async || std::future::pending::<&str>().await;
    let app = App::new()
        .route(get("/cancel", never).timeout(SHORT))
        .route(get("/detach", never).timeout(Timeout::after(SHORT).detach()));
    let server = app.build().await.unwrap();
    for path in ["/cancel", "/detach"] {
        server.inject(Inject::get(path)).await.assert_status(503);
        server.inject_local(Inject::get(path)).await.assert_status(503);
    }
}
