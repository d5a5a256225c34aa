//! Error handlers: the nearest first; what one of them fails with goes to the next outwards, and at last to fastweb's JSON.

use fastweb::prelude::*;
use serde_json::Value;

use crate::trail::Trail;

/// Notes that it was called and with which status. Then it answers, fails with another error or panics, as the request's header of its name says.
fn handler(trail: &Trail, name: &'static str) -> impl Fn(&mut Request, Error) -> Result<(StatusCode, String)> + use<> {
    let trail = trail.clone();
    move |req, error| {
        trail.push(format!("{name}({})", error.status().as_u16()));
        match req.header(&format!("x-{name}")) {
            Some("pass") => Err(error),
            Some("panic") => panic!("{name} panicked"),
            Some(status) => Err(Error::new(status.parse::<u16>().unwrap(), format!("from {name}"))),
            None => Ok((error.status(), format!("{name}: {error}"))),
        }
    }
}

fn app(trail: &Trail) -> App {
    let fails = || -> Result<()> { Err(Error::conflict("taken")) };
    let asynchronous = handler(trail, "inner");
    App::new()
        .error_handler(handler(trail, "app"))
        .get("/fails", fails)
        .scope("/outer", |outer| {
            let route = get("/route", fails).error_handler(handler(trail, "route"));
            let inner = |inner: fastweb::Scope| {
                let inner = inner.error_handler(async move |req: &mut Request, error: Error| {
                    tokio::task::yield_now().await;
                    asynchronous(req, error)
                });
                inner.route(route).get("/fails", fails)
            };
            outer.error_handler(handler(trail, "outer")).scope("/inner", inner).get("/fails", fails)
        })
        .scope("/beside", |beside| beside.error_handler(handler(trail, "beside")).get("/fails", fails))
        .scope("/none", |none| none.get("/fails", fails))
}

#[tokio::test]
async fn the_nearest_answers() {
    let trail = Trail::default();
    let server = app(&trail).build().await.unwrap();
    for (path, nearest) in [
        ("/fails", "app"),
        ("/outer/fails", "outer"),
        ("/outer/inner/fails", "inner"),
        ("/outer/inner/route", "route"),
        ("/beside/fails", "beside"),
        ("/none/fails", "app"),
    ] {
        server.inject(Inject::get(path)).await.assert_status(409).assert_text(&format!("{nearest}: taken"));
        assert_eq!(trail.take(), [format!("{nearest}(409)")], "{path}");
    }
}

#[tokio::test]
async fn what_one_fails_with_goes_to_the_next_outwards() {
    let trail = Trail::default();
    let server = app(&trail).build().await.unwrap();
    let request = || Inject::get("/outer/inner/route");
    let reply = server.inject(request().header("x-route", "410").header("x-inner", "pass")).await;
    reply.assert_status(410).assert_text("outer: from route");
    assert_eq!(trail.take(), ["route(409)", "inner(410)", "outer(410)"]);
    // A panic is an error like others.
    let reply = server.inject(request().header("x-route", "panic").header("x-inner", "panic")).await;
    reply.assert_status(500);
    assert_eq!(trail.take(), ["route(409)", "inner(500)", "outer(500)"]);
}

#[tokio::test]
async fn behind_the_last_one_is_fastwebs_json() {
    let trail = Trail::default();
    let server = app(&trail).build().await.unwrap();
    let request = Inject::get("/outer/inner/route").header("x-route", "pass").header("x-inner", "pass");
    let reply = server.inject(request.header("x-outer", "pass").header("x-app", "pass")).await;
    reply.assert_status(409).assert_text(r#"{"statusCode":409,"error":"Conflict","message":"taken"}"#);
    reply.assert_header("content-type", "application/json; charset=utf-8");
    assert_eq!(trail.take(), ["route(409)", "inner(409)", "outer(409)", "app(409)"]);
    let reply = server.inject(Inject::get("/fails").header("x-app", "panic")).await;
    assert_eq!(reply.assert_status(500).json::<Value>()["code"], "FW_ERR_PANIC");
    assert!(!reply.text().contains("app panicked"), "{}", reply.text());
    server.inject(Inject::get("/fails")).await.assert_status(409).assert_text("app: taken");
}

/// Half of an answer that a handler made before it failed is not part of the next one's.
#[tokio::test]
async fn a_failed_answer_leaves_no_body_and_no_status_behind() {
    let app = App::new().error_handler(|_: &mut Request, error: Error| error.message().to_owned()).scope("/a", |a| {
        a.error_handler(|_: &mut Request, _: Error| (StatusCode::IM_A_TEAPOT, [("x-bad", "1\n")], "half of it"))
            .get("/", || -> Result<()> { Err(Error::not_found("gone")) })
    });
    let reply = app.build().await.unwrap().inject(Inject::get("/a")).await;
    // The outer handler answers for the header that cannot be sent, and its text has the status of that error.
    reply.assert_status(500).assert_header("content-type", "text/plain; charset=utf-8");
    assert!(reply.text().contains("x-bad"), "{}", reply.text());
}

#[tokio::test]
async fn a_missing_path_is_for_the_scope_that_answers_for_it() {
    let trail = Trail::default();
    let server = app(&trail).build().await.unwrap();
    // No route and no `not_found`: nobody but the application knows of the path.
    server.inject(Inject::get("/outer/nowhere")).await.assert_status(404);
    assert_eq!(trail.take(), ["app(404)"]);
    server.inject(Inject::post("/outer/inner/fails")).await.assert_status(405);
    assert_eq!(trail.take(), ["inner(405)"]);
}
