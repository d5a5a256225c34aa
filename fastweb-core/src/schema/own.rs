//! Validators and serialisers that a scope brings itself.

use std::fmt;
use std::sync::Arc;

use fastweb_schema::{Failure, Registry};
use serde_json::Value;

use crate::error::Result;

/// Which part of an exchange a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaPart {
    /// The parameters of the path.
    Params,
    /// The query.
    Query,
    /// The request's headers.
    Headers,
    /// The cookies.
    Cookies,
    /// The request's body.
    Body,
    /// An answer.
    Response,
}

impl SchemaPart {
    /// Its name in messages, which is Fastify's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Query => "querystring",
            Self::Headers => "headers",
            Self::Cookies => "cookies",
            Self::Body => "body",
            Self::Response => "response",
        }
    }
}

/// A schema and what it is for: what [`validator_compiler`](crate::App::validator_compiler) and
/// [`serializer_compiler`](crate::App::serializer_compiler) are given.
#[non_exhaustive]
pub struct SchemaUse<'a> {
    /// The schema, as the route was declared with it.
    pub schema: &'a Value,
    /// Which part it is of.
    pub part: SchemaPart,
    /// The media type that a schema of the body is for, or the status that one of the response is for, where it is for one.
    pub key: Option<&'a str>,
    /// The route's methods.
    pub methods: &'a [String],
    /// The route's path, with the prefixes of its scopes.
    pub path: &'a str,
    /// The schemas that the route's scope shares.
    pub registry: &'a Registry,
}

impl fmt::Debug for SchemaUse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, key, methods, path, .. } = self;
        write!(f, "{} {path} {} {key:?}", methods.join("|"), part.name())
    }
}

pub(crate) type OwnValidator = Arc<dyn Fn(&mut Value) -> std::result::Result<(), Vec<Failure>> + Send + Sync>;
pub(crate) type ValidatorCompiler = dyn Fn(&SchemaUse<'_>) -> Result<OwnValidator> + Send + Sync;
pub(crate) type OwnSerializer = Arc<dyn Fn(&Value) -> Result<String> + Send + Sync>;
pub(crate) type SerializerCompiler = dyn Fn(&SchemaUse<'_>) -> Result<OwnSerializer> + Send + Sync;
