//! Errors: one type for all that goes wrong on the way of a request, and at start-up.

mod code;
mod derived;
mod fastify;
mod http_error;
pub(crate) mod render;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;

pub use code::Code;
#[doc(hidden)]
pub use derived::{AsSource, status};
pub use http_error::HttpError;
pub use render::ErrorFormat;
pub(crate) use render::ErrorStyle;

/// `Result` with fastweb's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a handler or hook fails with, and what is answered then: a status, a code and a message.
///
/// By default the answer is JSON:
/// `{"statusCode":404,"code":"FW_ERR_NOT_FOUND","error":"Not Found","message":"…"}`. For a status of 500 and more that was not made
/// by fastweb itself the message stays in the log and the client reads the status' standard phrase.
///
/// Any error that implements [`HttpError`] becomes one through `?`; so do the errors of `std`, with status 500.
///
/// ```
/// use fastweb_core::Error;
///
/// let error = Error::new(409, "the name is taken").with_code("NAME_TAKEN");
/// assert_eq!(error.status(), 409);
/// assert_eq!(error.to_string(), "the name is taken");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    status: StatusCode,
    code: Option<Cow<'static, str>>,
    message: Cow<'static, str>,
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    details: Vec<Detail>,
    /// The message is fastweb's own and safe to show whatever the status is.
    shown: bool,
    /// The stream of requests cannot be trusted after this one.
    fatal: bool,
    /// A `not_found` handler is to answer instead.
    passes_on: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// One of the reasons why a request is not valid. At most 16 of them leave with the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The part of the request: `params`, `querystring`, `headers` or `body`.
    pub part: &'static str,
    /// Where in that part, as a JSON pointer (RFC 6901): `/items/3/price`; empty for the part as a whole.
    pub pointer: String,
    /// The rule that was broken, in JSON Schema's words: `type`, `required`, `maximum`.
    pub keyword: &'static str,
    /// What a reader is told: `must be integer`.
    pub message: String,
}

impl Error {
    /// An error that is answered with `status` and `message`.
    ///
    /// `status` is an [`http::StatusCode`] or a number; a number below 400 or above 599 makes it 500, as in Fastify.
    pub fn new(status: impl TryInto<StatusCode>, message: impl Into<Cow<'static, str>>) -> Self {
        let status = status.try_into().ok().filter(|s| s.is_client_error() || s.is_server_error());
        Self(Box::new(Inner {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: None,
            message: message.into(),
            headers: Vec::new(),
            details: Vec::new(),
            shown: false,
            fatal: false,
            passes_on: false,
            source: None,
        }))
    }

    /// 400.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401.
    pub fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// 403.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// Passes the request on, as if there were no such route: the `not_found` handler of the nearest scope that has one answers it, else fastweb's
    /// 404. From a `not_found` handler it goes on to that of the scope around. `on_error` hooks and error handlers see what is then answered with an
    /// error, and not this one.
    ///
    /// ```
    /// # use fastweb_core::{App, Error, Inject, Path, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// fn find(id: u64) -> Option<&'static str> {
    ///     (id == 7).then_some("Ada")
    /// }
    /// let user = |Path(id): Path<u64>| find(id).ok_or_else(Error::call_not_found);
    /// let server = App::new().get("/users/{id}", user).build().await?;
    /// server.inject(Inject::get("/users/7")).await.assert_text("Ada");
    /// let reply = server.inject(Inject::get("/users/8")).await;
    /// assert_eq!(reply.json::<serde_json::Value>()["message"], "Route GET:/users/8 not found");
    /// # Ok(())
    /// # }
    /// ```
    pub fn call_not_found() -> Self {
        let mut error = Self::from_code(Code::NotFound);
        error.0.passes_on = true;
        error
    }

    pub(crate) fn passes_on(&self) -> bool {
        self.0.passes_on
    }

    /// 409.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 500. The message goes to the log, not to the client.
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::from_code(Code::Internal).with_message(message).hidden()
    }

    /// An error of fastweb's own table.
    pub fn from_code(code: Code) -> Self {
        let mut error = Self::new(code.status(), code.message());
        error.0.code = Some(Cow::Borrowed(code.as_str()));
        error.0.shown = true;
        error
    }

    /// Replaces the message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Gives the error a code of the application's own: `"NAME_TAKEN"`.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Adds a header to the answer: `("retry-after", "5")`.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        self.0.headers.push((name.into(), value.into()));
        self
    }

    /// Keeps what caused the error, for the log and for [`source`](StdError::source).
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds one reason why the request is not valid.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.0.details.push(detail);
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The code, where the error has one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The message, as the application reads it. A client may be shown less: see [`Error`].
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The reasons why the request is not valid, in the order of the document.
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// What the client may be told: the message, or, where it stays in the log (see [`Error`]), the standard phrase of the status. For error
    /// handlers that answer in a form of their own.
    pub fn public_message(&self) -> &str {
        if self.0.status.is_server_error() && !self.0.shown {
            self.0.status.canonical_reason().unwrap_or("Internal Server Error")
        } else {
            &self.0.message
        }
    }

    pub(crate) fn hidden(mut self) -> Self {
        self.0.shown = false;
        self
    }

    /// The server cannot start. It answers no request, so it has no code.
    pub(crate) fn at_start(message: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    pub(crate) fn shown(mut self) -> Self {
        self.0.shown = true;
        self
    }

    pub(crate) fn fatal(mut self) -> Self {
        self.0.fatal = true;
        self
    }

    pub(crate) fn is_fatal(&self) -> bool {
        self.0.fatal
    }

    pub(crate) fn body_too_large(limit: u64) -> Self {
        Self::from_code(Code::BodyTooLarge).with_message(format!("The request body is larger than {limit} bytes"))
    }

    /// The body ended or failed before, and is read again.
    pub(crate) fn body_broken() -> Self {
        Self::from_code(Code::InvalidBody).with_message("The request body failed before and cannot be read further")
    }

    /// The same error for somebody else who asks for what has failed. What caused it stays with the first.
    pub(crate) fn again(&self) -> Self {
        let Inner { status, code, message, headers, details, shown, fatal, passes_on, source: _ } = &*self.0;
        Self(Box::new(Inner {
            status: *status,
            code: code.clone(),
            message: message.clone(),
            headers: headers.clone(),
            details: details.clone(),
            shown: *shown,
            fatal: *fatal,
            passes_on: *passes_on,
            source: None,
        }))
    }

    /// 400 for one part of the request: `querystring/limit must be integer`.
    pub(crate) fn invalid(detail: Detail) -> Self {
        let Detail { part, pointer, message, .. } = &detail;
        let message = format!("{part}{pointer} {message}");
        Self::from_code(Code::Validation).with_message(message).with_detail(detail)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Readable, because this is what `fn main() -> fastweb::Result<()>` prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(code) = self.code() {
            write!(f, " ({code})")?;
        }
        let mut source = self.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !self.0.message.contains(&text) {
                write!(f, "\n  caused by: {text}")?;
            }
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl<E: HttpError> From<E> for Error {
    fn from(error: E) -> Self {
        if let Some(carried) = error.carried() {
            return carried;
        }
        let code = error.code();
        let mut made = Self::new(error.status(), error.to_string());
        let is_fault = made.0.status.is_server_error();
        made.0.code = code.or_else(|| is_fault.then_some(Cow::Borrowed(Code::Internal.as_str())));
        made.0.source = Some(Box::new(error));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_is_no_error_becomes_500() {
        assert_eq!(Error::new(200, "x").status(), 500);
        assert_eq!(Error::new(99, "x").status(), 500);
        assert_eq!(Error::new(418, "x").status(), 418);
        assert_eq!(Error::new(StatusCode::CONFLICT, "x").status(), 409);
    }

    #[test]
    fn server_errors_do_not_show_their_message() {
        assert_eq!(Error::new(500, "password wrong").public_message(), "Internal Server Error");
        assert_eq!(Error::internal("password wrong").public_message(), "Internal Server Error");
        assert_eq!(Error::from_code(Code::HandlerTimeout).public_message(), Code::HandlerTimeout.message());
        assert_eq!(Error::bad_request("no").public_message(), "no");
    }

    #[test]
    fn std_errors_become_500_and_stay_the_source() {
        fn fails() -> Result<i32> {
            Ok("x".parse::<i32>()?)
        }
        let error = fails().expect_err("x is no number");
        assert_eq!(error.status(), 500);
        assert_eq!(error.code(), Some("FW_ERR_INTERNAL"));
        assert!(error.source().is_some());
    }

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(code.as_str().starts_with("FW_ERR_"), "{code:?}");
            assert!(seen.insert(code.as_str()), "{code:?} twice");
            assert!(code.status().as_u16() >= 400, "{code:?}");
        }
    }
}
