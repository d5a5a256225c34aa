//! The version that a request asks for, and `vary`.

use fastweb::prelude::*;

fn ask(path: &str, version: &str) -> Inject {
    let request = Inject::get(path);
    if version.is_empty() { request } else { request.header("accept-version", version) }
}

#[tokio::test]
async fn a_number_or_a_range() {
    let server = App::new().route(get("/", "x").version("1.2.3")).build().await.unwrap();
    for version in ["1.2.3", "1.2.x", "1.2", "1.x", "1", "*", "^1.2", "~1.2.0", ">=1, <2", " 1.2.3 "] {
        server.inject(ask("/", version)).await.assert_status(200).assert_header("vary", "accept-version");
    }
    let long = "1.".repeat(4000);
    for version in ["1.2.4", "2.x", "<1", "one", "1.2.3.4", ">=", ",", "1.2.3-beta", long.as_str()] {
        server.inject(ask("/", version)).await.assert_status(404).assert_header("vary", "accept-version");
    }
    server.inject(ask("/", "")).await.assert_status(404).assert_header("vary", "accept-version");
}

/// Whoever keeps answers has to know for whom else they are.
#[tokio::test]
async fn whatever_a_version_was_looked_at_for_varies() {
    let fails = |_: &mut Request, _: &mut Reply| -> Result<()> { Err(Error::conflict("no")) };
    let early = |_: &mut Request| Flow::reply("early");
    let app = App::new()
        .route(get("/fails", "x").version("1.0.0").on_request(fails))
        .route(get("/early", "x").version("1.0.0").on_request(early))
        .route(get("/own", ([("vary", "origin")], "x")).version("1.0.0"))
        .get("/plain", "x")
        .scope("/custom", |custom| {
            custom.not_found((StatusCode::NOT_FOUND, "nothing")).route(get("/", "x").version("1.0.0"))
        });
    let server = app.build().await.unwrap();
    for (request, status) in [
        (ask("/fails", "1"), 409),
        (ask("/early", "1"), 200),
        (ask("/early", "2"), 404),
        (ask("/custom", "1"), 200),
        (ask("/custom", "2"), 404),
        (Inject::put("/early").header("accept-version", "1"), 405),
        (Inject::options("/early").header("accept-version", "1"), 204),
        (Inject::head("/early").header("accept-version", "1"), 200),
    ] {
        let shown = format!("{request:?}");
        let reply = server.inject(request).await;
        assert_eq!(reply.header("vary"), Some("accept-version"), "{shown}");
        reply.assert_status(status);
    }
    // Beside what the handler says itself.
    let reply = server.inject(ask("/own", "1")).await;
    let vary: Vec<&str> = reply.headers().filter(|(name, _)| *name == "vary").map(|(_, value)| value).collect();
    assert_eq!(vary, ["origin", "accept-version"]);
    // Nobody has looked at a version.
    assert_eq!(server.inject(ask("/plain", "1")).await.assert_status(200).header("vary"), None);
    let server = App::new().get("/plain", "x").build().await.unwrap();
    assert_eq!(server.inject(ask("/nowhere", "1")).await.assert_status(404).header("vary"), None);
}
