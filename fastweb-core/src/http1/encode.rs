//! From a reply to the bytes of its head (RFC 9112, 4 and 6).

use http::{HeaderName, HeaderValue, StatusCode};

use crate::reply::{Reply, ReplyBody, Usual};
use crate::server::Worker;

/// How the end of a reply's body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplyLength {
    /// Neither length nor body: 1xx, 204 and 304 (RFC 9112, 6.3).
    None,
    Exactly(u64),
    Chunked,
    /// HTTP/1.0 knows no chunks: the body ends with the connection.
    UntilClose,
}

impl ReplyLength {
    /// That of a body in memory.
    pub(super) fn of_bytes(status: StatusCode, body: &[u8]) -> Self {
        if has_no_body(status) { Self::None } else { Self::Exactly(body.len() as u64) }
    }

    /// The length of `reply`'s body as the client is told it, where it `takes_trailers` or not. The same for `HEAD` as it would be for `GET`
    /// (RFC 9110, 9.3.2).
    pub(super) fn of(reply: &Reply, http10: bool, takes_trailers: bool) -> Self {
        if has_no_body(reply.status()) {
            return Self::None;
        }
        let length = match reply.body() {
            // RFC 9112, 7.1.2: only the chunked coding has a place for them.
            _ if takes_trailers && reply.trailers().is_some() => None,
            ReplyBody::Stream(body) => body.len(),
            _ => reply.body_bytes().map(|bytes| bytes.len() as u64),
        };
        match length {
            Some(length) => Self::Exactly(length),
            None if http10 => Self::UntilClose,
            None => Self::Chunked,
        }
    }
}

/// RFC 9110, 15.3.5 and 15.4.5.
fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// What the client is told about the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionOption {
    /// Nothing: HTTP/1.1 keeps connections.
    Silent,
    /// To HTTP/1.0 clients that asked for it.
    KeepAlive,
    Close,
    /// With 101 (RFC 9110, 7.8).
    Upgrade,
}

/// Appends the head of `reply`.
pub(super) fn head(out: &mut Vec<u8>, reply: &Reply, length: ReplyLength, option: ConnectionOption, worker: &Worker) {
    let (status, headers, tail) = (reply.status(), reply.headers().as_bytes(), worker.clock.tail());
    out.reserve(headers.len() + tail.len() + 192);
    if let ReplyLength::Exactly(length) = length {
        // The starts that are sent most, in one copy of a size that the compiler knows.
        match reply.usual() {
            Some(Usual::Json) => out.extend_from_slice(JSON_START),
            Some(Usual::Text) => out.extend_from_slice(TEXT_START),
            None => {
                status_and_type(out, status, reply.content_type());
                out.extend_from_slice(b"\r\ncontent-length: ");
            }
        }
        out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
    } else {
        status_and_type(out, status, reply.content_type());
        if length == ReplyLength::Chunked {
            out.extend_from_slice(b"\r\ntransfer-encoding: chunked");
        }
    }
    match option {
        ConnectionOption::Silent => {}
        ConnectionOption::KeepAlive => out.extend_from_slice(b"\r\nconnection: keep-alive"),
        ConnectionOption::Close => out.extend_from_slice(b"\r\nconnection: close"),
        ConnectionOption::Upgrade => out.extend_from_slice(b"\r\nconnection: upgrade"),
    }
    if !headers.is_empty() {
        out.extend_from_slice(b"\r\n");
        // Without the last line end: like every line here, the tail begins with its own.
        out.extend_from_slice(&headers[..headers.len() - 2]);
    }
    // `server`, `date`, and the empty line that ends the head.
    out.extend_from_slice(&tail);
}

const JSON_START: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ";
const TEXT_START: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ";

fn status_and_type(out: &mut Vec<u8>, status: StatusCode, content_type: Option<&str>) {
    match status_line(status) {
        Some(line) => out.extend_from_slice(line),
        None => {
            out.extend_from_slice(b"HTTP/1.1 ");
            out.extend_from_slice(status.as_str().as_bytes());
            out.push(b' ');
            out.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
            if status == StatusCode::UPGRADE_REQUIRED {
                // RFC 9110, 7.8: it has an `upgrade` header, which is for this connection alone.
                out.extend_from_slice(b"\r\nconnection: upgrade");
            }
        }
    }
    if let Some(content_type) = content_type {
        out.extend_from_slice(b"\r\ncontent-type: ");
        out.extend_from_slice(content_type.as_bytes());
    }
}

/// The status lines that are sent most, without their ends.
fn status_line(status: StatusCode) -> Option<&'static [u8]> {
    Some(match status.as_u16() {
        200 => b"HTTP/1.1 200 OK",
        201 => b"HTTP/1.1 201 Created",
        202 => b"HTTP/1.1 202 Accepted",
        204 => b"HTTP/1.1 204 No Content",
        301 => b"HTTP/1.1 301 Moved Permanently",
        302 => b"HTTP/1.1 302 Found",
        304 => b"HTTP/1.1 304 Not Modified",
        400 => b"HTTP/1.1 400 Bad Request",
        401 => b"HTTP/1.1 401 Unauthorized",
        403 => b"HTTP/1.1 403 Forbidden",
        404 => b"HTTP/1.1 404 Not Found",
        500 => b"HTTP/1.1 500 Internal Server Error",
        _ => return None,
    })
}

/// The most that frames the data of a chunk.
pub(super) const CHUNK_FRAME: usize = 20;

/// Appends `data` as one chunk.
pub(super) fn chunk(out: &mut Vec<u8>, data: &[u8]) {
    out.reserve(data.len() + CHUNK_FRAME);
    chunk_size(out, data.len());
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
}

/// Appends the line before the data of a chunk.
pub(super) fn chunk_size(out: &mut Vec<u8>, len: usize) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut size = [0; 16];
    let mut at = size.len();
    let mut rest = len;
    while rest > 0 {
        at -= 1;
        size[at] = HEX[rest % 16];
        rest /= 16;
    }
    out.extend_from_slice(&size[at..]);
    out.extend_from_slice(b"\r\n");
}

/// Ends a chunked body, with the fields that follow it.
pub(super) fn last_chunk<'t>(out: &mut Vec<u8>, trailers: impl Iterator<Item = (&'t HeaderName, &'t HeaderValue)>) {
    out.extend_from_slice(b"0\r\n");
    for (name, value) in trailers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// The head of an interim answer (RFC 8297), without the empty line behind it.
pub(crate) const EARLY_HINTS: &[u8] = b"HTTP/1.1 103 Early Hints\r\n";

/// Tells a client that waits for it to send the body (RFC 9110, 15.2.1).
pub(super) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_say_their_size_in_hex() {
        let mut out = Vec::new();
        chunk(&mut out, &[b'x'; 26]);
        assert_eq!(out, b"1a\r\nxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
    }

    #[test]
    fn the_status_lines_are_those_of_the_registry() {
        for code in 100..600 {
            let status = StatusCode::from_u16(code).expect("a status");
            if let Some(line) = status_line(status) {
                let full = format!("HTTP/1.1 {code} {}", status.canonical_reason().expect("a known status"));
                assert_eq!(line, full.as_bytes());
            }
        }
    }

    #[test]
    fn the_usual_starts_are_what_would_be_written() {
        let written = |answer: &Reply| {
            let mut written = Vec::new();
            status_and_type(&mut written, answer.status(), answer.content_type());
            written.extend_from_slice(b"\r\ncontent-length: ");
            written
        };
        let text = Reply::from("text").expect("text");
        assert_eq!((text.usual(), &*written(&text)), (Some(Usual::Text), TEXT_START));
        #[cfg(feature = "json")]
        {
            let json = Reply::json(&1).expect("JSON");
            assert_eq!((json.usual(), &*written(&json)), (Some(Usual::Json), JSON_START));
        }
        for answer in [Reply::from(StatusCode::OK), Reply::from((StatusCode::CREATED, "text")), Reply::from(vec![1])] {
            assert_eq!(answer.expect("an answer").usual(), None);
        }
    }
}
