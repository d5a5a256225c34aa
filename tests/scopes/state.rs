//! State: inherited, shadowed by the nearest, and given to nobody outside.

use std::sync::Arc;

use fastweb::prelude::*;
use fastweb::{RequestState, WorkerState};

use crate::fault;

#[derive(Debug)]
struct Name(&'static str);
struct Other;

fn name(name: State<Name>) -> &'static str {
    name.0
}

#[tokio::test]
async fn the_nearest_scope_decides() {
    let app = App::new()
        .scope("/own", |own| {
            own.get("/", name)
                .scope("/inherited", |inner| inner.get("/", name))
                .scope("/shadowed", |inner| inner.get("/", name).state(Name("shadowed")))
                // What is declared last holds for all of it.
                .state(Name("own"))
        })
        .scope("/none", |none| none.get("/", name))
        .get("/", name)
        .state(Name("app"));
    let server = app.build().await.unwrap();
    for (path, expected) in
        [("/", "app"), ("/none", "app"), ("/own", "own"), ("/own/inherited", "own"), ("/own/shadowed", "shadowed")]
    {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text(expected);
    }
}

#[tokio::test]
async fn hooks_see_what_the_route_sees() {
    let seen = |req: &mut Request, reply: &mut Reply| {
        let name = req.state::<Name>().map_or("none", |name| name.0);
        reply.set_header("x-name", name);
    };
    let app = App::new()
        .on_request(seen)
        .scope("/a", |a| a.state(Name("a")).get("/", "x").scope("/b", |b| b.state(Name("b")).get("/", "x")))
        .get("/", "x");
    let server = app.build().await.unwrap();
    for (path, expected) in [("/", "none"), ("/a", "a"), ("/a/b", "b"), ("/a/nowhere", "none")] {
        server.inject(Inject::get(path)).await.assert_header("x-name", expected);
    }
    // Another method of a path is answered for by the scope of that path.
    server.inject(Inject::post("/a/b")).await.assert_status(405).assert_header("x-name", "b");
}

#[tokio::test]
async fn nothing_leaks_upwards_or_sideways() {
    let app = App::new()
        .scope("/a", |a| a.state(Name("a")).scope("/deep", |deep| deep.state(Other).get("/", name)))
        .scope("/b", |b| b.get("/", name))
        .get("/", name)
        .scope("/c", |c| c.state(Name("c")).get("/", |_: State<Other>| ()));
    let message = fault(app).await;
    for route in ["GET /b ", "GET / ", "GET /c "] {
        assert!(message.contains(&format!("\n  - {route}")), "{route}: {message}");
    }
    assert!(!message.contains("GET /a"), "{message}");
    assert!(message.contains("3 problems"), "{message}");
    // What is there is told: often it is the same type from another place.
    assert!(
        message.contains("State<scopes::state::Other>, which nobody gave (there is scopes::state::Name)"),
        "{message}"
    );
}

#[tokio::test]
async fn one_type_per_scope_and_kind() {
    let app = App::new()
        .state(Name("first"))
        .state(Name("second"))
        .worker_state(async || Ok(Name("of the worker")))
        .request_state(|_| Name("of the request"))
        .get("/", |shared: State<Name>, worker: WorkerState<Name>, request: RequestState<Name>| {
            format!("{}, {}, {}", shared.0, worker.0, request.0)
        });
    let reply = app.build().await.unwrap().inject(Inject::get("/")).await;
    reply.assert_text("second, of the worker, of the request");
    let kinds = App::new().state(Name("shared")).get("/", |_: WorkerState<Name>, _: RequestState<Name>| ());
    let message = fault(kinds).await;
    assert!(message.contains("WorkerState<scopes::state::Name>") && message.contains("`.worker_state(async || …)`"));
    assert!(message.contains("RequestState<scopes::state::Name>") && message.contains("`.request_state(|_| …)`"));
}

#[tokio::test]
async fn a_shared_value_is_the_very_same_everywhere() {
    let shared = Arc::new(Name("shared"));
    let weak = Arc::downgrade(&shared);
    let same = {
        let weak = weak.clone();
        move |name: State<Name>, req: &mut Request| {
            let here = weak.upgrade().expect("the application has it");
            let from_hook = req.state_arc::<Name>().expect("it was given");
            (Arc::ptr_eq(&name.arc(), &here) && Arc::ptr_eq(&from_hook, &here)).to_string()
        }
    };
    let app = App::new().state_arc(shared).scope("/a", |a| a.scope("/b", |b| b.get("/", same)));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/a/b")).await.assert_text("true");
    server.close().await.unwrap();
    crate::support::eventually("the application lets go of it", || weak.strong_count() == 0);
}
