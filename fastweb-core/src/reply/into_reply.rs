//! What a handler may return.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{OCTETS, Reply, TEXT};
use crate::body::Body;
use crate::error::{Error, Result};
use crate::request::Text;

/// An answer: everything that a handler may return.
///
/// | returned | answered |
/// |---|---|
/// | `&'static str`, `String`, [`Text`] | 200, `text/plain; charset=utf-8` |
/// | [`Bytes`], `Vec<u8>`, `&'static [u8]` | 200, `application/octet-stream` |
/// | [`Json`](crate::Json) | 200, `application/json; charset=utf-8` |
/// | [`StatusCode`] | that status, no body |
/// | `()` | 200, no body |
/// | [`NoContent`] | 204 |
/// | [`Body`] | 200, streamed |
/// | [`JsonStream`](crate::JsonStream) | 200, an array or lines of JSON, streamed |
/// | [`Reply`], `http::Response<B>` with a [`Body`] or what becomes one | what it says |
/// | [`Either`](crate::Either) | the one or the other |
/// | `(StatusCode, T)`, `([(name, value); N], T)`, `(StatusCode, [(name, value); N], T)`, with [`HeaderMap`] too | `T` with that status and those headers |
/// | `Result<T, E>` | `T`, or the error (see [`Error`]) |
/// | `Option<T>` | `T`, or 404 |
///
/// ```
/// use fastweb_core::{IntoReply, Reply, Result};
///
/// struct Csv(Vec<[i64; 2]>);
///
/// impl IntoReply for Csv {
///     fn into_reply(self, reply: &mut Reply) -> Result<()> {
///         let text: String = self.0.iter().map(|[a, b]| format!("{a},{b}\n")).collect();
///         text.into_reply(reply)?;
///         reply.set_content_type("text/csv");
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "this is not an answer",
    note = "answers are text, `Bytes`, `Json(value)`, `StatusCode`, `()`, `Reply`, `Body`, tuples like `(StatusCode, T)`, `Option` and `Result` of those",
    note = "to answer with a value as JSON, return `Json(value)`; its type implements `serde::Serialize`"
)]
pub trait IntoReply {
    /// Writes this answer into `reply`.
    ///
    /// # Errors
    /// The answer is an error, or it cannot be serialised. The request then takes the way of an error.
    fn into_reply(self, reply: &mut Reply) -> Result<()>;
}

/// 204: there is nothing to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoContent;

// `do_not_recommend`: a list of them all would bury the notes of `IntoReply`.
#[diagnostic::do_not_recommend]
impl IntoReply for NoContent {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        StatusCode::NO_CONTENT.into_reply(reply)
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for () {
    fn into_reply(self, _: &mut Reply) -> Result<()> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Reply {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.absorb(self);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for StatusCode {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_status(self);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for &'static str {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_static(self.as_bytes(), TEXT);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for &'static [u8] {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_static(self, OCTETS);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for String {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_bytes(self.into(), TEXT);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Cow<'static, str> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        match self {
            Cow::Borrowed(text) => text.into_reply(reply),
            Cow::Owned(text) => text.into_reply(reply),
        }
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Text {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_copy(self.as_bytes(), TEXT);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Bytes {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_bytes(self, OCTETS);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Vec<u8> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_bytes(self.into(), OCTETS);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Body {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_body(self);
        Ok(())
    }
}

impl<T: IntoReply, E: Into<Error>> IntoReply for Result<T, E> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        self.map_err(Into::into)?.into_reply(reply)
    }
}

impl<T: IntoReply> IntoReply for Option<T> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        self.ok_or_else(|| Error::not_found("Not Found"))?.into_reply(reply)
    }
}

/// Status, headers and body as they are; version and extensions are not looked at. Without a `content-type` among the headers there is none.
impl<B: Into<Body>> IntoReply for http::Response<B> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        let (parts, body) = self.into_parts();
        reply.set_status(parts.status).set_body(body);
        parts.headers.set(reply);
        Ok(())
    }
}

/// Headers that stand beside an answer in a tuple: `[(name, value)]`, a list of those, a [`HeaderMap`], and what an application makes one.
///
/// ```
/// use fastweb_core::{Reply, ReplyFields};
///
/// /// How long the answer may be kept, in seconds.
/// struct Fresh(u32);
///
/// impl ReplyFields for Fresh {
///     fn set(self, reply: &mut Reply) {
///         reply.set_header("cache-control", format!("max-age={}", self.0));
///     }
/// }
///
/// let price = || (Fresh(60), "9.90");
/// # drop(fastweb_core::App::new().get("/price", price));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand before an answer in a tuple",
    label = "neither a status nor headers",
    note = "before an answer stand a `StatusCode`, headers, or both: `(StatusCode::CREATED, [(\"location\", \"/7\")], answer)`"
)]
pub trait ReplyFields {
    /// Sets them.
    fn set(self, reply: &mut Reply);
}

impl<K: AsRef<str>, V: AsRef<[u8]>, const N: usize> ReplyFields for [(K, V); N] {
    fn set(self, reply: &mut Reply) {
        for (name, value) in self {
            reply.set_header(name, value);
        }
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>> ReplyFields for Vec<(K, V)> {
    fn set(self, reply: &mut Reply) {
        for (name, value) in self {
            reply.set_header(name, value);
        }
    }
}

impl ReplyFields for HeaderMap {
    fn set(self, reply: &mut Reply) {
        for name in self.keys() {
            reply.remove_header(name.as_str());
        }
        for (name, value) in &self {
            reply.append_header(name, value);
        }
    }
}

impl<T: IntoReply> IntoReply for (StatusCode, T) {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        #[cfg(feature = "schema")]
        reply.expect_status(self.0);
        self.1.into_reply(reply)?;
        reply.set_status(self.0);
        Ok(())
    }
}

impl<H: ReplyFields, T: IntoReply> IntoReply for (H, T) {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        self.1.into_reply(reply)?;
        self.0.set(reply);
        Ok(())
    }
}

impl<H: ReplyFields, T: IntoReply> IntoReply for (StatusCode, H, T) {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        (self.0, self.2).into_reply(reply)?;
        self.1.set(reply);
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for Error {
    fn into_reply(self, _: &mut Reply) -> Result<()> {
        Err(self)
    }
}
