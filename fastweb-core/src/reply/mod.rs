//! Replies: what is sent back.

mod body;
mod either;
mod fields;
mod frozen;
mod headers;
mod into_reply;
#[cfg(feature = "json")]
mod json_stream;
mod later;
mod payload;
mod redirect;
#[cfg(feature = "schema")]
mod restricted;
mod stored;
mod takeover;
mod trailers;
mod vary;

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::background::Work;
use crate::body::Body;
use crate::error::{Error, ErrorStyle, Result, render};
#[cfg(feature = "schema")]
use crate::schema::AnswerPlan;
use crate::upgrade::Takeover;

pub use either::Either;
pub(crate) use frozen::FrozenReply;
pub use headers::ReplyHeaders;
pub(crate) use headers::{is_name as is_header_name, is_token_byte, is_value};
pub use into_reply::{IntoReply, NoContent, ReplyFields};
#[cfg(feature = "json")]
pub use json_stream::{JsonStream, JsonWriter};
pub use payload::Payload;
#[cfg(feature = "schema")]
pub(crate) use payload::write_json;
pub use stored::StoredReply;

/// A reply in the making: status, headers and body.
///
/// Handlers and hooks may take it as `&mut Reply` and set it step by step, or build one and return it:
///
/// ```
/// # use fastweb_core::{App, Inject, Reply};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let teapot = async || Reply::text("short and stout").with_status(418).with_header("x-pot", "tea");
/// let server = App::new().get("/pot", teapot).build().await?;
/// let reply = server.inject(Inject::get("/pot")).await;
/// assert_eq!(reply.status(), 418);
/// assert_eq!(reply.header("x-pot"), Some("tea"));
/// # Ok(())
/// # }
/// ```
///
/// `content-length`, `transfer-encoding`, `date` and `connection` are the connection's: setting the first two has no effect, and
/// `connection: close` closes the connection after this reply.
#[derive(Default)]
pub struct Reply {
    status: StatusCode,
    content_type: ContentType,
    headers: ReplyHeaders,
    body: ReplyBody,
    /// The bytes of a body that is `ReplyBody::Buffer` or `ReplyBody::Value`. Kept between requests.
    buffer: Vec<u8>,
    /// A header that could not be set. It fails the request when the reply is taken up.
    fault: Option<Error>,
    close: bool,
    status_is: StatusIs,
    /// What values of this reply are written by, where its route has response schemas.
    #[cfg(feature = "schema")]
    plan: Option<Rc<AnswerPlan>>,
    /// The value in the buffer is what the plan lets through.
    #[cfg(feature = "schema")]
    is_restricted: bool,
    /// What runs when the request is over.
    later: Vec<Work>,
    /// Fields that follow the body.
    trailers: Option<Box<HeaderMap>>,
}

/// Where the status of a reply comes from.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum StatusIs {
    #[default]
    Default,
    /// Of the route: it gives way to what an answer names.
    Usual,
    /// Somebody has set it.
    Named,
}

#[derive(Clone, Debug, Default)]
enum ContentType {
    #[default]
    None,
    /// [`JSON`] for a value, one of the two that are set most. Like `Default`.
    Json,
    /// [`TEXT`] for text. Like `Default`.
    Text,
    /// It goes with the kind of body, and gives way to what somebody sets.
    Default(&'static str),
    Static(&'static str),
    Owned(String),
}

impl ContentType {
    fn as_str(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Json => Some(JSON),
            Self::Text => Some(TEXT),
            Self::Default(text) | Self::Static(text) => Some(text),
            Self::Owned(text) => Some(text),
        }
    }

    /// Nobody has set it.
    fn is_default(&self) -> bool {
        matches!(self, Self::None | Self::Json | Self::Text | Self::Default(_))
    }
}

#[derive(Default)]
pub(crate) enum ReplyBody {
    #[default]
    Empty,
    Static(&'static [u8]),
    Bytes(Bytes),
    /// In `Reply::buffer`.
    Buffer,
    Stream(Body),
    /// A constant answer that nothing has changed so far.
    Frozen(Rc<FrozenReply>),
    /// In `Reply::buffer` too: a value that was serialised, which `pre_serialization` hooks may see.
    Value,
    /// None: the connection is given away.
    Takeover(Box<Takeover>),
}

impl ReplyBody {
    /// Replaces it. Most bodies have nothing that is to be dropped, and it is not looked for in them.
    #[inline]
    fn put(&mut self, body: Self) {
        match self {
            Self::Empty | Self::Static(_) | Self::Buffer | Self::Value => {
                std::mem::forget(std::mem::replace(self, body))
            }
            _ => *self = body,
        }
    }
}

/// 200, with the media type that goes with the kind of body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usual {
    Json,
    Text,
}

/// The media types that are set without anybody asking for them.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const OCTETS: &str = "application/octet-stream";
pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// A reply's buffer that grew beyond this is not kept for the next request.
const BUFFER_KEPT: usize = 64 * 1024;

impl Reply {
    /// 200 without a body.
    pub fn new() -> Self {
        Self::default()
    }

    /// 200 with a body of `text/plain; charset=utf-8`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().with_body(text.into()).with_content_type(TEXT)
    }

    /// 200 with `value` as JSON.
    ///
    /// # Errors
    /// `value` cannot be serialised (500).
    #[cfg(feature = "json")]
    pub fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self> {
        let mut reply = Self::new();
        reply.set_json(value)?;
        Ok(reply)
    }

    /// Any answer as a `Reply`.
    ///
    /// # Errors
    /// The answer is an `Err`, or it cannot be serialised.
    pub fn from(answer: impl IntoReply) -> Result<Self> {
        let mut reply = Self::new();
        answer.into_reply(&mut reply)?;
        Ok(reply)
    }

    /// This reply with another status: a [`StatusCode`] or a number from 200 to 599.
    #[must_use]
    pub fn with_status(mut self, status: impl TryInto<StatusCode>) -> Self {
        self.set_status(status);
        self
    }

    /// This reply with a header. Replaces what the header was, except `set-cookie`, of which there may be many.
    #[must_use]
    pub fn with_header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.set_header(name, value);
        self
    }

    /// This reply with another media type.
    #[must_use]
    pub fn with_content_type(mut self, media_type: impl Into<Cow<'static, str>>) -> Self {
        self.set_content_type(media_type);
        self
    }

    /// This reply with another body. Says nothing about its media type.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.set_body(body);
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        match &self.body {
            ReplyBody::Frozen(frozen) => frozen.status,
            _ => self.status,
        }
    }

    /// Sets the status: a [`StatusCode`] or a number from 200 to 599. Any other number fails the request with 500.
    pub fn set_status(&mut self, status: impl TryInto<StatusCode>) -> &mut Self {
        self.thaw();
        match status.try_into() {
            Ok(status) if (200..600).contains(&status.as_u16()) => {
                self.status = status;
                self.status_is = StatusIs::Named;
            }
            _ => self.fault("the status of a reply is from 200 to 599"),
        }
        self
    }

    /// Sets the status that the route's answers have where they name none.
    pub(crate) fn set_usual_status(&mut self, status: StatusCode) {
        if self.status_is == StatusIs::Default {
            self.thaw();
            self.status = status;
            self.status_is = StatusIs::Usual;
        }
    }

    /// Whether this is one of the two answers that are sent most.
    #[inline]
    pub(crate) fn usual(&self) -> Option<Usual> {
        match (&self.body, &self.content_type) {
            (ReplyBody::Frozen(_), _) => None,
            _ if self.status != StatusCode::OK => None,
            (_, ContentType::Json) => Some(Usual::Json),
            (_, ContentType::Text) => Some(Usual::Text),
            _ => None,
        }
    }

    /// The media type of the body.
    pub fn content_type(&self) -> Option<&str> {
        match &self.body {
            ReplyBody::Frozen(frozen) => frozen.content_type(),
            _ => self.content_type.as_str(),
        }
    }

    /// Sets the media type of the body.
    pub fn set_content_type(&mut self, media_type: impl Into<Cow<'static, str>>) -> &mut Self {
        self.thaw();
        let media_type = media_type.into();
        if !headers::is_value(media_type.as_bytes()) {
            self.fault = Some(headers::refused("content-type", media_type.as_bytes()));
            return self;
        }
        self.content_type = match media_type {
            Cow::Borrowed(text) => ContentType::Static(text),
            Cow::Owned(text) => ContentType::Owned(text),
        };
        self
    }

    /// Answers as if there were no such route: the `not_found` handler of the nearest scope that has one answers, else fastweb's 404. The same
    /// from hooks: `Flow::reply(Reply::not_found())`. Where an error is wanted, there is [`Error::call_not_found`].
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Path, Reply};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let page = |Path(name): Path<String>| match &*name {
    ///     "home" => Reply::text("the home page"),
    ///     _ => Reply::not_found(),
    /// };
    /// let server = App::new().get("/pages/{name}", page).not_found(|| (fastweb_core::StatusCode::NOT_FOUND, "no page")).build().await?;
    /// server.inject(Inject::get("/pages/none")).await.assert_status(404).assert_text("no page");
    /// # Ok(())
    /// # }
    /// ```
    pub fn not_found() -> Self {
        let mut reply = Self::new();
        reply.call_not_found();
        reply
    }

    /// As [`not_found`](Self::not_found), for a reply that is set step by step.
    pub fn call_not_found(&mut self) -> &mut Self {
        self.fault = Some(Error::call_not_found());
        self
    }

    /// Closes the connection after this reply.
    pub fn close_connection(&mut self) -> &mut Self {
        self.thaw();
        self.close = true;
        self
    }

    /// Makes `answer` the answer: its body, and status and headers where it has any.
    ///
    /// # Errors
    /// The answer is an `Err`, or it cannot be serialised.
    pub fn send(&mut self, answer: impl IntoReply) -> Result<()> {
        answer.into_reply(self)
    }

    /// Sets the body. Says nothing about its media type.
    pub fn set_body(&mut self, body: impl Into<Body>) -> &mut Self {
        self.thaw();
        self.body = ReplyBody::Stream(body.into());
        self
    }

    /// Sets a body that is fixed text or bytes, without a copy.
    pub(crate) fn set_static(&mut self, bytes: &'static [u8], media_type: &'static str) {
        self.thaw();
        self.default_content_type(media_type);
        self.body.put(ReplyBody::Static(bytes));
    }

    pub(crate) fn set_bytes(&mut self, bytes: Bytes, media_type: &'static str) {
        self.thaw();
        self.default_content_type(media_type);
        self.body.put(ReplyBody::Bytes(bytes));
    }

    /// Copies `bytes` into the reply's own buffer.
    pub(crate) fn set_copy(&mut self, bytes: &[u8], media_type: &'static str) {
        self.thaw();
        self.default_content_type(media_type);
        self.buffer.clear();
        self.buffer.extend_from_slice(bytes);
        self.body.put(ReplyBody::Buffer);
    }

    /// Serialises `value` into the reply's own buffer.
    #[cfg(feature = "json")]
    pub(crate) fn set_json<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.thaw();
        if self.content_type.is_default() {
            self.content_type = ContentType::Json;
        }
        self.buffer.clear();
        self.body.put(ReplyBody::Value);
        #[cfg(feature = "schema")]
        if let Some(plan) = &self.plan {
            self.is_restricted = plan.write(self.status, value, &mut self.buffer)?;
            return Ok(());
        }
        payload::write_json(value, &mut self.buffer)
    }

    /// A media type that goes with the kind of body, unless the application or a hook has set one before.
    #[inline]
    fn default_content_type(&mut self, media_type: &'static str) {
        if self.content_type.is_default() {
            self.content_type = if media_type == TEXT { ContentType::Text } else { ContentType::Default(media_type) };
        }
    }

    /// The body so far, where it is in memory: what an `on_send` hook may look at.
    #[inline]
    pub fn body_bytes(&self) -> Option<&[u8]> {
        match &self.body {
            ReplyBody::Empty => Some(&[]),
            ReplyBody::Static(bytes) => Some(bytes),
            ReplyBody::Bytes(bytes) => Some(bytes),
            ReplyBody::Buffer | ReplyBody::Value => Some(&self.buffer),
            ReplyBody::Frozen(frozen) => Some(&frozen.body),
            ReplyBody::Stream(body) => body.as_slice(),
            ReplyBody::Takeover(_) => None,
        }
    }

    /// Turns a constant answer into an ordinary one, so that it can be changed.
    #[inline]
    fn thaw(&mut self) {
        if matches!(self.body, ReplyBody::Frozen(_)) {
            self.thaw_now();
        }
    }

    #[cold]
    fn thaw_now(&mut self) {
        if let ReplyBody::Frozen(frozen) = std::mem::take(&mut self.body) {
            frozen.thaw_into(self);
        }
    }

    /// Makes a constant answer this reply's, keeping what hooks have set.
    pub(crate) fn set_frozen(&mut self, frozen: &Rc<FrozenReply>) {
        let untouched = self.headers.is_empty() && self.status == StatusCode::OK && !self.close;
        if untouched && self.content_type.is_default() {
            self.body.put(ReplyBody::Frozen(frozen.clone()));
        } else {
            self.thaw();
            frozen.thaw_into(self);
        }
    }

    /// Takes over status, body and headers of `other`; headers that were set here before stay where `other` has none of their name.
    pub(crate) fn absorb(&mut self, mut other: Reply) {
        other.thaw();
        self.thaw();
        if self.status_is != StatusIs::Usual || other.status_is == StatusIs::Named {
            self.status = other.status;
            self.status_is = other.status_is;
        }
        self.close |= other.close;
        self.later.append(&mut other.later);
        if other.fault.is_some() {
            self.fault = other.fault;
        }
        if other.trailers.is_some() {
            self.trailers = other.trailers;
        }
        if !matches!(other.content_type, ContentType::None) {
            self.content_type = other.content_type;
        }
        self.headers.replace_with(&other.headers);
        self.body = other.body;
        if matches!(self.body, ReplyBody::Buffer | ReplyBody::Value) {
            self.buffer = other.buffer;
        }
        #[cfg(feature = "schema")]
        {
            self.is_restricted = false;
        }
    }

    /// Makes this the answer for `error`. Headers that hooks have set stay: cross-origin clients must be able to read errors.
    pub(crate) fn set_error(&mut self, error: &Error, style: ErrorStyle) {
        self.thaw();
        self.fault = None;
        self.trailers = None;
        self.status = error.status();
        self.status_is = StatusIs::Default;
        self.content_type = ContentType::Default(style.format.content_type());
        self.buffer.clear();
        render::write(error, style, &mut self.buffer);
        #[cfg(feature = "schema")]
        if style.fastify_mode {
            self.restrict_error();
        }
        self.body.put(ReplyBody::Buffer);
        self.close |= error.is_fatal();
        for (name, value) in error.headers() {
            self.set_header(name, value);
        }
        if self.fault.take().is_some() {
            tracing::error!("an error has a header that may not stand in a reply; it was left out");
        }
    }

    /// Makes room for another answer. Headers that were set stay.
    pub(crate) fn forget_answer(&mut self) {
        self.thaw();
        self.status = StatusCode::OK;
        self.content_type = ContentType::None;
        self.body = ReplyBody::Empty;
        self.trailers = None;
    }

    fn fault(&mut self, message: &'static str) {
        self.fault = Some(Error::internal(message));
    }

    pub(crate) fn take_fault(&mut self) -> Option<Error> {
        self.fault.take()
    }

    /// Whether the connection ends with this reply.
    pub(crate) fn closes(&self) -> bool {
        match &self.body {
            ReplyBody::Frozen(frozen) => frozen.close,
            _ => self.close,
        }
    }

    /// Whether nothing but its head and its bytes is to be sent, and the connection goes on.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        !self.closes() && self.trailers.is_none()
    }

    /// The value that this answers with, if it is one, for `pre_serialization` hooks. [`set_value`](Self::set_value) puts it back.
    pub(crate) fn take_value(&mut self) -> Option<Payload> {
        match &self.body {
            ReplyBody::Frozen(frozen) if frozen.is_value => self.thaw(),
            ReplyBody::Value => {}
            _ => return None,
        }
        Some(Payload::new(self.take_buffer()))
    }

    pub(crate) fn set_value(&mut self, payload: Payload) {
        self.buffer = payload.into_json();
        self.body.put(ReplyBody::Value);
        #[cfg(feature = "schema")]
        {
            self.is_restricted = false;
        }
    }

    pub(crate) fn body(&self) -> &ReplyBody {
        &self.body
    }

    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    pub(crate) fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    pub(crate) fn take_reply_body(&mut self) -> ReplyBody {
        std::mem::take(&mut self.body)
    }

    /// Empties the reply for the next request. What it allocated is kept, within limits.
    pub(crate) fn reset(&mut self) {
        self.status = StatusCode::OK;
        self.status_is = StatusIs::Default;
        self.content_type = ContentType::None;
        self.headers.clear();
        self.body.put(ReplyBody::Empty);
        if self.fault.is_some() {
            self.fault = None;
        }
        self.close = false;
        #[cfg(feature = "schema")]
        if self.plan.is_some() {
            self.plan = None;
        }
        if self.trailers.is_some() {
            self.trailers = None;
        }
        if self.buffer.capacity() > BUFFER_KEPT {
            self.buffer = Vec::new();
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status())
            .field("content_type", &self.content_type())
            .field("headers", self.headers())
            .finish_non_exhaustive()
    }
}

/// Whether `value` may stand in a header.
pub(crate) fn is_header_value(value: &str) -> bool {
    is_value(value.as_bytes())
}
