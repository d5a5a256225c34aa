//! From the bytes of a request to the bytes of its answer, without a socket: parse, route, hooks, handler, write.
//!
//! `cargo bench --bench http1`. Times are per request.

#[path = "support/github_routes.rs"]
mod github_routes;
#[path = "support/wire.rs"]
mod wire;

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fastweb::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

use wire::Wire;

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

#[derive(Serialize)]
struct Thing {
    id: u64,
}

#[derive(Deserialize)]
struct Search {
    q: Text,
    limit: u32,
}

#[derive(Deserialize, Serialize)]
struct NewUser {
    email: String,
    name: String,
    age: u8,
}

fn app() -> App {
    let mut app = App::new()
        .get("/constant", "Hello, World!")
        .get("/sync", || "Hello, World!")
        .get("/text", async || "Hello, World!")
        .get("/json", async || Json(Message { message: "Hello, World!" }))
        .get("/things/{id}", async |Path(id): Path<u64>| Json(Thing { id }))
        .get("/search", async |Query(Search { q, limit }): Query<Search>| {
            let _ = limit;
            q
        })
        .post("/users", async |Json(user): Json<NewUser>| (StatusCode::CREATED, Json(user)))
        .route(
            get("/hooks", async || "Hello, World!")
                .on_request(|_: &mut Request| {})
                .on_request(async |_: &mut Request| {})
                .pre_handler(|_: &mut Request| {})
                .on_send(|_: &mut Request, reply: &mut Reply| {
                    reply.set_header("x-hook", "on");
                })
                .on_response(slow_requests(Duration::from_secs(1))),
        );
    for (method, path) in github_routes::GITHUB_ROUTES {
        app = app.route(route(method, *path, async || StatusCode::OK));
    }
    app
}

/// What a browser or a load generator sends.
fn request(method: &str, target: &str, body: &str) -> Vec<u8> {
    let content = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    format!(
        "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nUser-Agent: bench/1\r\nAccept: application/json,*/*;q=0.7\r\n\
         Connection: keep-alive\r\n{content}\r\n{body}"
    )
    .into_bytes()
}

fn http1(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = runtime.block_on(app().build()).expect("the application of this bench is right");
    let user = r#"{"email":"ada@example.com","name":"Ada Lovelace","age":36}"#;
    let mut group = c.benchmark_group("http1");
    group.throughput(Throughput::Elements(1));
    for (name, bytes) in [
        ("constant", request("GET", "/constant", "")),
        ("sync text", request("GET", "/sync", "")),
        ("async text", request("GET", "/text", "")),
        ("json", request("GET", "/json", "")),
        ("path param", request("GET", "/things/42", "")),
        ("query", request("GET", "/search?q=rust&limit=10", "")),
        ("post json", request("POST", "/users", user)),
        ("five hooks", request("GET", "/hooks", "")),
        ("not found", request("GET", "/nothing", "")),
    ] {
        group.bench_function(name, |b| b.iter_custom(|n| serve(&runtime, &server, bytes.clone(), n)));
    }
    let batch = request("GET", "/text", "").repeat(16);
    group.throughput(Throughput::Elements(16));
    group.bench_function("16 pipelined", |b| b.iter_custom(|n| serve(&runtime, &server, batch.clone(), n)));
    group.finish();
}

/// One connection that gets `batch` `n` times.
fn serve(runtime: &Runtime, server: &Server, batch: Vec<u8>, n: u64) -> Duration {
    let wire = Wire::new(batch, n);
    let answered = wire.answered.clone();
    let started = Instant::now();
    runtime.block_on(server.serve_connection(wire));
    let time = started.elapsed();
    assert!(answered.get() > 0, "the connection was not served");
    time
}

criterion_group!(benches, http1);
criterion_main!(benches);
