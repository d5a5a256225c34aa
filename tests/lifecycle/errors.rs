//! The way of an error: `on_error`, the error handler, `on_send`, `on_response`, whichever phase it came from.

use fastweb::prelude::*;

use crate::trail::{Trail, Validated, with_hooks};

const WAY: &[&str] = &[
    "app.on_request",
    "route.on_request",
    "app.pre_parsing",
    "route.pre_parsing",
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
];

macro_rules! server {
    ($color:tt, $trail:expr) => {{
        let handler = {
            let trail = $trail.clone();
            async move |req: &mut Request, _: Validated| -> Result<Json<i32>> {
                trail.hook("handler")(req)?;
                Ok(Json(1))
            }
        };
        let error_handler = {
            let trail = $trail.clone();
            move |_: &mut Request, error: Error| {
                trail.push("error_handler");
                (error.status(), error.message().to_owned())
            }
        };
        let route = with_hooks!($color get("/", handler), $trail, "route");
        let app = with_hooks!($color App::new(), $trail, "app").state($trail.clone()).error_handler(error_handler);
        app.route(route).build().await.unwrap()
    }};
}

/// All that happens when `step` fails with `status`.
fn way_of(step: &str, status: u16) -> Vec<String> {
    let at = WAY.iter().position(|&candidate| candidate == step).unwrap();
    let on_error = [format!("app.on_error({status})"), format!("route.on_error({status})"), "error_handler".into()];
    let on_send = ["app.on_send".to_owned(), "route.on_send".into()];
    let on_response = [format!("app.on_response({status})"), format!("route.on_response({status})")];
    let failed = WAY[..=at].iter().map(|&step| step.to_owned()).chain(on_error);
    // The reply for an error in `on_send` does not go through `on_send` a second time: it would fail there again.
    let sent = on_send.into_iter().filter(|_| !step.ends_with("on_send"));
    failed.chain(sent).chain(on_response).collect()
}

#[tokio::test]
async fn an_error_from_any_phase_goes_the_same_way() {
    let trail = Trail::default();
    let (sync, asynchronous) = (server!(sync, trail), server!(async, trail));
    for step in WAY {
        for server in [&sync, &asynchronous] {
            let reply = server.inject(Inject::get("/").header("x-at", *step).header("x-do", "fail")).await;
            reply.assert_status(409).assert_text(&format!("{step} failed"));
            assert_eq!(trail.take(), way_of(step, 409), "{step}");
        }
    }
}

#[tokio::test]
async fn a_panic_in_any_phase_is_an_error_of_that_phase() {
    let trail = Trail::default();
    let (sync, asynchronous) = (server!(sync, trail), server!(async, trail));
    for step in WAY {
        for server in [&sync, &asynchronous] {
            let reply = server.inject(Inject::get("/").header("x-at", *step).header("x-do", "panic")).await;
            reply.assert_status(500);
            assert_eq!(trail.take(), way_of(step, 500), "{step}");
        }
    }
    sync.inject(Inject::get("/")).await.assert_status(200);
    asynchronous.inject(Inject::get("/")).await.assert_status(200);
}

#[tokio::test]
async fn invalid_arguments_fail_before_pre_handler_runs() {
    let trail = Trail::default();
    let handler = {
        let trail = trail.clone();
        async move |_: Path<u64>, _: Option<Query<Vec<(String, String)>>>| trail.push("handler")
    };
    let server = with_hooks!(sync App::new(), trail, "app").get("/{id}", handler).build().await.unwrap();
    let reply = server.inject(Inject::get("/seven")).await;
    reply.assert_status(400);
    let way = [
        "app.on_request",
        "app.pre_parsing",
        "app.pre_validation",
        "app.on_error(400)",
        "app.on_send",
        "app.on_response(400)",
    ];
    assert_eq!(trail.take(), way);
    server.inject(Inject::get("/7")).await.assert_status(200);
    assert!(trail.take().contains(&"app.pre_handler".to_owned()));
}

#[tokio::test]
async fn a_broken_body_fails_between_pre_parsing_and_pre_validation() {
    let trail = Trail::default();
    let server = with_hooks!(sync App::new(), trail, "app").post("/", async |_: Bytes| "x").build().await.unwrap();
    let broken = [
        (Inject::post("/").header("content-length", "10").body("short"), 400),
        (Inject::post("/").header("transfer-encoding", "chunked").body("no chunk"), 400),
        (Inject::post("/").body(vec![0; 1024 * 1024 + 1]), 413),
    ];
    for (request, status) in broken {
        server.inject(request).await.assert_status(status);
        let way = [
            "app.on_request".to_owned(),
            "app.pre_parsing".into(),
            format!("app.on_error({status})"),
            "app.on_send".into(),
            format!("app.on_response({status})"),
        ];
        assert_eq!(trail.take(), way);
    }
}

#[tokio::test]
async fn headers_that_hooks_set_survive_errors() {
    let app = App::new()
        .on_request(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("access-control-allow-origin", "*").append_header("set-cookie", "a=1");
        })
        .error_handler(|req: &mut Request, error: Error| {
            let own = req.header("x-own").map(str::to_owned);
            match own {
                Some(_) => Ok((error.status(), [("x-own", "1")], "handled")),
                None => Err(error),
            }
        })
        .get("/", async || Err::<(), _>(Error::forbidden("no").with_header("x-error", "1")))
        .get("/panic", || -> &'static str { panic!("no") });
    let server = app.build().await.unwrap();
    for (path, status) in [("/", 403), ("/panic", 500), ("/missing", 404)] {
        for own in [true, false] {
            let request = Inject::get(path);
            let reply = server.inject(if own { request.header("x-own", "1") } else { request }).await;
            reply
                .assert_status(status)
                .assert_header("access-control-allow-origin", "*")
                .assert_header("set-cookie", "a=1");
            assert_eq!(reply.header("x-own"), own.then_some("1"));
            if path == "/" {
                reply.assert_header("x-error", "1");
            }
        }
    }
}

#[tokio::test]
async fn headers_that_hooks_set_survive_a_timeout() {
    let app = App::new()
        .limits(Limits::default().with_handler_timeout(std::time::Duration::ZERO))
        .on_request(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("access-control-allow-origin", "*");
        })
        .on_timeout(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("retry-after", "5");
        })
        .get("/", async |_: &mut Request, reply: &mut Reply| {
            reply.set_status(201).set_content_type("text/x-own").set_body("half of an answer");
            std::future::pending::<()>().await;
        });
    let reply = app.build().await.unwrap().inject(Inject::get("/")).await;
    reply.assert_status(503).assert_header("access-control-allow-origin", "*").assert_header("retry-after", "5");
    reply.assert_header("content-type", "application/json; charset=utf-8").assert_header("connection", "close");
    assert_eq!(reply.json::<serde_json::Value>()["code"], "FW_ERR_HANDLER_TIMEOUT");
}

#[tokio::test]
async fn an_on_error_hook_that_fails_hides_nothing() {
    let app = App::new()
        .on_error(|_: &mut Request, _: &Error| -> Result<()> { Err(Error::internal("the hook's own")) })
        .on_error(async |_: &mut Request, _: &Error| -> Result<()> { panic!("the hook's own") })
        .get("/", || Err::<(), _>(Error::conflict("the handler's")));
    let reply = app.build().await.unwrap().inject(Inject::get("/")).await;
    reply.assert_status(409).assert_text(r#"{"statusCode":409,"error":"Conflict","message":"the handler's"}"#);
}

#[tokio::test]
async fn an_on_response_hook_that_fails_hides_nothing() {
    let trail = Trail::default();
    let app = App::new()
        .on_response(|_: &mut Request, _: &fastweb::Completed| -> Result<()> { Err(Error::internal("too late")) })
        .on_response(async |_: &mut Request, _: &fastweb::Completed| -> Result<()> { panic!("too late") })
        .on_response(trail.response_hook("next"))
        .get("/", "x");
    let server = app.build().await.unwrap();
    for _ in 0..2 {
        server.inject(Inject::get("/")).await.assert_status(200).assert_text("x");
        assert_eq!(trail.take(), ["next(200)"]);
    }
}
