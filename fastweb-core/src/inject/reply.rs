//! The answer to an injected request.

use http::{HeaderMap, StatusCode};

use crate::body::trailers;
use crate::error::{Error, ErrorStyle, render};
use crate::http1::{ChunkDecoder, Decoded};

/// The answer to an injected request, made for assertions.
///
/// ```
/// # use fastweb_core::{App, Inject, Json};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let server = App::new().get("/", async || Json(serde_json::json!({ "ok": true }))).build().await?;
/// let reply = server.inject(Inject::get("/")).await;
/// reply.assert_status(200).assert_header("content-type", "application/json; charset=utf-8");
/// assert_eq!(reply.json::<serde_json::Value>()["ok"], true);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InjectReply {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    trailers: HeaderMap,
    /// The connection ended within the body.
    broken: bool,
}

impl InjectReply {
    /// The first answer in what a server has sent. The one to `HEAD` has no body. That of 101 is whatever follows its head.
    pub(super) fn parse(bytes: &[u8], head_only: bool) -> Self {
        let mut rest = bytes;
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 256];
            let mut head = httparse::Response::new(&mut headers);
            let Ok(httparse::Status::Complete(len)) = head.parse(rest) else {
                return Self::failed(&Error::internal("the connection was closed without an answer"));
            };
            rest = &rest[len..];
            let status = head.code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or_default();
            if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
                continue;
            }
            let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
            let headers = head.headers.iter().map(|h| (h.name.to_ascii_lowercase(), text(h.value))).collect();
            let mut reply = Self { status, headers, body: Vec::new(), trailers: HeaderMap::new(), broken: false };
            if !head_only {
                reply.read_body(rest);
            }
            return reply;
        }
    }

    fn read_body(&mut self, bytes: &[u8]) {
        if self.header("transfer-encoding").is_some() {
            let mut decoder = ChunkDecoder::default();
            let mut rest = bytes;
            self.broken = loop {
                match decoder.decode(rest) {
                    Ok((used, Decoded::Data(range))) => {
                        self.body.extend_from_slice(&rest[range]);
                        rest = &rest[used..];
                    }
                    Ok((_, Decoded::End)) => {
                        self.trailers = trailers::received(decoder.trailers()).unwrap_or_default();
                        break false;
                    }
                    Ok((_, Decoded::More)) | Err(_) => break true,
                }
            };
        } else {
            let announced = self.header("content-length").and_then(|text| text.parse::<usize>().ok());
            let len = announced.unwrap_or(bytes.len()).min(bytes.len());
            self.body = bytes[..len].to_vec();
            self.broken = announced.is_some_and(|announced| len < announced);
        }
    }

    /// An answer that could not be had: 500, with the reason as its body.
    pub(crate) fn failed(error: &Error) -> Self {
        let mut body = Vec::new();
        render::write(
            &Error::new(599, error.to_string()).with_code("FW_ERR_INJECT").shown(),
            ErrorStyle::default(),
            &mut body,
        );
        Self { status: error.status(), headers: Vec::new(), body, trailers: HeaderMap::new(), broken: true }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The first value of a header, whatever the case of the name's letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All headers in their order: names in lower case, and values.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a field that follows the body. There are none unless the request had `te: trailers`.
    pub fn trailer(&self, name: &str) -> Option<&str> {
        self.trailers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or("(the body is no UTF-8)")
    }

    /// Whether the connection ended before the body did.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// The body, read from JSON.
    ///
    /// # Panics
    /// It is no JSON, or does not have the shape of a `T`. The message shows the body.
    #[cfg(feature = "json")]
    #[track_caller]
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("the body of the {} answer cannot be read: {error}\n{}", self.status, self.text())
        })
    }

    /// Asserts the status.
    ///
    /// # Panics
    /// It is another. The message shows the body.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "the status of an answer with the body {:?}", self.text());
        self
    }

    /// Asserts a header.
    ///
    /// # Panics
    /// It is absent or has another value. The message shows all headers.
    #[track_caller]
    pub fn assert_header(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.header(name), Some(value), "the header {name} among {:?}", self.headers);
        self
    }

    /// Asserts the body.
    ///
    /// # Panics
    /// It is another.
    #[track_caller]
    pub fn assert_text(&self, text: &str) -> &Self {
        assert_eq!(self.text(), text, "the body of the {} answer", self.status);
        self
    }
}
