//! Arbitrary bytes on a connection. It must end, without a panic, and what it says must begin like an answer.
//!
//! The first byte of the input says how much of the rest arrives at a time.

#![no_main]

use std::time::Duration;

use fastweb_core::{App, Body, Bytes, Headers, Json, Path, Query, Request, Result, Server, Text};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

/// Every way of taking a body and of answering.
fn app() -> App {
    App::new()
        .get("/", "constant")
        .get("/things/{id}", async |Path(id): Path<Text>| id)
        .get("/query", |Query(pairs): Query<Vec<(String, String)>>| pairs.len().to_string())
        .get("/headers", |headers: Headers| headers.len().to_string())
        .post("/", async |body: Body| body)
        .post("/bytes", |body: Bytes| body)
        .post("/json", |Json(numbers): Json<Vec<i64>>| Json(numbers))
        .post("/ignored", "not read")
        .post("/early", async |req: &mut Request| -> Result<String> {
            let first = req.body_mut().chunk().await?;
            Ok(first.map_or(0, |chunk| chunk.len()).to_string())
        })
}

struct Fixture {
    runtime: Runtime,
    server: Server,
}

thread_local! {
    static FIXTURE: Fixture = {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let server = runtime.block_on(app().build()).expect("the application is right");
        Fixture { runtime, server }
    };
}

fuzz_target!(|data: &[u8]| {
    let Some((size, bytes)) = data.split_first() else { return };
    FIXTURE.with(|Fixture { runtime, server }| {
        let answer = runtime.block_on(async {
            let (client, io) = tokio::io::duplex(usize::from(*size) * 8 + 1);
            let (mut reading, mut writing) = tokio::io::split(client);
            let mut answer = Vec::new();
            let exchange = async {
                tokio::join!(
                    server.serve_connection(io),
                    async {
                        // The server may refuse to read on.
                        let _ = writing.write_all(bytes).await;
                        let _ = writing.shutdown().await;
                    },
                    reading.read_to_end(&mut answer),
                );
            };
            tokio::time::timeout(Duration::from_secs(8), exchange).await.expect("the connection ends");
            answer
        });
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{}", answer.escape_ascii());
        assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", answer.escape_ascii());
    });
});
