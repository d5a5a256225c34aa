//! Any query, and any target.

use tokio::runtime::{Builder, Runtime};

use crate::{App, Inject, Path, Query, Server, Text};

#[derive(serde::Deserialize)]
struct Search {
    #[serde(default)]
    q: Text,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    exact: bool,
}

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

/// A query that may stand in a request is read as the slow way reads it, as pairs and by name.
pub fn query(input: &[u8]) {
    let is_target_byte = |byte: &u8| byte.is_ascii_graphic() && *byte != b'#';
    let Some(query) = std::str::from_utf8(input).ok().filter(|text| text.bytes().all(|byte| is_target_byte(&byte)))
    else {
        return;
    };
    let pairs = slowly(query);
    let many = query.split('&').filter(|part| !part.is_empty()).count() > 512;
    let (status, text) = get(&format!("/pairs?{query}"));
    match &pairs {
        Some(pairs) if !many => assert_eq!((status, text), (200, format!("{pairs:?}")), "{query}"),
        _ => assert_eq!(status, if query.len() > 8000 { 414 } else { 400 }, "{query}: {text}"),
    }
    let (status, text) = get(&format!("/search?{query}"));
    assert!(matches!(status, 200 | 400 | 414), "{query}: {status} {text}");
    if let Some(pairs) = pairs.filter(|_| status == 200) {
        let of = |key: &str| pairs.iter().filter(|(k, _)| k == key).map(|(_, value)| value.clone()).collect::<Vec<_>>();
        let number = of("limit").first().map(|limit| limit.parse::<i64>().expect("it was taken for one"));
        let expected = format!(
            "{} {number:?} {:?} {}",
            of("q").join("&"),
            of("tags"),
            of("exact").iter().any(|one| one == "true")
        );
        assert_eq!(text, expected, "{query}");
    }
}

/// `None` where an escape is none, or does not give UTF-8.
fn slowly(query: &str) -> Option<Vec<(String, String)>> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let at = part.find('=').unwrap_or(part.len());
            Some((decoded(&part[..at])?, decoded(part.get(at + 1..).unwrap_or(""))?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.replace('+', " ").into_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = bytes.get(at + 1..at + 3)?;
            if !digits.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            bytes.splice(at..at + 3, [byte]);
        }
        at += 1;
    }
    String::from_utf8(bytes).ok()
}
