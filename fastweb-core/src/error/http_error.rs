//! The trait that makes an application's own errors answers.

use std::borrow::Cow;
use std::error::Error as StdError;

use http::StatusCode;

/// An error type of the application that knows its status. `?` in a handler turns it into [`Error`](crate::Error).
///
/// The message is the type's `Display`. For a status of 500 and more it goes to the log and the client does not see it.
///
/// ```
/// use std::fmt;
/// use fastweb_core::{Error, HttpError, StatusCode};
///
/// #[derive(Debug)]
/// struct OutOfStock;
///
/// impl fmt::Display for OutOfStock {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("nothing left")
///     }
/// }
/// impl std::error::Error for OutOfStock {}
/// impl HttpError for OutOfStock {
///     fn status(&self) -> StatusCode {
///         StatusCode::CONFLICT
///     }
/// }
///
/// assert_eq!(Error::from(OutOfStock).status(), 409);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no error that can be answered",
    label = "not an `HttpError`",
    note = "write `impl fastweb::HttpError for {Self} {{}}` (status 500) or give it a `fn status(&self)`; it has to be a `std::error::Error + Send + Sync`",
    note = "or turn it into an answer on the spot: `.map_err(|e| fastweb::Error::bad_request(e.to_string()))?`"
)]
pub trait HttpError: StdError + Send + Sync + 'static {
    /// The status of the answer. One below 400 or above 599 becomes 500.
    fn status(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }

    /// The `code` of the answer: a word for programs, like `"OUT_OF_STOCK"`.
    fn code(&self) -> Option<Cow<'static, str>> {
        None
    }

    /// The error that this one only carries.
    #[doc(hidden)]
    fn carried(&self) -> Option<crate::Error> {
        None
    }
}

// No blanket over `std::error::Error`: it would forbid applications their own `From<TheirError> for Error`. These are the errors that
// `?` meets most; all of them are faults of the application unless it says otherwise. A list of them would bury the notes above.
#[diagnostic::do_not_recommend]
impl HttpError for std::io::Error {
    /// What went wrong with a body that was read as a reader is still 413, 400 or 408.
    fn carried(&self) -> Option<crate::Error> {
        self.get_ref()?.downcast_ref().map(crate::Error::again)
    }
}
#[diagnostic::do_not_recommend]
impl HttpError for std::fmt::Error {}
#[diagnostic::do_not_recommend]
impl HttpError for std::str::Utf8Error {}
#[diagnostic::do_not_recommend]
impl HttpError for std::string::FromUtf8Error {}
#[diagnostic::do_not_recommend]
impl HttpError for std::num::ParseIntError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::num::ParseFloatError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::num::TryFromIntError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::str::ParseBoolError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::char::ParseCharError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::net::AddrParseError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::env::VarError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::time::SystemTimeError {}
#[diagnostic::do_not_recommend]
impl HttpError for std::array::TryFromSliceError {}
#[diagnostic::do_not_recommend]
impl HttpError for tokio::task::JoinError {}
#[diagnostic::do_not_recommend]
impl HttpError for tokio::time::error::Elapsed {}
#[cfg(feature = "json")]
#[diagnostic::do_not_recommend]
impl HttpError for serde_json::Error {}
