//! A value between the handler and the wire.

use std::fmt;

#[cfg(feature = "json")]
use crate::error::{Error, Result};

/// What a handler answered with, on its way to the wire: `pre_serialization` hooks may look at it and replace it.
///
/// Only values have this phase: text, bytes, streams and empty answers skip it, as in Fastify. What no hook replaces is sent as the
/// handler's own type was serialised: members in their order, numbers in their precision.
pub struct Payload(Vec<u8>);

impl Payload {
    /// Takes a value that is serialised: most routes have no such hooks, so that is done first.
    pub(super) fn new(json: Vec<u8>) -> Self {
        Self(json)
    }

    pub(super) fn into_json(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(feature = "json")]
impl Payload {
    /// The value, read as `T`.
    ///
    /// # Errors
    /// It does not have the shape of a `T` (500).
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.0).map_err(not_serialisable)
    }

    /// Puts another value in its place.
    ///
    /// # Errors
    /// `value` cannot be serialised (500).
    pub fn replace<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let mut json = Vec::new();
        write_json(value, &mut json)?;
        self.0 = json;
        Ok(())
    }
}

/// Writes `value` to the end of `out`. Models are written by the code that was generated for them.
#[cfg(feature = "json")]
#[inline]
pub(crate) fn write_json<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<()> {
    #[cfg(feature = "schema")]
    let written = fastweb_schema::model::to_json(value, out);
    #[cfg(not(feature = "schema"))]
    let written = serde_json::to_writer(out, value);
    written.map_err(not_serialisable)
}

#[cfg(feature = "json")]
pub(super) fn not_serialisable(error: serde_json::Error) -> Error {
    Error::internal(format!("the answer cannot be serialised: {error}")).with_source(error)
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Payload").field(&String::from_utf8_lossy(&self.0)).finish()
    }
}
