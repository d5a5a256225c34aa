//! Worker state: made on each worker when the server starts.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::WorkerState;
use fastweb::prelude::*;

use crate::support::PATIENCE;
use crate::support::pipe::block_on;
use crate::support::probe::Probe;
use crate::support::server::TestServer;

/// Counts its requests without a lock, and knows its thread.
#[derive(Clone)]
struct Counter(Rc<Cell<u32>>, String);

fn thread_name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}

fn count(counter: WorkerState<Counter>) -> String {
    counter.0.set(counter.0.get() + 1);
    format!("{} {} {}", counter.0.get(), counter.1, counter.1 == thread_name())
}

#[test]
fn each_worker_makes_its_own_on_its_own_thread() {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    let init = async move || {
        tokio::task::yield_now().await;
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(Counter(Rc::default(), thread_name()))
    };
    let server = TestServer::start(App::new().workers(2).worker_state(init).get("/", count));
    let ask = |client: &mut crate::support::socket::Client| client.ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").text();
    // Two connections go to two workers.
    let (mut one, mut two) = (server.client(), server.client());
    let (first, second) = (ask(&mut one), ask(&mut two));
    let mut answers = [first.clone(), second];
    answers.sort();
    assert_eq!(answers, ["1 fastweb-worker-0 true", "1 fastweb-worker-1 true"]);
    assert_eq!(ask(&mut one), first.replacen('1', "2", 1));
    assert_eq!(made.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn injected_requests_have_a_worker_of_their_own() {
    let app = App::new().worker_state(async || Ok(Counter(Rc::default(), thread_name()))).get("/", count);
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_text("1 fastweb-inject true");
    server.inject(Inject::get("/")).await.assert_text("2 fastweb-inject true");
}

#[tokio::test]
async fn outer_scopes_are_made_before_inner_ones_and_otherwise_the_first_first() {
    let probe = Probe::default();
    let init = |name: &'static str| {
        let probe = probe.clone();
        move || {
            probe.note(name);
            std::future::ready(())
        }
    };
    struct Of<const N: u8>;
    let (a, b, c, d) = (init("app"), init("scope"), init("inner"), init("app, too"));
    let app = App::new()
        .worker_state(async move || {
            a().await;
            Ok(Of::<1>)
        })
        .scope("/scope", |scope| {
            let inner = |inner: fastweb::Scope| {
                inner.worker_state(async move || {
                    c().await;
                    Ok(Of::<1>)
                })
            };
            scope.scope("/inner", inner).worker_state(async move || {
                b().await;
                Ok(Of::<2>)
            })
        })
        .worker_state(async move || {
            d().await;
            Ok(Of::<3>)
        })
        .get("/", "x");
    let server = app.build().await.unwrap();
    assert_eq!(probe.events(), [""; 0], "none is made before a worker starts");
    server.inject(Inject::get("/")).await.assert_status(200);
    assert_eq!(probe.events(), ["app", "app, too", "scope", "inner"]);
}

#[tokio::test]
async fn the_nearest_scope_decides() {
    let of = |name: WorkerState<&'static str>| *name;
    let app = App::new()
        .worker_state(async || Ok("app"))
        .get("/", of)
        .scope("/own", |own| own.worker_state(async || Ok("own")).get("/", of).scope("/in", |inner| inner.get("/", of)))
        .scope("/none", |none| none.get("/", of));
    let server = app.build().await.unwrap();
    for (path, expected) in [("/", "app"), ("/own", "own"), ("/own/in", "own"), ("/none", "app")] {
        server.inject(Inject::get(path)).await.assert_text(expected);
    }
}

/// On which of the two workers `init` fails is left to chance: it fails for the second that calls it.
fn fails_the_second_time(how: fn() -> Result<Counter>) -> App {
    let calls = AtomicUsize::new(0);
    let init = async move || match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(Counter(Rc::default(), thread_name())),
        _ => how(),
    };
    App::new().workers(2).worker_state(init).get("/", count)
}

#[test]
fn what_cannot_be_made_fails_the_start_with_its_message() {
    let no_database = || -> Result<Counter> { Err(Error::internal("no database")) };
    let probe = Probe::default();
    let closed = probe.clone();
    let app = App::new().workers(2).worker_state(async move || no_database()).get("/", count);
    let app = app.on_close(async move || closed.note("closed")).on_listen({
        let probe = probe.clone();
        move |_| probe.note("listens")
    });
    let error = block_on(app.listen("127.0.0.1:0")).expect_err("no worker has started");
    assert_eq!(error.message(), "the worker state scopes::worker_state::Counter could not be made: no database");
    assert_eq!(probe.events(), ["closed"], "what plugins hold is given back");

    let error = block_on(fails_the_second_time(no_database).listen("127.0.0.1:0")).expect_err("one worker has failed");
    assert!(error.message().ends_with("could not be made: no database"), "{error}");

    let (told, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || told.send(fails_the_second_time(no_database).run("127.0.0.1:0")));
    let error = hears.recv_timeout(PATIENCE).expect("run returns").expect_err("one worker has failed");
    assert!(error.message().ends_with("could not be made: no database"), "{error}");
}

#[test]
fn a_panic_fails_the_start_like_an_error() {
    let panics = || -> Result<Counter> { panic!("no such file") };
    for app in
        [App::new().workers(2).worker_state(async move || panics()).get("/", count), fails_the_second_time(panics)]
    {
        let error = block_on(app.listen("127.0.0.1:0")).expect_err("a worker has not started");
        assert!(error.message().contains("worker_state::Counter could not be made: panicked: no such file"), "{error}");
    }
}

#[tokio::test]
async fn injected_requests_are_told_why_there_is_no_worker() {
    let app = App::new().worker_state(async || Err::<Counter, _>(Error::internal("no database"))).get("/", count);
    let server = app.build().await.unwrap();
    for _ in 0..2 {
        for reply in [server.inject(Inject::get("/")).await, server.inject_local(Inject::get("/")).await] {
            reply.assert_status(500);
            assert!(reply.text().contains("could not be made: no database"), "{}", reply.text());
        }
    }
}
