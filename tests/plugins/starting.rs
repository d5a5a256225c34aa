//! `on_ready` and `on_listen`: when a server begins.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{Scope, plugin};

use crate::support::probe::Probe;
use crate::support::server::TestServer;

/// Notes when it begins and when it ends.
fn slow(probe: &Probe, name: &'static str) -> impl AsyncFn() + Send + Sync + use<> {
    let probe = probe.clone();
    async move || {
        probe.note(format!("{name} begins"));
        tokio::time::sleep(Duration::from_millis(2)).await;
        probe.note(format!("{name} ends"));
    }
}

#[tokio::test]
async fn on_ready_runs_one_after_the_other_when_all_is_set_up() {
    let probe = Probe::default();
    let (in_plugin, set_up) = (slow(&probe, "plugin"), probe.clone());
    let routes = probe.clone();
    let app = App::new()
        .scope("/a", |a| a.on_ready(slow(&probe, "a")).get("/", "x"))
        .on_ready(slow(&probe, "first"))
        .on_ready(slow(&probe, "second"))
        .on_route(move |route: Route| {
            routes.note("route");
            route
        })
        .plugin(plugin("p", async move |scope: Scope| {
            set_up.note("set-up");
            Ok(scope.on_ready(in_plugin))
        }));
    app.build().await.unwrap();
    let of = |name: &str| [format!("{name} begins"), format!("{name} ends")];
    let expected = [["set-up".to_owned(), "route".into()], of("first"), of("second"), of("plugin"), of("a")].concat();
    assert_eq!(probe.events(), expected);
}

#[tokio::test]
async fn an_on_ready_that_fails_or_panics_fails_the_build() {
    let probe = Probe::default();
    let (before, behind) = (slow(&probe, "before"), slow(&probe, "behind"));
    let app = App::new()
        .on_ready(before)
        .on_ready(async || -> Result<()> { Err(Error::internal("no migration")) })
        .on_ready(behind);
    let error = app.build().await.expect_err("a hook has failed");
    assert_eq!(error.message(), "no migration");
    assert_eq!(probe.events(), ["before begins", "before ends"]);

    let error = App::new()
        .on_ready(async || -> Result<()> { panic!("no migration") })
        .build()
        .await
        .expect_err("a hook has panicked");
    assert!(error.message().contains("panicked: no migration"), "{error}");

    // What is wrong with the application is told before any of them runs.
    let app = App::new().on_ready(slow(&probe, "never")).get("no-slash", "x");
    app.build().await.expect_err("a path without a slash");
    assert_eq!(probe.events().len(), 2);
}

#[test]
fn on_listen_that_fails_hides_nothing() {
    let probe = Probe::default();
    let (first, third) = (probe.clone(), probe.clone());
    let app = App::new()
        .workers(1)
        .get("/", "x")
        .on_listen(move |address: SocketAddr| first.note(format!("app {}", address.port())))
        .on_listen(|_| -> Result<()> { Err(Error::internal("nobody to tell")) })
        .on_listen(|_| -> Result<()> { panic!("nobody to tell") })
        .scope("/a", |a| a.on_listen(move |address: SocketAddr| third.note(format!("a {}", address.port()))));
    let server = TestServer::start(app);
    probe.wait_for("a ", 1);
    let port = server.address.port();
    assert_eq!(probe.events(), [format!("app {port}"), format!("a {port}")]);
    assert_eq!(server.client().ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").status, 200);
    server.stop.shutdown();
    server.wait().expect("it is no fault of the server's");
}

#[tokio::test]
async fn nobody_listens_without_a_socket() {
    let probe = Probe::default();
    let listens = probe.clone();
    let server = App::new().get("/", "x").on_listen(move |_| listens.note("listens")).build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_status(200);
    server.inject_local(Inject::get("/")).await.assert_status(200);
    server.close().await.unwrap();
    assert_eq!(probe.events(), [""; 0]);
}

/// What a plugin spawns belongs to the server, not to the runtime of whoever built it.
#[test]
fn what_a_set_up_spawns_lives_until_the_last_on_close_has_ended() {
    let probe = Probe::default();
    let beats = Arc::new(AtomicUsize::new(0));
    struct Dropped(Probe);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.note("task dropped");
        }
    }
    let (task, beating, closing, last) = (probe.clone(), beats.clone(), probe.clone(), beats.clone());
    let ticker = plugin("ticker", async move |scope: Scope| {
        let dropped = Dropped(task);
        tokio::spawn(async move {
            let _dropped = dropped;
            loop {
                beating.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        Ok(scope.on_close(async move || {
            let before = last.load(Ordering::SeqCst);
            while last.load(Ordering::SeqCst) < before + 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            closing.note("closed");
        }))
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = runtime.block_on(App::new().get("/", "x").plugin(ticker).build()).expect("nothing is wrong");
    drop(runtime);
    let now = beats.load(Ordering::SeqCst);
    crate::support::eventually("it goes on without the runtime", || beats.load(Ordering::SeqCst) > now + 3);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(server.close()).expect("nothing is wrong");
    probe.wait_for("task dropped", 1);
    assert_eq!(probe.events(), ["closed", "task dropped"]);
}
