//! What routes and scopes tell whoever knows the type.

use std::sync::{Arc, Mutex};

use fastweb::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost(u32);

struct Public;

/// The cost, as a hook sees it.
fn priced(app: App) -> App {
    app.on_send(|req: &mut Request, reply: &mut Reply| {
        let route = req.route();
        let cost = route.config::<Cost>().map_or("none".to_owned(), |Cost(cost)| cost.to_string());
        let public = route.config::<Public>().is_some();
        reply.set_header("x-cost", format!("{cost} {public} {} {}", route.pattern(), route.is_matched()));
    })
}

#[tokio::test]
async fn the_nearest_one_holds() {
    let app = App::new()
        .route(get("/own", "own").config(Cost(1)).config(Public))
        .route(get("/last", "last").config(Cost(1)).config(Cost(2)))
        .get("/root", "root")
        .scope("/a", |a| {
            a.config(Cost(10))
                .get("/scope", "scope")
                .route(post("/own", "own").config(Cost(11)))
                .scope("/b", |b| b.get("/inherited", "inherited"))
                .scope("/c", |c| c.config(Cost(12)).get("/replaced", "replaced"))
                .not_found(|| (StatusCode::NOT_FOUND, ""))
        });
    let server = priced(app).build().await.unwrap();
    for (request, seen) in [
        (Inject::get("/own"), "1 true /own true"),
        (Inject::get("/last"), "2 false /last true"),
        (Inject::get("/root"), "none false /root true"),
        (Inject::get("/a/scope"), "10 false /a/scope true"),
        (Inject::post("/a/own"), "11 false /a/own true"),
        (Inject::get("/a/b/inherited"), "10 false /a/b/inherited true"),
        (Inject::get("/a/c/replaced"), "12 false /a/c/replaced true"),
        (Inject::get("/a/nothing"), "10 false * false"),
        (Inject::get("/nothing"), "none false * false"),
    ] {
        server.inject(request).await.assert_header("x-cost", seen);
    }
}

#[tokio::test]
async fn on_route_hooks_see_and_set_them() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let dear = move |route: Route| {
        noted.lock().unwrap().push((route.path().to_owned(), route.get_config::<Cost>().copied()));
        if route.path().ends_with("dear") { route.config(Cost(99)) } else { route }
    };
    let app = App::new()
        .on_route(dear)
        .scope("/a", |a| a.config(Cost(10)).get("/cheap", "cheap").get("/dear", "dear"))
        .route(get("/own", "own").config(Cost(1)));
    let server = priced(app).build().await.unwrap();
    server.inject(Inject::get("/a/cheap")).await.assert_header("x-cost", "10 false /a/cheap true");
    server.inject(Inject::get("/a/dear")).await.assert_header("x-cost", "99 false /a/dear true");
    let mut seen = seen.lock().unwrap().clone();
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [("/a/cheap", Some(Cost(10))), ("/a/dear", Some(Cost(10))), ("/own", Some(Cost(1)))];
    assert_eq!(seen, expected.map(|(path, cost)| (path.to_owned(), cost)));
}

#[tokio::test]
async fn a_mounted_application_brings_its_own() {
    let inner = App::new().config(Cost(5)).get("/inner", "inner");
    let app = App::new().config(Cost(1)).config(Public).mount("/m", inner).get("/outer", "outer");
    let server = priced(app).build().await.unwrap();
    server.inject(Inject::get("/m/inner")).await.assert_header("x-cost", "5 true /m/inner true");
    server.inject(Inject::get("/outer")).await.assert_header("x-cost", "1 true /outer true");
}
