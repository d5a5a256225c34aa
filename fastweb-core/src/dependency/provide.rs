//! What `#[dependency]` writes.

use crate::error::{Error, Result};

/// What a function may return that provides a `T`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a dependency's function cannot return `{Self}`",
    label = "neither the value nor a `Result` of it",
    note = "it returns the value or a `Result` of it, whose error implements `HttpError`"
)]
pub trait Provides<T> {
    fn into_provided(self) -> Result<T>;
}

impl<T> Provides<T> for T {
    fn into_provided(self) -> Result<T> {
        Ok(self)
    }
}

impl<T, E: Into<Error>> Provides<T> for std::result::Result<T, E> {
    fn into_provided(self) -> Result<T> {
        self.map_err(Into::into)
    }
}

/// What a function has provided.
///
/// # Errors
/// It has failed.
pub fn answer_of<T>(provided: impl Provides<T>) -> Result<T> {
    provided.into_provided()
}
