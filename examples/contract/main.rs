//! The server that figures are taken with: one small contract, served through the ordinary public API.
//!
//! `contract PORT WORKERS`. Beside its own routes it has about 250 more, so that routing has something to do.

#[path = "../../benches/support/github_routes.rs"]
mod github_routes;
mod users;

use std::fmt;
use std::task::Poll;
use std::time::Duration;

use fastweb::model;
use fastweb::prelude::*;
use serde::{Deserialize, Serialize};

use users::User;

/// The same for all servers that are compared.
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

#[derive(Serialize)]
struct UserById {
    id: Text,
    name: Named,
}

/// `User {id}`, formatted while it is written.
struct Named(Text);

impl Serialize for Named {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("User ")?;
        f.write_str(&self.0)
    }
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: Text,
    limit: i64,
}

#[derive(Serialize)]
struct Found {
    q: Text,
    limit: i64,
}

/// Typed and validated: its parser is made from its fields.
#[model]
struct NewUser {
    email: String,
    name: String,
    age: i64,
}

#[model]
struct Created {
    id: u64,
    email: String,
    name: String,
    age: i64,
}

#[derive(Deserialize)]
struct Count {
    #[serde(default)]
    n: usize,
}

/// What downloads consist of, as with the servers that are compared.
static PIECE: [u8; 64 * 1024] = [b'x'; 64 * 1024];

#[derive(Deserialize)]
struct Download {
    bytes: u64,
}

#[derive(Deserialize)]
struct Slow {
    ms: u64,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let workers = arguments.next().and_then(|workers| workers.parse().ok()).unwrap_or(1);
    let mut app = App::new()
        .workers(workers)
        .server_header("bench")
        .state(users::preloaded())
        .get("/plaintext", async || "Hello, World!")
        .get("/json", async || Json(Message { message: "Hello, World!" }))
        .get("/users/{id}", user)
        .get("/search", search)
        .get("/users", list)
        .post("/users", create)
        .route(post("/echo", async |body: Body| body).body_limit(u64::MAX))
        .route(post("/upload", upload).body_limit(u64::MAX))
        .get("/download", download)
        .get("/slow", slow)
        .get("/status/{code}", status)
        .get("/headers", headers)
        .post("/headers", headers);
    for (method, path) in github_routes::GITHUB_ROUTES {
        app = app.route(route(method, *path, async || StatusCode::OK));
    }
    app.on_listen(|address| println!("http://{address}")).run(("127.0.0.1", port))
}

async fn user(Path(id): Path<Text>) -> Json<UserById> {
    Json(UserById { name: Named(id.clone()), id })
}

async fn search(Query(Search { q, limit }): Query<Search>) -> Json<Found> {
    Json(Found { q, limit })
}

/// The first `n` of the preloaded users. They are serialised for each request, from where they are.
struct FirstUsers {
    users: State<Vec<User>>,
    n: usize,
}

impl Serialize for FirstUsers {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.users[..self.n.min(self.users.len())].serialize(serializer)
    }
}

async fn list(Query(Count { n }): Query<Count>, users: State<Vec<User>>) -> Json<FirstUsers> {
    Json(FirstUsers { users, n })
}

async fn create(Json(NewUser { email, name, age }): Json<NewUser>) -> (StatusCode, Json<Created>) {
    (StatusCode::CREATED, Json(Created { id: 1, email, name, age }))
}

async fn upload(mut body: Body) -> Result<String> {
    let mut count: u64 = 0;
    while let Some(chunk) = body.chunk().await? {
        count += chunk.len() as u64;
    }
    Ok(count.to_string())
}

async fn download(Query(Download { bytes }): Query<Download>) -> Body {
    let mut left = bytes;
    let pieces = Body::from_poll_fn(move |_| {
        let piece = left.min(PIECE.len() as u64);
        left -= piece;
        Poll::Ready((piece > 0).then(|| Ok(Bytes::from_static(&PIECE[..piece as usize]))))
    });
    pieces.with_length(bytes)
}

async fn slow(Query(Slow { ms }): Query<Slow>) -> String {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    format!("waited {ms} ms")
}

async fn status(Path(code): Path<u16>) -> Result<StatusCode> {
    StatusCode::from_u16(code)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .ok_or_else(|| Error::bad_request("the code is a status from 200 to 599"))
}

async fn headers(headers: Headers) -> Json<Vec<(String, String)>> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    Json(headers.iter().map(|(name, value)| (name.to_owned(), text(value))).collect())
}
