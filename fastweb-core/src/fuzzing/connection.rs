//! Any bytes on a connection, whole and cut into pieces.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

use crate::{App, Body, Bytes, Headers, Limits, Path, Query, Request, Result, Server, Text};

/// Every way of taking a body and of answering. Limits are so small that they are met.
fn app() -> App {
    let limits = Limits::default().with_head(512).with_headers(12).with_target(128).with_body(1000);
    App::new()
        .limits(limits)
        .get("/", "constant")
        .get("/things/{id}", async |Path(id): Path<Text>| id)
        .get("/query", |Query(pairs): Query<Vec<(String, String)>>| pairs.len().to_string())
        .get("/headers", |headers: Headers| headers.len().to_string())
        .get("/later", async || {
            tokio::task::yield_now().await;
            "later"
        })
        .post("/", async |body: Body| body)
        .post("/bytes", |body: Bytes| body)
        .post("/text", async |body: String| body)
        .post("/ignored", "not read")
        .post("/early", async |req: &mut Request| -> Result<&'static str> {
            let _ = req.body_mut().chunk().await?;
            Ok("early")
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

/// The connection ends without a panic, what it says begins like an answer, and how the bytes were cut shows in nothing but where an
/// answer that came before its request's end ends the connection. The first two bytes say how they are cut.
pub fn connection(input: &[u8]) {
    let Some((&[size, seed], bytes)) = input.split_first_chunk() else { return };
    let whole = talk(bytes, 1 << 16, std::iter::repeat(usize::MAX));
    let mut state = u32::from(seed) | 1;
    let sizes = std::iter::from_fn(move || {
        // Any generator serves: what was cut where must repeat.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(1 + (state >> 16) as usize % (usize::from(size) + 1))
    });
    let cut = talk(bytes, usize::from(size) * 8 + 1, sizes);
    for answer in [&whole, &cut] {
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "), "{}", answer.escape_ascii());
        assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", answer.escape_ascii());
    }
    // The chunks of a body that is streamed back are those in which it came.
    if has(&whole, b"transfer-encoding") || has(&cut, b"transfer-encoding") {
        return;
    }
    let (whole, cut) = (plain(&whole), plain(&cut));
    let same = agree(&whole, &cut) || agree(&cut, &whole);
    assert!(same, "{}\nwhole: {whole}\ncut: {cut}", bytes.escape_ascii());
}

/// What is answered to pieces of these sizes through a pipe that holds `room` bytes, until the connection is at its end.
fn talk(bytes: &[u8], room: usize, sizes: impl Iterator<Item = usize> + Clone) -> Vec<u8> {
    // A machine that stood still for a while is no connection that hangs, which would do so again.
    let ended = talk_once(bytes, room, sizes.clone()).or_else(|| talk_once(bytes, room, sizes));
    ended.expect("the connection ends")
}

fn talk_once(bytes: &[u8], room: usize, mut sizes: impl Iterator<Item = usize>) -> Option<Vec<u8>> {
    FIXTURE.with(|Fixture { runtime, server }| {
        runtime.block_on(async {
            let (client, io) = tokio::io::duplex(room);
            let (mut reading, mut writing) = tokio::io::split(client);
            let mut answer = Vec::new();
            let write = async {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (piece, behind) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
                    // The server may refuse to read on.
                    if writing.write_all(piece).await.is_err() {
                        break;
                    }
                    rest = behind;
                    tokio::task::yield_now().await;
                }
                let _ = writing.shutdown().await;
            };
            let exchange = async {
                let (_, _, read) = tokio::join!(server.serve_connection(io), write, reading.read_to_end(&mut answer));
                read.expect("a pipe can be read");
            };
            tokio::time::timeout(Duration::from_secs(8), exchange).await.ok()?;
            Some(answer)
        })
    })
}

/// How a connection ended, as its last answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Closed,
    /// With an error. For which of several reasons may depend on what was there when the first of them showed: the answer itself is not
    /// compared then.
    Refused,
}

/// Answers without what may differ: dates, what is said of the connection, and interim answers.
struct Plain {
    text: Vec<u8>,
    /// Where in it the last answer begins.
    last: usize,
    end: End,
}

/// Whether these are the same answers, or end earlier.
fn agree(one: &Plain, other: &Plain) -> bool {
    match (one.end, other.end) {
        (End::Open, End::Open) => one.text == other.text,
        // A head that never ends is refused where its fault was seen; it is not looked at for every byte.
        (End::Open, End::Refused) if one.text == other.text[..other.last] => true,
        (End::Open, _) => false,
        (End::Refused, End::Refused) if one.text[..one.last] == other.text[..other.last] => true,
        _ => other.text.starts_with(&one.text),
    }
}

impl std::fmt::Display for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.text.escape_ascii(), self.end)
    }
}

fn plain(answers: &[u8]) -> Plain {
    let (mut text, mut end) = (Vec::new(), End::Open);
    let (mut last, mut is_error) = (0, false);
    let mut rest = answers;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix(b"HTTP/1.1 100 Continue\r\n\r\n") {
            rest = behind;
            continue;
        }
        // An answer follows the body of the one before without a line end.
        let status_line = rest.starts_with(b"HTTP/1.1 ");
        if status_line {
            last = text.len();
            is_error = matches!(rest.get(9), Some(b'4' | b'5'));
        }
        let line = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        let next = rest.windows(9).skip(1).position(|window| window == b"HTTP/1.1 ").map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at(line.min(next));
        rest = behind;
        if line == b"connection: close\r\n" {
            end = if is_error { End::Refused } else { End::Closed };
        }
        if !line.starts_with(b"date: ") && !line.starts_with(b"connection: ") {
            text.extend_from_slice(line);
        }
    }
    Plain { text, last, end }
}

fn has(answers: &[u8], text: &[u8]) -> bool {
    answers.windows(text.len()).any(|window| window == text)
}
