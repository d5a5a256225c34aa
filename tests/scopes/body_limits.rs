//! The most bytes that a body may have: the route's word, then the nearest scope's.

use fastweb::prelude::*;

#[tokio::test]
async fn the_route_decides_then_the_nearest_scope() {
    let echo = async |body: Bytes| body;
    let app = App::new()
        .post("/", echo)
        .body_limit(8)
        .scope("/tight", |tight| {
            tight.body_limit(2).post("/", echo).scope("/in", |inner| inner.post("/", echo)).route(
                // A route may have more than its scope.
                post("/upload", echo).body_limit(64),
            )
        })
        .scope("/wide", |wide| wide.body_limit(u64::MAX).post("/", echo))
        .scope("/none", |none| none.post("/", echo).route(post("/nothing", echo).body_limit(0)));
    let server = app.build().await.unwrap();
    for (path, limit) in
        [("/", 8), ("/tight", 2), ("/tight/in", 2), ("/tight/upload", 64), ("/none", 8), ("/none/nothing", 0)]
    {
        server.inject(Inject::post(path).body(vec![b'x'; limit])).await.assert_status(200);
        let over = vec![b'x'; limit + 1];
        server.inject(Inject::post(path).body(over.clone())).await.assert_status(413);
        let chunks = [format!("{:x}\r\n", over.len()).as_bytes(), &over, b"\r\n0\r\n\r\n"].concat();
        let chunked = Inject::post(path).header("transfer-encoding", "chunked").body(chunks);
        server.inject(chunked).await.assert_status(413);
    }
    server.inject(Inject::post("/wide").body(vec![b'x'; 2 << 20])).await.assert_status(200);
}

#[tokio::test]
async fn streams_have_it_too_and_what_nobody_reads_has_none() {
    let count = async |mut body: Body| -> Result<String> {
        let mut count = 0;
        while let Some(part) = body.chunk().await? {
            count += part.len();
        }
        Ok(count.to_string())
    };
    let app = App::new().scope("/small", |small| small.body_limit(4).post("/stream", count).post("/unread", "x"));
    let server = app.build().await.unwrap();
    server.inject(Inject::post("/small/stream").body("1234")).await.assert_status(200).assert_text("4");
    server.inject(Inject::post("/small/stream").body("12345")).await.assert_status(413);
    server.inject(Inject::post("/small/unread").body("12345")).await.assert_status(413);
}
