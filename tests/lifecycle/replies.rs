//! What hooks may change about a reply: `pre_serialization` the value, `on_send` everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;
use fastweb::{Payload, RawJson};
use serde_json::{Value, json};

fn wrap(_: &mut Request, payload: &mut Payload) -> Result<()> {
    let value: Value = payload.read()?;
    payload.replace(&json!({ "data": value }))
}

#[tokio::test]
async fn pre_serialization_sees_and_replaces_the_value() {
    #[derive(serde::Serialize)]
    struct User {
        id: u64,
        password: &'static str,
    }
    let hide = async |_: &mut Request, payload: &mut Payload| -> Result<()> {
        let mut value: Value = payload.read()?;
        value.as_object_mut().and_then(|user| user.remove("password"));
        payload.replace(&value)
    };
    let user = async || Json(User { id: 7, password: "secret" });
    let app = App::new()
        .pre_serialization(wrap)
        .get("/wrapped", async || Json([1, 2]))
        .get("/status", async || (StatusCode::CREATED, [("x-a", "1")], Json(1)))
        .get("/by-hand", async |_: &mut Request, reply: &mut Reply| reply.send(Json("by hand")))
        .get("/result", async || -> Result<Json<Option<u8>>> { Ok(Json(None)) })
        // The route's hook runs second: it sees what the application's made of the value.
        .route(get("/both", user).pre_serialization(|_: &mut Request, payload: &mut Payload| -> Result<()> {
            let value: Value = payload.read()?;
            assert_eq!(value["data"]["id"], 7);
            payload.replace(&value["data"]["id"])
        }));
    let server = app.build().await.unwrap();
    for (path, status, text) in [
        ("/wrapped", 200, r#"{"data":[1,2]}"#),
        ("/status", 201, r#"{"data":1}"#),
        ("/by-hand", 200, r#"{"data":"by hand"}"#),
        ("/result", 200, r#"{"data":null}"#),
        ("/both", 200, "7"),
    ] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(status).assert_text(text).assert_header("content-type", "application/json; charset=utf-8");
        reply.assert_header("content-length", &text.len().to_string());
    }
    let server = App::new().route(get("/", user).pre_serialization(hide)).build().await.unwrap();
    server.inject(Inject::get("/")).await.assert_text(r#"{"id":7}"#);
}

#[tokio::test]
async fn a_reply_that_was_made_of_a_value_is_a_value() {
    let app = App::new()
        .pre_serialization(wrap)
        .get("/reply", async || Reply::json(&1).map(|reply| reply.with_status(201)))
        .get("/constant", Json(1));
    let server = app.build().await.unwrap();
    server.inject(Inject::get("/reply")).await.assert_status(201).assert_text(r#"{"data":1}"#);
    server.inject(Inject::get("/constant")).await.assert_text(r#"{"data":1}"#);
}

#[tokio::test]
async fn a_value_that_no_hook_replaces_is_sent_as_its_type_was_serialised() {
    #[derive(serde::Serialize)]
    struct Reading {
        zulu: f32,
        alpha: u64,
        mike: Option<()>,
    }
    let reading = || Json(Reading { zulu: 0.1, alpha: u64::MAX, mike: None });
    let look = |_: &mut Request, payload: &mut Payload| payload.read::<Value>().map(drop);
    let server = App::new().pre_serialization(look).get("/", reading).build().await.unwrap();
    let expected = r#"{"zulu":0.1,"alpha":18446744073709551615,"mike":null}"#;
    server.inject(Inject::get("/")).await.assert_text(expected);
}

#[tokio::test]
async fn what_is_no_value_skips_pre_serialization() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = {
        let calls = calls.clone();
        move |_: &mut Request, _: &mut Payload| {
            calls.fetch_add(1, Ordering::Relaxed);
        }
    };
    let app = App::new()
        .pre_serialization(count)
        .get("/constant", "text")
        .get("/text", async || "text")
        .get("/string", || String::from("text"))
        .get("/bytes", || Bytes::from_static(b"text"))
        .get("/vec", || b"text".to_vec())
        .get("/stream", || Body::from_reader(&b"text"[..], None))
        .get("/raw", || -> RawJson { Json::raw("text") })
        .get("/empty", || ())
        .get("/status", || StatusCode::ACCEPTED)
        .get("/no-content", || NoContent)
        .get("/error", || Err::<Json<u8>, _>(Error::bad_request("no")))
        .get("/value", || Json(1));
    let server = app.build().await.unwrap();
    for path in ["/constant", "/text", "/string", "/bytes", "/vec", "/stream", "/raw"] {
        server.inject(Inject::get(path)).await.assert_status(200).assert_text("text");
    }
    for path in ["/empty", "/status", "/no-content"] {
        server.inject(Inject::get(path)).await.assert_text("");
    }
    server.inject(Inject::get("/error")).await.assert_status(400);
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    server.inject(Inject::get("/value")).await.assert_text("1");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

/// What `on_send` meets: every kind of body, a constant one and errors included.
fn app_with_every_kind(hook: impl Fn(&mut Request, &mut Reply) + Send + Sync + 'static) -> App {
    App::new()
        .on_send(hook)
        .get("/constant", ([("x-own", "1")], "text"))
        .get("/text", || ([("x-own", "1")], "text"))
        .get("/string", || ([("x-own", "1")], String::from("text")))
        .get("/json", || ([("x-own", "1")], Json("text")))
        .get("/stream", || ([("x-own", "1")], Body::from_reader(&b"text"[..], None)))
        .get("/empty", || ([("x-own", "1")], ()))
        .get("/error", || Err::<(), _>(Error::conflict("text").with_header("x-own", "1")))
        .get("/panic", || -> &'static str { panic!("text") })
}

const KINDS: [&str; 9] =
    ["/constant", "/text", "/string", "/json", "/stream", "/empty", "/error", "/panic", "/missing"];

#[tokio::test]
async fn on_send_changes_status_headers_and_body() {
    let app = app_with_every_kind(|_: &mut Request, reply: &mut Reply| {
        reply.set_status(299).remove_header("x-own").set_header("x-sent", "1").set_content_type("text/x-sent");
        reply.set_body("changed");
    });
    let server = app.build().await.unwrap();
    // Twice: a constant answer is the same the second time.
    for path in KINDS.into_iter().chain(KINDS) {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(299).assert_text("changed").assert_header("content-type", "text/x-sent");
        reply.assert_header("x-sent", "1").assert_header("content-length", "7");
        assert_eq!(reply.header("x-own"), None, "{path}");
    }
}

#[tokio::test]
async fn on_send_may_change_one_thing_and_leave_the_rest() {
    let app = app_with_every_kind(|req: &mut Request, reply: &mut Reply| match req.header("x-what") {
        Some("status") => drop(reply.set_status(StatusCode::ACCEPTED)),
        Some("header") => drop(reply.set_header("x-sent", "1")),
        Some("type") => drop(reply.set_content_type("text/x-sent")),
        Some("body") => drop(reply.set_body("changed")),
        _ => {}
    });
    let server = app.build().await.unwrap();
    for path in ["/constant", "/text", "/string", "/json", "/stream", "/empty"] {
        let (content_type, text) = match path {
            "/json" => (Some("application/json; charset=utf-8"), "\"text\""),
            "/stream" => (None, "text"),
            "/empty" => (None, ""),
            _ => (Some("text/plain; charset=utf-8"), "text"),
        };
        for what in ["status", "header", "type", "body", "nothing"] {
            let reply = server.inject(Inject::get(path).header("x-what", what)).await;
            reply.assert_status(if what == "status" { 202 } else { 200 });
            reply.assert_header("x-own", "1");
            reply.assert_text(if what == "body" { "changed" } else { text });
            let expected = if what == "type" { Some("text/x-sent") } else { content_type };
            assert_eq!(reply.header("content-type"), expected, "{path} {what}");
            assert_eq!(reply.header("x-sent").is_some(), what == "header", "{path} {what}");
        }
    }
}

#[tokio::test]
async fn on_send_sees_the_reply() {
    let app = app_with_every_kind(|_: &mut Request, reply: &mut Reply| {
        let seen = format!(
            "{} {:?} {:?} {:?} {}",
            reply.status().as_u16(),
            reply.content_type(),
            reply.header("x-own"),
            reply.body_bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            reply.headers().len()
        );
        reply.set_header("x-seen", seen);
    });
    let server = app.build().await.unwrap();
    for (path, seen) in [
        ("/constant", r#"200 Some("text/plain; charset=utf-8") Some("1") Some("text") 1"#),
        ("/text", r#"200 Some("text/plain; charset=utf-8") Some("1") Some("text") 1"#),
        ("/string", r#"200 Some("text/plain; charset=utf-8") Some("1") Some("text") 1"#),
        ("/json", r#"200 Some("application/json; charset=utf-8") Some("1") Some("\"text\"") 1"#),
        ("/stream", r#"200 None Some("1") None 1"#),
        ("/empty", r#"200 None Some("1") Some("") 1"#),
    ] {
        server.inject(Inject::get(path)).await.assert_header("x-seen", seen);
    }
    let reply = server.inject(Inject::get("/error")).await;
    assert!(
        reply
            .header("x-seen")
            .is_some_and(|seen| seen.starts_with(r#"409 Some("application/json; charset=utf-8") Some("1")"#))
    );
}

/// A constant answer is kept apart from what hooks set before it. It must come out as the same answer from a function does.
#[tokio::test]
async fn a_constant_meets_what_hooks_have_set_as_a_function_does() {
    for header in ["x-own", "content-type", "set-cookie", "x-other", "connection"] {
        let app = App::new()
            .on_request(move |_: &mut Request, reply: &mut Reply| {
                reply.set_header(header, if header == "connection" { "close" } else { "hook" });
            })
            .get("/constant", ([("x-own", "1"), ("set-cookie", "a=1")], "text"))
            .get("/function", || ([("x-own", "1"), ("set-cookie", "a=1")], "text"))
            .get("/constant-status", (StatusCode::CREATED, "text"))
            .get("/function-status", || (StatusCode::CREATED, "text"))
            .get("/constant-type", ([("content-type", "text/x-own")], "text"))
            .get("/function-type", || ([("content-type", "text/x-own")], "text"));
        let server = app.build().await.unwrap();
        for what in ["", "-status", "-type"] {
            let constant = server.inject(Inject::get(format!("/constant{what}"))).await;
            let function = server.inject(Inject::get(format!("/function{what}"))).await;
            assert_eq!(constant.status(), function.status());
            assert_eq!(constant.text(), function.text());
            let sorted = |reply: &fastweb::InjectReply| {
                let mut headers: Vec<(String, String)> =
                    reply.headers().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
                headers.retain(|(name, _)| name != "date");
                headers.sort();
                headers
            };
            assert_eq!(sorted(&constant), sorted(&function), "{header}{what}");
        }
    }
}

#[tokio::test]
async fn a_status_that_a_hook_has_set_meets_constants_as_functions() {
    let app = App::new()
        .on_request(|_: &mut Request, reply: &mut Reply| {
            reply.set_status(202);
        })
        .get("/constant", "text")
        .get("/function", || "text")
        .get("/constant-status", (StatusCode::CREATED, "text"))
        .get("/function-status", || (StatusCode::CREATED, "text"));
    let server = app.build().await.unwrap();
    for (path, status) in [("/function", 202), ("/constant", 202), ("/function-status", 201), ("/constant-status", 201)]
    {
        server.inject(Inject::get(path)).await.assert_status(status);
    }
}
