//! How arguments are read where the feature `schema` is off: by their types alone.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::BindCx;
use crate::error::Result;
use crate::request::Request;

/// How a JSON body is read as one type.
#[cfg(feature = "json")]
#[derive(Debug)]
#[allow(unreachable_pub)]
pub struct JsonPlan;

#[cfg(feature = "json")]
impl JsonPlan {
    #[allow(clippy::extra_unused_type_parameters)] // Where schemas are on, the type is asked for its own.
    pub(super) fn bind<T: DeserializeOwned + 'static>(_: &mut BindCx<'_>) -> Option<Self> {
        Some(Self)
    }

    /// For bodies that no argument reads.
    ///
    /// # Errors
    /// None: where schemas are on, the type's may be none.
    #[allow(clippy::extra_unused_type_parameters, clippy::unnecessary_wraps)]
    pub(crate) fn kept<T: DeserializeOwned + 'static>() -> Result<Self> {
        Ok(Self)
    }

    /// Of a type whose schema is not asked for.
    pub(super) fn without_model() -> Self {
        Self
    }

    pub(crate) fn read<T: DeserializeOwned>(&self, req: &mut Request) -> Result<T> {
        super::json::parse(super::body::whole(req)?)
    }
}

/// How a part of a request that is names and values is read as one type.
#[derive(Debug)]
#[allow(unreachable_pub)]
pub struct TextPlan;

/// Such parts.
#[derive(Clone, Copy, Debug)]
pub(super) enum TextPart {
    Params,
    Query,
    Headers,
    Cookies,
    Form,
}

impl TextPlan {
    #[allow(clippy::extra_unused_type_parameters)] // Where schemas are on, the type is asked for its own.
    pub(super) fn bind<T: DeserializeOwned + 'static>(_: &mut BindCx<'_>, _: TextPart) -> Option<Self> {
        Some(Self)
    }

    pub(super) fn read<T>(&self, req: &mut Request, plain: impl FnOnce(&Request) -> Result<T>) -> Result<T> {
        plain(req)
    }

    pub(super) fn read_pairs<'p, T>(
        &self,
        pairs: Vec<(Cow<'p, str>, Cow<'p, str>)>,
        plain: impl FnOnce(Vec<(Cow<'p, str>, Cow<'p, str>)>) -> Result<T>,
    ) -> Result<T> {
        plain(pairs)
    }
}
