//! Which phase follows which, and whose hooks come first.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use fastweb::prelude::*;
use tokio::io::{AsyncRead, ReadBuf};

use crate::trail::{Trail, Validated, with_hooks};

/// A body of one byte that notes when it is read.
struct NotedBody {
    trail: Trail,
    step: &'static str,
    done: bool,
}

impl NotedBody {
    fn new(trail: &Trail, step: &'static str) -> Self {
        Self { trail: trail.clone(), step, done: false }
    }
}

impl AsyncRead for NotedBody {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.done, true) {
            self.trail.push(self.step);
            buf.put_slice(b"x");
        }
        Poll::Ready(Ok(()))
    }
}

/// Fastify's order (its `inject` facts, lines HOOKS): outer hooks first in every phase, `on_send` not reversed.
const WHOLE_WAY: [&str; 19] = [
    "app.on_request",
    "route.on_request",
    "app.pre_parsing",
    "route.pre_parsing",
    "parse body",
    "app.pre_validation",
    "route.pre_validation",
    "validation",
    "app.pre_handler",
    "route.pre_handler",
    "handler",
    "app.pre_serialization",
    "route.pre_serialization",
    "app.on_send",
    "route.on_send",
    "swap the body",
    "write",
    "app.on_response(200)",
    "route.on_response(200)",
];

/// A request's body that notes its reading, and a reply's that notes its writing, show where those phases are.
macro_rules! whole_way {
    ($app_color:tt, $route_color:tt) => {{
        let trail = Trail::default();
        let handler = {
            let trail = trail.clone();
            async move |_: Validated, _: Bytes| {
                trail.push("handler");
                Json("a value")
            }
        };
        let swap_request = {
            let trail = trail.clone();
            move |req: &mut Request| req.set_body(Body::from_reader(NotedBody::new(&trail, "parse body"), 1))
        };
        let swap_reply = {
            let trail = trail.clone();
            move |_: &mut Request, reply: &mut Reply| {
                trail.push("swap the body");
                reply.set_body(Body::from_reader(NotedBody::new(&trail, "write"), 1));
            }
        };
        let route = with_hooks!($route_color post("/ok", handler), trail, "route").pre_parsing(swap_request).on_send(swap_reply);
        let app = with_hooks!($app_color App::new(), trail, "app").state(trail.clone()).route(route);
        let server = app.build().await.unwrap();
        let reply = server.inject(Inject::post("/ok").body("the body")).await;
        reply.assert_status(200).assert_text("x");
        trail.take()
    }};
}

#[tokio::test]
async fn every_phase_in_order_with_sync_hooks() {
    assert_eq!(whole_way!(sync, sync), WHOLE_WAY);
}

#[tokio::test]
async fn every_phase_in_order_with_async_hooks() {
    assert_eq!(whole_way!(async, async), WHOLE_WAY);
}

#[tokio::test]
async fn sync_and_async_hooks_mix() {
    assert_eq!(whole_way!(sync, async), WHOLE_WAY);
    assert_eq!(whole_way!(async, sync), WHOLE_WAY);
}

#[tokio::test]
async fn hooks_of_one_phase_run_in_the_order_of_registration() {
    let trail = Trail::default();
    let app = App::new()
        .on_request(trail.hook("app 1"))
        .on_request(trail.async_hook("app 2"))
        .on_request(trail.hook("app 3"))
        .route(get("/", "x").on_request(trail.async_hook("route 1")).on_request(trail.hook("route 2")))
        // Registered behind the route, and of the application all the same.
        .on_request(trail.hook("app 4"));
    app.build().await.unwrap().inject(Inject::get("/")).await.assert_status(200);
    assert_eq!(trail.take(), ["app 1", "app 2", "app 3", "app 4", "route 1", "route 2"]);
}

#[tokio::test]
async fn arguments_are_made_before_the_handler_where_no_pre_handler_hook_stands_between() {
    let trail = Trail::default();
    let handler = {
        let trail = trail.clone();
        move |_: Validated| trail.push("handler")
    };
    let app = App::new()
        .state(trail.clone())
        .on_request(trail.hook("on_request"))
        .pre_validation(trail.hook("pre_validation"))
        .get("/", handler);
    app.build().await.unwrap().inject(Inject::get("/")).await.assert_status(200);
    assert_eq!(trail.take(), ["on_request", "pre_validation", "validation", "handler"]);
}

#[tokio::test]
async fn a_routes_hooks_run_for_that_route_alone() {
    let trail = Trail::default();
    let app = App::new()
        .route(get("/mine", "x").on_request(trail.hook("mine")).on_send(trail.hook("mine too")))
        .route(post("/mine", "x").on_request(trail.hook("the other method")))
        .get("/other", "x");
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/other")).await.assert_status(200);
    assert_eq!(trail.take(), [""; 0]);
    server.inject(Inject::get("/mine")).await.assert_status(200);
    assert_eq!(trail.take(), ["mine", "mine too"]);
    server.inject(Inject::head("/mine")).await.assert_status(200);
    assert_eq!(trail.take(), ["mine", "mine too"]);
}

/// Of Fastify's order (HOOKS GET /missing) with one difference: a missing route is an error here, so `on_error` sees it and
/// the error handler may answer it.
#[tokio::test]
async fn the_applications_hooks_run_for_what_no_route_matches() {
    let trail = Trail::default();
    let server = with_hooks!(sync App::new(), trail, "app").get("/here", "x").build().await.unwrap();
    server.inject(Inject::get("/missing")).await.assert_status(404);
    let not_found = [
        "app.on_request",
        "app.pre_parsing",
        "app.pre_validation",
        "app.pre_handler",
        "app.on_error(404)",
        "app.on_send",
        "app.on_response(404)",
    ];
    assert_eq!(trail.take(), not_found);
    server.inject(Inject::post("/here")).await.assert_status(405);
    assert_eq!(trail.take(), not_found.map(|step| step.replace("404", "405")));

    let own = {
        let trail = trail.clone();
        async move || {
            trail.push("not_found");
            (StatusCode::NOT_FOUND, "nothing here")
        }
    };
    let server = with_hooks!(sync App::new(), trail, "app").not_found(own).build().await.unwrap();
    server.inject(Inject::get("/missing")).await.assert_status(404).assert_text("nothing here");
    let with_handler = [
        "app.on_request",
        "app.pre_parsing",
        "app.pre_validation",
        "app.pre_handler",
        "not_found",
        "app.on_send",
        "app.on_response(404)",
    ];
    assert_eq!(trail.take(), with_handler);
}

#[tokio::test]
async fn hooks_share_values_with_what_follows() {
    #[derive(Debug, PartialEq)]
    struct User(&'static str);

    let app = App::new()
        .on_request(|req: &mut Request| {
            assert_eq!(req.extensions_mut().insert(User("ada")), None);
        })
        .pre_handler(async |req: &mut Request| {
            req.extensions_mut().get_mut::<User>().unwrap().0 = "grace";
        })
        .get("/", |req: &mut Request| req.extensions().get::<User>().map_or("nobody", |user| user.0));
    let server = app.build().await.unwrap();
    // Twice on one server: what a request left behind is not there for the next one.
    for _ in 0..2 {
        server.inject_local(Inject::get("/")).await.assert_text("grace");
    }
}

#[tokio::test]
async fn hooks_see_state_params_and_pattern() {
    let app = App::new()
        .state(String::from("the state"))
        .on_request(|req: &mut Request, reply: &mut Reply| {
            let seen = format!(
                "{:?} {:?} {:?}",
                req.state::<String>().map(String::as_str),
                req.param("id").as_deref(),
                req.route_pattern()
            );
            reply.set_header("x-seen", seen);
        })
        .get("/users/{id}", "x");
    let server = app.build().await.unwrap();
    let reply = server.inject(Inject::get("/users/a%20b?q=1")).await;
    reply.assert_header("x-seen", r#"Some("the state") Some("a b") Some("/users/{id}")"#);
    let reply = server.inject(Inject::get("/nope")).await;
    reply.assert_status(404).assert_header("x-seen", r#"Some("the state") None None"#);
}
