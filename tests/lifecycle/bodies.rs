//! Bodies on their way to the handler: what hooks see of them, and what they may put in their place.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastweb::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Name {
    name: String,
}

/// Puts the body in upper case: stands for everything that decodes.
async fn upper_case(req: &mut Request) -> Result<()> {
    let body = req.take_body().bytes().await?;
    req.set_body(body.to_ascii_uppercase());
    Ok(())
}

#[tokio::test]
async fn pre_parsing_replaces_the_body_for_every_reader() {
    let app = App::new()
        .pre_parsing(upper_case)
        .post("/bytes", async |body: Bytes| body)
        .post("/string", async |body: String| body)
        .post("/body", async |body: Body| body)
        .post("/json", async |name: Json<String>| name.0)
        .post("/request", async |req: &mut Request| req.text().await);
    let server = app.build().await.unwrap();
    for path in ["/bytes", "/string", "/body", "/json", "/request"] {
        let request = || Inject::post(path).header("content-type", "application/json");
        server.inject(request().body(r#""name""#)).await.assert_status(200);
        let whole = server.inject(request().body(r#""name""#)).await;
        let chunked =
            server.inject(request().header("transfer-encoding", "chunked").body("3\r\n\"na\r\n3\r\nme\"\r\n0\r\n\r\n"));
        for reply in [whole, chunked.await] {
            reply.assert_status(200).assert_text(if path == "/json" { "NAME" } else { r#""NAME""# });
        }
    }
}

#[tokio::test]
async fn pre_parsing_hooks_work_on_what_the_one_before_left() {
    let app = App::new().pre_parsing(upper_case).route(post("/", async |body: String| body).pre_parsing(
        async |req: &mut Request| -> Result<()> {
            let body = req.text().await?;
            req.set_body(format!("{body}!"));
            Ok(())
        },
    ));
    app.build().await.unwrap().inject(Inject::post("/").body("hey")).await.assert_text("HEY!");
}

#[tokio::test]
async fn a_body_that_a_hook_has_looked_at_is_still_there() {
    let app = App::new()
        .on_request(async |req: &mut Request| req.bytes().await.map(drop))
        .pre_validation(async |req: &mut Request| -> Result<()> {
            let name: Name = req.json().await?;
            assert_eq!(name.name, "ada");
            Ok(())
        })
        .post("/", async |Json(name): Json<Name>| name.name);
    let server = app.build().await.unwrap();
    server.inject(Inject::post("/").json(&Name { name: "ada".into() })).await.assert_text("ada");
}

#[tokio::test]
async fn a_body_that_a_hook_has_taken_is_gone() {
    let app = App::new()
        .on_request(async |req: &mut Request| drop(req.take_body()))
        .post("/", async |body: Bytes| body.len().to_string());
    app.build().await.unwrap().inject(Inject::post("/").body("12345")).await.assert_text("0");
}

#[tokio::test]
async fn a_body_that_grows_in_pre_parsing_meets_the_limit() {
    // What a decompressing hook does: the length is not known, and is large.
    fn bomb(req: &mut Request) {
        req.set_body(Body::from_reader(tokio::io::AsyncReadExt::take(tokio::io::repeat(b'0'), 100_000), None));
    }
    let app = App::new()
        .body_limit(50_000)
        .route(post("/whole", async |body: Bytes| body.len().to_string()).pre_parsing(bomb))
        .route(
            post("/stream", async |mut body: Body| body.bytes().await.map(|body| body.len().to_string()))
                .pre_parsing(bomb),
        )
        .route(post("/known", async |body: Bytes| body.len().to_string()).pre_parsing(|req: &mut Request| {
            req.set_body(vec![b'0'; 100_000]);
        }));
    let server = app.build().await.unwrap();
    for path in ["/known", "/whole", "/stream"] {
        server.inject(Inject::post(path).body("small")).await.assert_status(413);
    }
}

#[tokio::test]
async fn hooks_that_read_the_body_before_parsing_meet_the_limit_too() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = seen.clone();
    let count = move |req: &mut Request| {
        // The closure is synchronous and the body is read later: counts what a handler of the hook's making would hold.
        let counted = counted.clone();
        let mut body = req.take_body();
        async move {
            while let Some(chunk) = body.chunk().await? {
                counted.fetch_add(chunk.len(), Ordering::Relaxed);
            }
            Ok::<_, Error>(())
        }
    };
    let server = App::new()
        .body_limit(1000)
        .on_request(async move |req: &mut Request| -> Result<()> { count(req).await })
        .post("/", "x")
        .build()
        .await
        .unwrap();
    let announced = Inject::post("/").body(vec![b'x'; 100_000]);
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", 100_000, "x".repeat(100_000));
    let chunked = Inject::post("/").header("transfer-encoding", "chunked").body(chunk);
    for request in [announced, chunked] {
        seen.store(0, Ordering::Relaxed);
        server.inject(request).await.assert_status(413);
        let seen = seen.load(Ordering::Relaxed);
        assert!(seen <= 1000, "a hook read {seen} bytes of a body that may have 1000");
    }
}
