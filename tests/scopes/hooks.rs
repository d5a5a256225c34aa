//! Hooks: outer scopes' first, then inner ones', then the route's own, in every phase; and never those of a scope beside.

use std::time::Duration;

use fastweb::prelude::*;

use crate::support::eventually;
use crate::support::server::TestServer;
use crate::trail::{Trail, Validated, with_hooks};

/// The phases of a request that succeeds, in their order.
const WAY: [&str; 5] = ["on_request", "pre_parsing", "pre_validation", "validation", "pre_handler"];

/// `phase` of each of `scopes`, outermost first.
fn of_each(scopes: &[&str], phase: &str) -> Vec<String> {
    scopes.iter().map(|scope| format!("{scope}.{phase}")).collect()
}

/// All that happens on the way of a request that the hooks of `scopes` see.
fn whole_way(scopes: &[&str]) -> Vec<String> {
    let mut way = Vec::new();
    for phase in WAY {
        match phase {
            "validation" => way.push("validation".to_owned()),
            _ => way.extend(of_each(scopes, phase)),
        }
    }
    way.push("handler".into());
    for phase in ["pre_serialization", "on_send", "on_response(200)"] {
        way.extend(of_each(scopes, phase));
    }
    way
}

/// Hooks of every phase on the application, on a scope, on one within it, on one beside it, and on a route. Sync and async ones mix.
macro_rules! nested {
    ($trail:expr, $even:tt, $odd:tt) => {{
        let handler = || {
            let trail = $trail.clone();
            async move |req: &mut Request, _: Validated| -> Result<Json<u8>> {
                trail.hook("handler")(req)?;
                Ok(Json(1))
            }
        };
        let beside = |scope: fastweb::Scope| with_hooks!($odd scope, $trail, "beside").get("/x", "beside");
        let inner = |scope: fastweb::Scope| {
            let route = with_hooks!($odd post("/route", handler()), $trail, "route");
            with_hooks!($even scope, $trail, "inner").route(route).get("/plain", handler())
        };
        let outer = |scope: fastweb::Scope| {
            let scope = scope.scope("/beside", beside).scope("/inner", inner).get("/plain", handler());
            // Declared last, and first in every phase all the same.
            with_hooks!($odd scope, $trail, "outer")
        };
        let app = App::new().state($trail.clone()).get("/plain", handler()).scope("/beside", beside).scope("/outer", outer);
        with_hooks!($even app, $trail, "app").build().await.unwrap()
    }};
}

#[tokio::test]
async fn every_phase_runs_from_the_outside_in() {
    let trail = Trail::default();
    for server in [nested!(trail, sync, sync), nested!(trail, async, sync), nested!(trail, async, async)] {
        server.inject(Inject::post("/outer/inner/route").body("x")).await.assert_status(200);
        assert_eq!(trail.take(), whole_way(&["app", "outer", "inner", "route"]));
        server.inject(Inject::get("/outer/inner/plain")).await.assert_status(200);
        assert_eq!(trail.take(), whole_way(&["app", "outer", "inner"]));
        server.inject(Inject::get("/outer/plain")).await.assert_status(200);
        assert_eq!(trail.take(), whole_way(&["app", "outer"]));
        server.inject(Inject::get("/plain")).await.assert_status(200);
        assert_eq!(trail.take(), whole_way(&["app"]));
    }
}

#[tokio::test]
async fn an_error_of_any_hook_is_told_to_all_of_them_from_the_outside_in() {
    let trail = Trail::default();
    let server = nested!(trail, sync, async);
    let scopes = ["app", "outer", "inner", "route"];
    for phase in ["on_request", "pre_parsing", "pre_validation", "pre_handler", "pre_serialization", "on_send"] {
        for (at, scope) in scopes.iter().enumerate() {
            let step = format!("{scope}.{phase}");
            let request = Inject::post("/outer/inner/route").body("x").header("x-at", &step).header("x-do", "fail");
            server.inject(request).await.assert_status(409);
            let happened = trail.take();
            let failed = happened.iter().position(|happened| *happened == step).expect("it ran");
            assert_eq!(
                happened[failed - at..=failed],
                of_each(&scopes[..=at], phase),
                "those outside of it ran before"
            );
            let mut expected = of_each(&scopes, "on_error(409)");
            // What failed while it was sent is not sent through the same hooks again.
            if phase != "on_send" {
                expected.extend(of_each(&scopes, "on_send"));
            }
            expected.extend(of_each(&scopes, "on_response(409)"));
            assert_eq!(happened[failed + 1..], expected, "{step}");
        }
    }
}

#[tokio::test]
async fn an_early_answer_skips_what_is_further_in() {
    let trail = Trail::default();
    let server = nested!(trail, async, sync);
    let request =
        Inject::post("/outer/inner/route").body("x").header("x-at", "outer.pre_handler").header("x-do", "reply");
    server.inject(request).await.assert_status(202).assert_text("early from outer.pre_handler");
    let scopes = ["app", "outer", "inner", "route"];
    let mut expected = Vec::new();
    for phase in ["on_request", "pre_parsing", "pre_validation"] {
        expected.extend(of_each(&scopes, phase));
    }
    expected.push("validation".into());
    expected.extend(of_each(&scopes[..2], "pre_handler"));
    expected.extend(of_each(&scopes, "on_send"));
    expected.extend(of_each(&scopes, "on_response(202)"));
    assert_eq!(trail.take(), expected);
}

#[tokio::test]
async fn timeouts_are_told_from_the_outside_in() {
    let trail = Trail::default();
    let app = App::new()
        .limits(Limits::default().with_handler_timeout(Duration::ZERO))
        .scope("/outer", |outer| {
            let inner = |inner: fastweb::Scope| {
                let route = get("/", async || std::future::pending::<&str>().await).on_timeout(trail.hook("route"));
                inner.on_timeout(trail.async_hook("inner")).route(route)
            };
            outer.scope("/inner", inner).on_timeout(trail.hook("outer"))
        })
        .scope("/beside", |beside| beside.on_timeout(trail.hook("beside")).get("/", "x"))
        .on_timeout(trail.async_hook("app"));
    app.build().await.unwrap().inject(Inject::get("/outer/inner")).await.assert_status(503);
    assert_eq!(trail.take(), ["app", "outer", "inner", "route"]);
}

#[test]
fn aborts_are_told_from_the_outside_in() {
    let trail = Trail::default();
    let (waits, response) = (trail.clone(), trail.hook("nobody reads it"));
    let app = App::new()
        .workers(1)
        .scope("/outer", |outer| {
            let pending = async move || {
                waits.push("handler");
                std::future::pending::<&str>().await
            };
            let inner = |inner: fastweb::Scope| {
                let route = get("/", pending).on_request_abort(trail.async_hook("route"));
                inner.on_request_abort(trail.hook("inner")).route(route)
            };
            outer.on_request_abort(trail.async_hook("outer")).scope("/inner", inner)
        })
        .scope("/beside", |beside| beside.on_request_abort(trail.hook("beside")).get("/", "x"))
        .on_request_abort(trail.hook("app"))
        .on_response(move |req: &mut Request, _: &Completed| response(req).map(drop));
    let server = TestServer::start(app);
    let mut client = server.client();
    client.send("GET /outer/inner HTTP/1.1\r\nhost: x\r\n\r\n");
    let mut happened = Vec::new();
    eventually("the handler waits", || {
        happened.extend(trail.take());
        happened == ["handler"]
    });
    client.reset();
    happened.clear();
    eventually("the route's hook was told", || {
        happened.extend(trail.take());
        happened.iter().any(|step| step == "route")
    });
    assert_eq!(happened, ["app", "outer", "inner", "route"]);
}

#[tokio::test]
async fn a_scope_with_an_empty_prefix_encapsulates_too() {
    let trail = Trail::default();
    let app = App::new()
        .scope("", |inside| inside.on_request(trail.hook("inside")).get("/inside", "x"))
        .scope("/", |other| other.on_request(trail.hook("other")).get("/other", "x"))
        .get("/outside", "x");
    let server = app.build().await.unwrap();
    for (path, hooks) in
        [("/inside", vec!["inside"]), ("/other", vec!["other"]), ("/outside", vec![]), ("/none", vec![])]
    {
        server.inject(Inject::get(path)).await;
        assert_eq!(trail.take(), hooks, "{path}");
    }
}

/// What is in between does not make hooks run twice.
#[tokio::test]
async fn every_hook_runs_once() {
    let trail = Trail::default();
    let app =
        App::new().on_request(trail.hook("app")).scope("", |a| a.scope("", |b| b.scope("/c", |c| c.get("/", "x"))));
    app.build().await.unwrap().inject(Inject::get("/c")).await.assert_status(200);
    assert_eq!(trail.take(), ["app"]);
}
