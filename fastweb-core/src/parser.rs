//! Content-type parsers: how bodies of media types that fastweb does not know become JSON.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use bytes::Bytes;

use crate::error::{Code, Error, Result};
use crate::request::Request;
use crate::slot::{Called, Slot};

/// A function that makes JSON of a body: `&mut Request` and [`Bytes`] in, or `String` where it reads text (what is no UTF-8 is 400 then); JSON text out (`String`, `Vec<u8>`, `Bytes`, or a `serde_json::Value`), or a
/// `Result` of that. It may be `async`. An error of it is answered like one of the handler: [`Error::bad_request`] for a body that is
/// malformed. [`limited`] gives it a limit of its own.
///
/// Registered with [`App::content_type_parser`](crate::App::content_type_parser).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a content-type parser",
    label = "not a content-type parser",
    note = "it takes `&mut Request` and `Bytes` or `String` and returns JSON: `String`, `Vec<u8>`, `Bytes`, `serde_json::Value`, or a `Result` of one of them; it may be `async`"
)]
pub trait BodyParser<M>: Send + Sync + 'static {
    #[doc(hidden)]
    fn erase(self) -> Arc<dyn ErasedBodyParser>;
}

#[doc(hidden)]
pub trait ErasedBodyParser: Send + Sync {
    fn call<'a>(&'a self, request: &'a mut Request, body: Bytes, slot: &'a mut Slot) -> Called<'a, Result<Bytes>>;

    /// The most bytes that it reads.
    fn limit(&self) -> Option<u64> {
        None
    }
}

/// Gives a content-type parser a limit of its own: a body of more `bytes` is 413. The smaller of this and the route's counts.
///
/// ```
/// # use fastweb_core::{App, Inject, Json, Request, limited};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let words = |_: &mut Request, text: String| format!("{:?}", text.split(' ').collect::<Vec<_>>());
/// let server = App::new()
///     .content_type_parser("text/words", limited(10, words))
///     .post("/count", |Json(words): Json<Vec<String>>| words.len().to_string())
///     .build()
///     .await?;
/// let post = |text: &str| Inject::post("/count").header("content-type", "text/words").body(text);
/// server.inject(post("one two")).await.assert_text("2");
/// server.inject(post("one two three")).await.assert_status(413);
/// # Ok(())
/// # }
/// ```
pub fn limited<M>(bytes: u64, parser: impl BodyParser<M>) -> LimitedParser {
    LimitedParser { limit: bytes, parser: parser.erase() }
}

/// See [`limited`].
pub struct LimitedParser {
    limit: u64,
    parser: Arc<dyn ErasedBodyParser>,
}

impl fmt::Debug for LimitedParser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitedParser").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl BodyParser<Limited> for LimitedParser {
    fn erase(self) -> Arc<dyn ErasedBodyParser> {
        Arc::new(self)
    }
}

impl ErasedBodyParser for LimitedParser {
    fn call<'a>(&'a self, request: &'a mut Request, body: Bytes, slot: &'a mut Slot) -> Called<'a, Result<Bytes>> {
        self.parser.call(request, body, slot)
    }

    fn limit(&self) -> Option<u64> {
        Some(self.parser.limit().map_or(self.limit, |inner| inner.min(self.limit)))
    }
}

/// What a content-type parser returns.
pub trait IntoJsonText {
    /// The JSON text.
    ///
    /// # Errors
    /// The parser failed.
    fn into_json_text(self) -> Result<Bytes>;
}

macro_rules! json_text {
    ($($type:ty),+) => {$(
        impl IntoJsonText for $type {
            fn into_json_text(self) -> Result<Bytes> {
                Ok(self.into())
            }
        }
    )+};
}

json_text!(Bytes, String, Vec<u8>, &'static str);

#[cfg(feature = "json")]
impl IntoJsonText for serde_json::Value {
    fn into_json_text(self) -> Result<Bytes> {
        Ok(serde_json::to_vec(&self)?.into())
    }
}

impl<T: IntoJsonText, E: Into<Error>> IntoJsonText for Result<T, E> {
    fn into_json_text(self) -> Result<Bytes> {
        self.map_err(Into::into)?.into_json_text()
    }
}

/// Marks synchronous parsers.
#[derive(Debug)]
pub struct SyncParser;
/// Marks asynchronous parsers.
#[derive(Debug)]
pub struct AsyncParser;
/// Marks parsers of text.
#[derive(Debug)]
pub struct TextParser<M>(PhantomData<M>);
/// Marks parsers with a limit.
#[derive(Debug)]
pub struct Limited;

struct ParserFn<F, M>(F, PhantomData<fn() -> M>);

impl<F, R> BodyParser<SyncParser> for F
where
    F: Fn(&mut Request, Bytes) -> R + Send + Sync + 'static,
    R: IntoJsonText + 'static,
{
    fn erase(self) -> Arc<dyn ErasedBodyParser> {
        Arc::new(ParserFn::<F, (SyncParser, R)>(self, PhantomData))
    }
}

impl<F, R> ErasedBodyParser for ParserFn<F, (SyncParser, R)>
where
    F: Fn(&mut Request, Bytes) -> R + Send + Sync,
    R: IntoJsonText,
{
    fn call<'a>(&'a self, request: &'a mut Request, body: Bytes, _: &'a mut Slot) -> Called<'a, Result<Bytes>> {
        Called::Done((self.0)(request, body).into_json_text())
    }
}

impl<F, R> BodyParser<AsyncParser> for F
where
    F: AsyncFn(&mut Request, Bytes) -> R + Send + Sync + 'static,
    R: IntoJsonText + 'static,
{
    fn erase(self) -> Arc<dyn ErasedBodyParser> {
        Arc::new(ParserFn::<F, (AsyncParser, R)>(self, PhantomData))
    }
}

impl<F, R> ErasedBodyParser for ParserFn<F, (AsyncParser, R)>
where
    F: AsyncFn(&mut Request, Bytes) -> R + Send + Sync,
    R: IntoJsonText + 'static,
{
    fn call<'a>(&'a self, request: &'a mut Request, body: Bytes, slot: &'a mut Slot) -> Called<'a, Result<Bytes>> {
        slot.begin(async move { (self.0)(request, body).await.into_json_text() })
    }
}

impl<F, R> BodyParser<TextParser<SyncParser>> for F
where
    F: Fn(&mut Request, String) -> R + Send + Sync + 'static,
    R: IntoJsonText + 'static,
{
    fn erase(self) -> Arc<dyn ErasedBodyParser> {
        Arc::new(ParserFn::<F, TextParser<(SyncParser, R)>>(self, PhantomData))
    }
}

impl<F, R> ErasedBodyParser for ParserFn<F, TextParser<(SyncParser, R)>>
where
    F: Fn(&mut Request, String) -> R + Send + Sync,
    R: IntoJsonText,
{
    fn call<'a>(&'a self, request: &'a mut Request, body: Bytes, _: &'a mut Slot) -> Called<'a, Result<Bytes>> {
        Called::Done(body_text(body).and_then(|text| (self.0)(request, text).into_json_text()))
    }
}

impl<F, R> BodyParser<TextParser<AsyncParser>> for F
where
    F: AsyncFn(&mut Request, String) -> R + Send + Sync + 'static,
    R: IntoJsonText + 'static,
{
    fn erase(self) -> Arc<dyn ErasedBodyParser> {
        Arc::new(ParserFn::<F, TextParser<(AsyncParser, R)>>(self, PhantomData))
    }
}

impl<F, R> ErasedBodyParser for ParserFn<F, TextParser<(AsyncParser, R)>>
where
    F: AsyncFn(&mut Request, String) -> R + Send + Sync,
    R: IntoJsonText + 'static,
{
    fn call<'a>(&'a self, request: &'a mut Request, body: Bytes, slot: &'a mut Slot) -> Called<'a, Result<Bytes>> {
        match body_text(body) {
            Ok(text) => slot.begin(async move { (self.0)(request, text).await.into_json_text() }),
            Err(error) => Called::Done(Err(error)),
        }
    }
}

/// A body as text.
///
/// # Errors
/// It is no UTF-8 (400).
pub(crate) fn body_text(body: Bytes) -> Result<String> {
    String::from_utf8(body.into()).map_err(|error| {
        let message = format!("The body is no UTF-8 text: {}", error.utf8_error());
        Error::from_code(Code::InvalidBody).with_message(message)
    })
}

/// A parser and the media types that it is for.
#[derive(Clone)]
pub(crate) struct ContentTypeParser {
    media: MediaPattern,
    parser: Arc<dyn ErasedBodyParser>,
    pub(crate) place: &'static Location<'static>,
}

/// Media types in lower case, without parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaPattern {
    Exactly(String),
    /// What stands before and behind the `*`.
    Family(String, String),
    Every,
    Malformed(String),
}

impl MediaPattern {
    pub(crate) fn parse(text: String) -> Self {
        let media = text.to_ascii_lowercase();
        let is_token = |part: &str| !part.is_empty() && part.bytes().all(crate::reply::is_token_byte);
        match (media.split_once('/'), media.split_once('*')) {
            _ if media == "*" => Self::Every,
            (Some((kind, subtype)), None) if is_token(kind) && is_token(subtype) => Self::Exactly(media),
            (Some((kind, subtype)), Some((before, behind)))
                if is_token(kind) && is_token(subtype) && before.contains('/') && !behind.contains('*') =>
            {
                Self::Family(before.to_owned(), behind.to_owned())
            }
            _ => Self::Malformed(text),
        }
    }

    pub(crate) fn matches(&self, media: &str) -> bool {
        match self {
            Self::Exactly(exactly) => media.eq_ignore_ascii_case(exactly),
            Self::Family(before, behind) => {
                let media = media.as_bytes();
                media.len() > before.len() + behind.len()
                    && media[..before.len()].eq_ignore_ascii_case(before.as_bytes())
                    && media[media.len() - behind.len()..].eq_ignore_ascii_case(behind.as_bytes())
            }
            Self::Every => true,
            Self::Malformed(_) => false,
        }
    }

    /// An exact type goes before a family, and a family before all.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Exactly(_) => 2,
            Self::Family(..) => 1,
            Self::Every | Self::Malformed(_) => 0,
        }
    }
}

impl MediaPattern {
    /// What was written, where that is no media type.
    pub(crate) fn malformed(&self) -> Option<&str> {
        match self {
            Self::Malformed(text) => Some(text),
            _ => None,
        }
    }
}

impl ContentTypeParser {
    #[track_caller]
    pub(crate) fn new<M>(media_type: String, parser: impl BodyParser<M>) -> Self {
        Self { media: MediaPattern::parse(media_type), parser: parser.erase(), place: Location::caller() }
    }

    /// What is wrong with it.
    pub(crate) fn problem(&self) -> Option<String> {
        let text = self.media.malformed()?;
        let (file, line) = (self.place.file(), self.place.line());
        Some(format!(
            "the content-type parser ({file}:{line}) is for {text:?}, which is no media type: write `application/yaml`, `text/*`, \
             `application/*+xml`, or `*` for all that have no other parser"
        ))
    }
}

/// The parser for the body of `request`: the most precise one, and of those the one that was added last.
pub(crate) fn find(parsers: &[ContentTypeParser], request: &Request) -> Option<Arc<dyn ErasedBodyParser>> {
    let content_type = std::str::from_utf8(request.head.content_type()).ok()?;
    let media = content_type.split(';').next().unwrap_or_default().trim();
    // Fastweb has parsers for these itself, so `*` does not mean them.
    let is_known = ["application/json", "text/plain"].iter().any(|known| media.eq_ignore_ascii_case(known))
        || reads_as_json(request)
        || (media.is_empty() && request.body.is_empty());
    let fitting =
        parsers.iter().filter(|parser| parser.media.matches(media) && !(is_known && parser.media.rank() == 0));
    fitting.max_by_key(|parser| parser.media.rank()).map(|parser| parser.parser.clone())
}

#[cfg(feature = "json")]
use crate::extract::reads_as_json;

/// Whether the body is JSON without a parser.
#[cfg(not(feature = "json"))]
fn reads_as_json(_: &Request) -> bool {
    false
}

/// # Errors
/// A body of `len` bytes is too long for `parser` (413).
pub(crate) fn check_length(parser: &dyn ErasedBodyParser, len: u64) -> Result<()> {
    match parser.limit() {
        Some(limit) if len > limit => Err(Error::body_too_large(limit)),
        _ => Ok(()),
    }
}

impl fmt::Debug for ContentTypeParser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContentTypeParser").field(&self.media).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_patterns() {
        for (pattern, media, matches) in [
            ("application/yaml", "application/yaml", true),
            ("application/YAML", "Application/yaml", true),
            ("application/yaml", "application/yam", false),
            ("text/*", "text/plain", true),
            ("text/*", "text/", false),
            ("text/*", "application/text", false),
            ("application/*+xml", "application/atom+XML", true),
            ("application/*+xml", "application/+xml", false),
            ("application/*+xml", "application/xml", false),
            ("*", "", true),
            ("*", "a/b", true),
        ] {
            assert_eq!(MediaPattern::parse(pattern.into()).matches(media), matches, "{pattern} {media}");
        }
        for pattern in ["", "yaml", "a/", "/b", "*/json", "a/b*c*", "a b/c", "a/b; c=d", "**"] {
            assert!(matches!(MediaPattern::parse(pattern.into()), MediaPattern::Malformed(_)), "{pattern}");
        }
    }
}
