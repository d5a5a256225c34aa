//! What the code of `#[derive(ApiError)]` calls.

use std::error::Error as StdError;

use http::StatusCode;

/// A status that was checked when it was compiled.
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What is behind an error: also where it is in a box, which is no error itself.
#[doc(hidden)]
pub trait AsSource {
    fn as_source(&self) -> &(dyn StdError + 'static);
}

impl<T: StdError + 'static> AsSource for T {
    fn as_source(&self) -> &(dyn StdError + 'static) {
        self
    }
}

macro_rules! boxed {
    ($($ty:ty)*) => {$(
        impl AsSource for $ty {
            fn as_source(&self) -> &(dyn StdError + 'static) {
                self
            }
        }
    )*};
}

boxed!(dyn StdError dyn StdError + Send dyn StdError + Send + Sync);
