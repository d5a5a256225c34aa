//! Files of the program.

use fastweb::prelude::*;

use crate::build;

#[derive(rust_embed::Embed)]
#[folder = "tests/static_files/assets/"]
struct Assets;

#[tokio::test]
async fn they_are_files_like_others() {
    let app = App::new()
        .plugin(StaticFiles::embedded::<Assets>("/a").precompressed())
        .plugin(StaticFiles::embedded::<Assets>("/spa").spa("index.html"));
    let server = build(app).await;
    let content = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/static_files/assets/app.js")).unwrap();
    let reply = server.inject(Inject::get("/a/app.js")).await;
    reply.assert_status(200).assert_header("content-type", "text/javascript; charset=utf-8");
    assert!(reply.body() == content);
    let tag = reply.header("etag").unwrap().to_owned();
    server.inject(Inject::get("/a/app.js").header("if-none-match", &tag)).await.assert_status(304);
    let part = server.inject(Inject::get("/a/app.js").header("range", "bytes=1-3")).await;
    part.assert_status(206);
    assert!(part.body() == &content[1..4]);
    let parts = server.inject(Inject::get("/a/app.js").header("range", "bytes=0-0,-1")).await;
    assert!(parts.assert_status(206).header("content-type").unwrap().starts_with("multipart/byteranges"));
    let head = server.inject(Inject::head("/a/app.js")).await;
    head.assert_status(200).assert_header("content-length", &content.len().to_string()).assert_text("");
    let gzip = server.inject(Inject::get("/a/app.js").header("accept-encoding", "gzip")).await;
    gzip.assert_header("content-encoding", "gzip");
    assert_ne!(gzip.header("etag"), Some(tag.as_str()));
    server.inject(Inject::get("/a")).await.assert_status(301).assert_header("location", "./a/");
    server
        .inject(Inject::get("/a/"))
        .await
        .assert_status(200)
        .assert_header("content-type", "text/html; charset=utf-8");
    server.inject(Inject::get("/a/none")).await.assert_status(404);
    server.inject(Inject::get("/a/../main.rs")).await.assert_status(400);
    server.inject(Inject::get("/spa/users/7")).await.assert_status(200);
    server.inject(Inject::get("/spa/none.js")).await.assert_status(404);
}
