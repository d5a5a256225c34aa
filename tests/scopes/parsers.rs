//! Content-type parsers: the most precise of all that are in force, and of those the nearest.

use fastweb::prelude::*;
use serde_json::{Value, json};

/// A parser that tells its name.
fn named(name: &'static str) -> impl Fn(&mut Request, Bytes) -> String {
    move |_, body| json!([name, String::from_utf8_lossy(&body)]).to_string()
}

async fn show(Json(value): Json<Value>) -> String {
    value[0].as_str().unwrap_or("none").to_owned()
}

async fn answer(server: &Server, path: &str, media_type: &str) -> String {
    let request = Inject::post(path).body("[\"json\"]");
    let reply =
        server.inject(if media_type.is_empty() { request } else { request.header("content-type", media_type) }).await;
    if reply.status() == 200 { reply.text().to_owned() } else { reply.status().as_u16().to_string() }
}

#[tokio::test]
async fn the_precise_before_the_family_before_all_and_the_nearest_of_each() {
    let app = App::new()
        .content_type_parser("text/csv", named("app csv"))
        .content_type_parser("text/*", named("app text"))
        .post("/", show)
        .scope("/scope", |scope| {
            scope
                .content_type_parser("*", named("scope all"))
                .content_type_parser("text/*", named("scope text"))
                .post("/", show)
                .scope("/in", |inner| inner.content_type_parser("Text/CSV", named("inner csv")).post("/", show))
        })
        .scope("/beside", |beside| beside.post("/", show));
    let server = app.build().await.unwrap();
    for (path, media_type, expected) in [
        ("/", "text/csv", "app csv"),
        ("/", "TEXT/csv; charset=utf-8", "app csv"),
        ("/", "text/csv ;header=present", "app csv"),
        ("/", "text/html", "app text"),
        ("/", "image/png", "415"),
        ("/", "", "415"),
        ("/", "application/json", "json"),
        // The nearer family does not go before what is meant exactly.
        ("/scope", "text/csv", "app csv"),
        ("/scope", "text/html", "scope text"),
        ("/scope", "image/png", "scope all"),
        ("/scope", "garbage", "scope all"),
        ("/scope", "", "scope all"),
        ("/scope", "application/json", "json"),
        ("/scope", "application/vnd.api+json", "json"),
        ("/scope/in", "text/csv", "inner csv"),
        ("/scope/in", "text/html", "scope text"),
        ("/scope/in", "image/png", "scope all"),
        ("/beside", "text/csv", "app csv"),
        ("/beside", "text/html", "app text"),
        ("/beside", "image/png", "415"),
    ] {
        assert_eq!(answer(&server, path, media_type).await, expected, "{path} {media_type:?}");
    }
}

#[tokio::test]
async fn of_one_scope_the_last_that_was_added() {
    let app = App::new()
        .content_type_parser("text/csv", named("first"))
        .content_type_parser("text/csv", named("second"))
        .content_type_parser("application/*+xml", named("xml"))
        .content_type_parser("application/*", named("application"))
        .post("/", show);
    let server = app.build().await.unwrap();
    assert_eq!(answer(&server, "/", "text/csv").await, "second");
    assert_eq!(answer(&server, "/", "application/atom+xml").await, "application");
    assert_eq!(answer(&server, "/", "application/yaml").await, "application");
}

#[tokio::test]
async fn they_may_wait_and_may_fail() {
    let parser = async |req: &mut Request, body: Bytes| -> Result<Value> {
        tokio::task::yield_now().await;
        let key = req.header("x-key").ok_or_else(|| Error::bad_request("no key"))?;
        if body.is_empty() {
            return Err(Error::new(422, "nothing to read"));
        }
        Ok(json!([format!("{key} {}", body.len())]))
    };
    let app = App::new()
        .content_type_parser("text/keyed", parser)
        .content_type_parser("text/broken", |_: &mut Request, _: Bytes| "{")
        .content_type_parser("text/panics", |_: &mut Request, _: Bytes| -> String { panic!("no") })
        .content_type_parser("text/std", |_: &mut Request, _: Bytes| -> Result<String> {
            Ok("x".parse::<u8>()?.to_string())
        })
        .post("/", show);
    let server = app.build().await.unwrap();
    let request = |media_type: &str, body: &str| Inject::post("/").header("content-type", media_type).body(body);
    server.inject(request("text/keyed", "four").header("x-key", "k")).await.assert_status(200).assert_text("k 4");
    let reply = server.inject(request("text/keyed", "four")).await;
    assert_eq!(reply.assert_status(400).json::<Value>()["message"], "no key");
    server.inject(request("text/keyed", "").header("x-key", "k")).await.assert_status(422);
    // What a parser makes has to be JSON like any other body.
    let reply = server.inject(request("text/broken", "x")).await;
    assert_eq!(reply.assert_status(400).json::<Value>()["code"], "FW_ERR_INVALID_JSON");
    server.inject(request("text/panics", "x")).await.assert_status(500);
    server.inject(request("text/std", "x")).await.assert_status(500);
    // And the next request on the same memory is none of theirs.
    for _ in 0..3 {
        server.inject(request("image/png", "x")).await.assert_status(415);
        assert_eq!(answer(&server, "/", "application/json").await, "json");
    }
}

#[tokio::test]
async fn they_run_between_the_hooks_that_see_the_body_before_and_behind() {
    let note = |req: &Request, reply: &mut Reply, name: &str| {
        let text = req.extensions().get::<String>().cloned().unwrap_or_default();
        reply.append_header(name, text);
    };
    let app = App::new()
        .content_type_parser("text/upper", |req: &mut Request, body: Bytes| {
            req.extensions_mut().insert(String::from("parsed"));
            format!("[{:?}]", String::from_utf8_lossy(&body).to_uppercase())
        })
        .pre_parsing(async move |req: &mut Request, reply: &mut Reply| -> Result<()> {
            note(req, reply, "x-before");
            let body = req.text().await?;
            req.set_body(format!("{body}!"));
            Ok(())
        })
        .pre_validation(async move |req: &mut Request, reply: &mut Reply| -> Result<()> {
            note(req, reply, "x-behind");
            let text = req.text().await?;
            reply.append_header("x-body", text);
            Ok(())
        })
        .post("/", show);
    let reply =
        app.build().await.unwrap().inject(Inject::post("/").header("content-type", "text/upper").body("abc")).await;
    reply.assert_status(200).assert_text("ABC!").assert_header("x-before", "").assert_header("x-behind", "parsed");
    reply.assert_header("x-body", r#"["ABC!"]"#);
}

#[tokio::test]
async fn bodies_that_nobody_wants_whole_are_not_parsed() {
    let app = App::new()
        .content_type_parser("*", |_: &mut Request, _: Bytes| -> String { panic!("nobody wants it") })
        .post("/unread", "x")
        .post("/stream", async |mut body: Body| body.bytes().await)
        .get("/none", show)
        .not_found("nothing here");
    let server = app.build().await.unwrap();
    for path in ["/unread", "/stream", "/nowhere"] {
        let request = Inject::post(path).header("content-type", "image/png").body("x");
        server.inject(request).await.assert_status(200);
    }
    server.inject(Inject::get("/none")).await.assert_status(415);
}

#[tokio::test]
async fn a_body_over_the_limit_reaches_no_parser() {
    let app = App::new()
        .body_limit(4)
        .content_type_parser("text/*", |_: &mut Request, body: Bytes| {
            assert!(body.len() <= 4, "too long for the route");
            // What a parser makes may be longer than what it was given.
            "[\"a long text\"]"
        })
        .post("/", show);
    let server = app.build().await.unwrap();
    server.inject(Inject::post("/").header("content-type", "text/a").body("1234")).await.assert_text("a long text");
    server.inject(Inject::post("/").header("content-type", "text/a").body("12345")).await.assert_status(413);
}

#[tokio::test]
async fn in_fastify_mode_suffixes_mean_nothing() {
    let app = App::new().fastify_mode().content_type_parser("*", named("all")).post("/", show);
    let server = app.build().await.unwrap();
    assert_eq!(answer(&server, "/", "application/vnd.api+json").await, "all");
    assert_eq!(answer(&server, "/", "application/json").await, "json");
}
