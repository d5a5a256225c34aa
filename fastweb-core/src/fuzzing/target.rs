//! Any target.

use tokio::runtime::{Builder, Runtime};

use crate::extract::fuzzing::Search;
use crate::{App, Inject, Path, Query, Server, Text};

fn app() -> App {
    App::new()
        .get("/", "root")
        .get("/users/{id}", |Path(id): Path<u64>| id.to_string())
        .get("/users/{id}/posts/{post}", |Path((id, post)): Path<(Text, String)>| format!("{id} {post}"))
        .get("/files/{*path}", |Path(path): Path<Text>| path)
        .get("/v{version}/x", |Path(version): Path<f64>| version.to_string())
        .get("/search", |Query(s): Query<Search>| format!("{} {:?} {:?} {}", s.q, s.limit, s.tags, s.exact))
        .get("/pairs", |Query(pairs): Query<Vec<(String, String)>>| format!("{pairs:?}"))
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

fn get(target: &str) -> (u16, String) {
    FIXTURE.with(|Fixture { runtime, server }| {
        let reply = runtime.block_on(server.inject_local(Inject::get(target)));
        (reply.status().as_u16(), reply.text().to_owned())
    })
}

/// Whatever a client asks for is its own fault or is answered; it is never a fault of the server.
pub fn target(input: &[u8]) {
    let Ok(target) = std::str::from_utf8(input) else { return };
    let (status, text) = get(target);
    // 505: a target with a blank is the end of the request line.
    assert!(status < 500 || status == 505 || status == 501, "{target:?}: {status} {text}");
}
