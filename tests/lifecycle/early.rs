//! Answers that come before the handler's turn.

use fastweb::Payload;
use fastweb::prelude::*;

use crate::trail::{Trail, Validated, with_hooks};

const SYNC: &[&str] = &[
    "app.on_request",
    "route.on_request",
    "app.pre_parsing",
    "route.pre_parsing",
    "app.pre_validation",
    "route.pre_validation",
    "validation",
    "app.pre_handler",
    "route.pre_handler",
];

macro_rules! server {
    ($color:tt, $trail:expr) => {{
        let handler = {
            let trail = $trail.clone();
            move |_: Validated| {
                trail.push("handler");
                Json(1)
            }
        };
        let route = with_hooks!($color get("/", handler), $trail, "route");
        with_hooks!($color App::new(), $trail, "app").state($trail.clone()).route(route).build().await.unwrap()
    }};
}

fn reply_at(step: &str) -> Inject {
    Inject::get("/").header("x-at", step).header("x-do", "reply")
}

/// The steps up to `step`, then `on_send` and `on_response` of the reply.
fn cut_short(step: &str) -> Vec<String> {
    let at = SYNC.iter().position(|&candidate| candidate == step).unwrap();
    let end = ["app.on_send", "route.on_send", "app.on_response(202)", "route.on_response(202)"];
    SYNC[..=at].iter().chain(&end).map(|&step| step.to_owned()).collect()
}

#[tokio::test]
async fn a_reply_from_any_hook_skips_what_is_between() {
    let trail = Trail::default();
    let (sync, asynchronous) = (server!(sync, trail), server!(async, trail));
    for step in SYNC.iter().filter(|&&step| step != "validation") {
        for server in [&sync, &asynchronous] {
            let reply = server.inject(reply_at(step)).await;
            reply.assert_status(202).assert_text(&format!("early from {step}"));
            reply.assert_header("content-type", "text/plain; charset=utf-8");
            assert_eq!(trail.take(), cut_short(step), "{step}");
        }
    }
    // And the next request goes all the way.
    sync.inject(Inject::get("/")).await.assert_status(200).assert_text("1");
}

#[tokio::test]
async fn a_reply_from_on_send_takes_the_place_of_the_handlers() {
    let trail = Trail::default();
    let (sync, asynchronous) = (server!(sync, trail), server!(async, trail));
    for server in [&sync, &asynchronous] {
        let reply = server.inject(reply_at("app.on_send")).await;
        reply.assert_status(202).assert_text("early from app.on_send");
        let steps = trail.take();
        let end = steps[steps.len() - 3..].join(" ");
        // No later hook of its kind.
        assert_eq!(end, "app.on_send app.on_response(202) route.on_response(202)");
        assert!(steps.contains(&"handler".to_owned()));

        let reply = server.inject(reply_at("route.on_send")).await;
        reply.assert_status(202).assert_text("early from route.on_send");
        trail.take();
    }
}

#[tokio::test]
async fn an_early_reply_may_be_any_answer() {
    let app = App::new()
        .on_request(|req: &mut Request| -> Result<Flow> {
            match req.path() {
                "/json" => Flow::reply(Json([1, 2])),
                "/status" => Flow::reply(StatusCode::IM_A_TEAPOT),
                "/tuple" => Flow::reply((StatusCode::FOUND, [("location", "/json")], "moved")),
                "/stream" => Flow::reply(Body::from_reader(&b"streamed"[..], None)),
                "/reply" => Ok(Flow::Reply(Reply::text("made by hand").with_status(203))),
                "/none" => Flow::reply(None::<&str>),
                "/error" => Flow::reply(Err::<&str, _>(Error::forbidden("not you"))),
                _ => Ok(Flow::Continue),
            }
        })
        .get("/{any}", "the handler's");
    let server = app.build().await.unwrap();
    let cases = [
        ("/json", 200, "[1,2]"),
        ("/status", 418, ""),
        ("/tuple", 302, "moved"),
        ("/stream", 200, "streamed"),
        ("/reply", 203, "made by hand"),
        ("/none", 404, r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#),
        ("/error", 403, r#"{"statusCode":403,"error":"Forbidden","message":"not you"}"#),
        ("/other", 200, "the handler's"),
    ];
    for (path, status, text) in cases {
        server.inject(Inject::get(path)).await.assert_status(status).assert_text(text);
    }
    server.inject(Inject::get("/tuple")).await.assert_header("location", "/json");
}

#[tokio::test]
async fn hooks_may_return_what_they_need_to() {
    fn nothing(_: &mut Request) {}
    fn decides(_: &mut Request, _: &mut Reply) -> Flow {
        Flow::Continue
    }
    async fn fails(_: &mut Request) -> Result<()> {
        Ok(())
    }
    async fn fails_with_its_own(_: &mut Request, _: &mut Reply) -> Result<(), std::num::ParseIntError> {
        Ok(())
    }
    let app = App::new()
        .on_request(nothing)
        .pre_parsing(decides)
        .pre_validation(fails)
        .pre_handler(fails_with_its_own)
        .on_send(async |_: &mut Request| {})
        .get("/", "x");
    app.build().await.unwrap().inject(Inject::get("/")).await.assert_text("x");
}

#[tokio::test]
async fn headers_that_hooks_set_stay_on_an_early_reply() {
    let app = App::new()
        .on_request(|_: &mut Request, reply: &mut Reply| {
            reply.set_header("x-request", "1").set_header("x-both", "hook");
        })
        .pre_handler(|_: &mut Request| Flow::reply(([("x-both", "early")], "early")))
        .get("/", "x");
    let reply = app.build().await.unwrap().inject(Inject::get("/")).await;
    reply.assert_text("early").assert_header("x-request", "1");
    assert_eq!(reply.headers().filter(|(name, _)| *name == "x-both").collect::<Vec<_>>(), [("x-both", "early")]);
}

/// A client that announced a body and is answered before it was read: the body is read away, and the next request is served.
#[tokio::test]
async fn an_early_reply_leaves_the_body_unread() {
    let app = App::new()
        .on_request(|req: &mut Request| match req.header("x-early") {
            Some(_) => Flow::reply("early"),
            None => Ok(Flow::Continue),
        })
        .post("/", async |body: Bytes| body.len().to_string());
    let server = app.build().await.unwrap();
    let reply = server.inject(Inject::post("/").header("x-early", "1").body(vec![b'x'; 200_000])).await;
    reply.assert_status(200).assert_text("early");
    server.inject(Inject::post("/").body(vec![b'x'; 200_000])).await.assert_text("200000");
}

#[tokio::test]
async fn a_reply_from_pre_serialization_takes_the_place_of_the_value() {
    let instead = |_: &mut Request, value: &mut Payload| -> Result<Flow> {
        match value.read::<u32>()? {
            1 => Flow::reply((StatusCode::ACCEPTED, "instead")),
            _ => Ok(Flow::Continue),
        }
    };
    let app = App::new().pre_serialization(instead).get("/{n}", |Path(n): Path<u32>| Json(n));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/1")).await.assert_status(202).assert_text("instead");
    server.inject(Inject::get("/2")).await.assert_status(200).assert_text("2");
}
