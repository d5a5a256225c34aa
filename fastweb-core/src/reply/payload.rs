//! A value between the handler and its serialisation.

use std::fmt;

use crate::error::{Error, Result};

/// What a handler answered with, before it becomes bytes: `pre_serialization` hooks may look at it and replace it.
///
/// Only values have this phase: text, bytes, streams and empty answers skip it, as in Fastify.
pub struct Payload(Value);

#[cfg(feature = "json")]
type Value = serde_json::Value;
#[cfg(not(feature = "json"))]
type Value = std::convert::Infallible;

#[cfg(feature = "json")]
impl Payload {
    pub(crate) fn of<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self> {
        serde_json::to_value(value).map(Self).map_err(not_serialisable)
    }

    /// The value, read as `T`.
    ///
    /// # Errors
    /// It does not have the shape of a `T` (500).
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.0).map_err(not_serialisable)
    }

    /// Puts another value in its place.
    ///
    /// # Errors
    /// `value` cannot be serialised (500).
    pub fn replace<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.0 = serde_json::to_value(value).map_err(not_serialisable)?;
        Ok(())
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        serde_json::to_writer(out, &self.0).map_err(not_serialisable)
    }
}

#[cfg(not(feature = "json"))]
impl Payload {
    pub(crate) fn write(&self, _out: &mut Vec<u8>) -> Result<()> {
        match self.0 {}
    }
}

#[cfg(feature = "json")]
pub(super) fn not_serialisable(error: serde_json::Error) -> Error {
    Error::internal(format!("the answer cannot be serialised: {error}")).with_source(error)
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Payload").field(&self.0).finish()
    }
}
