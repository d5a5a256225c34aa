//! Handlers and hooks that pass a request on to the nearest `not_found` handler.

use std::sync::{Arc, Mutex};

use fastweb::prelude::*;

fn app() -> App {
    App::new()
        .not_found(async |req: &mut Request| (StatusCode::NOT_FOUND, format!("outer {}", req.path())))
        .get("/root", Reply::not_found)
        .scope("/a", |a| {
            a.not_found(|body: String| (StatusCode::NOT_FOUND, format!("inner {body}")))
                .post("/reply", || Reply::not_found().with_header("x-of", "handler"))
                .post("/step", |_: &mut Request, reply: &mut Reply| {
                    reply.set_status(201).set_header("x-of", "handler").set_content_type("a/b").call_not_found();
                })
                .post("/error", async || -> Result<&'static str> { Err(Error::call_not_found()) })
                .delete("/error", "deleted")
                .route(post("/hook", "never").on_request(|_: &mut Request| Flow::reply(Reply::not_found())))
                .scope("/b", |b| b.get("/near", Reply::not_found))
        })
        .scope("/c", |c| c.not_found(Reply::not_found).get("/far", Reply::not_found))
}

#[tokio::test]
async fn the_not_found_handler_of_the_nearest_scope_answers() {
    let server = app().build().await.unwrap();
    for path in ["/a/reply", "/a/step", "/a/error", "/a/hook"] {
        let reply = server.inject(Inject::post(path).body("body")).await;
        reply.assert_status(404).assert_text("inner body").assert_header("content-type", "text/plain; charset=utf-8");
    }
    server.inject(Inject::post("/a/step")).await.assert_header("x-of", "handler");
    server.inject(Inject::get("/a/b/near")).await.assert_text("inner ");
    server.inject(Inject::get("/root")).await.assert_status(404).assert_text("outer /root");
}

#[tokio::test]
async fn a_not_found_handler_passes_on_to_the_scope_around() {
    let server = app().build().await.unwrap();
    server.inject(Inject::get("/c/far")).await.assert_status(404).assert_text("outer /c/far");
    server.inject(Inject::get("/c/none")).await.assert_status(404).assert_text("outer /c/none");
    let alone = App::new().not_found(Reply::not_found).get("/x", Reply::not_found).build().await.unwrap();
    for path in ["/x", "/y"] {
        let reply = alone.inject(Inject::get(path)).await;
        assert_eq!(reply.json::<serde_json::Value>()["message"], format!("Route GET:{path} not found"));
    }
}

#[tokio::test]
async fn without_a_handler_it_is_fastwebs_404_and_never_405() {
    let app =
        App::new().get("/x", Reply::not_found).delete("/x", "deleted").on_send(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-sent", "1");
        });
    let reply = app.build().await.unwrap().inject(Inject::get("/x?q=1")).await;
    reply.assert_status(404).assert_header("x-sent", "1");
    let body = reply.json::<serde_json::Value>();
    assert_eq!((&body["code"], &body["message"]), (&"FW_ERR_NOT_FOUND".into(), &"Route GET:/x?q=1 not found".into()));
    assert_eq!(reply.header("allow"), None);
}

#[tokio::test]
async fn on_error_runs_only_where_an_error_answers() {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let seen = errors.clone();
    let app = App::new()
        .on_error(move |req: &mut Request, _: &Error| seen.lock().unwrap().push(req.path().to_owned()))
        .scope("/quiet", |quiet| quiet.not_found("nothing").get("/x", Reply::not_found))
        .scope("/panics", |panics| panics.not_found(|| -> &'static str { panic!("no") }).get("/x", Reply::not_found))
        .get("/loud", Reply::not_found);
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/quiet/x")).await.assert_text("nothing");
    server.inject(Inject::get("/loud")).await.assert_status(404);
    server.inject(Inject::get("/panics/x")).await.assert_status(500);
    assert_eq!(*errors.lock().unwrap(), ["/loud", "/panics/x"]);
}
