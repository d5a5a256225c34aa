//! JSON Schema for fastweb: what is true of data, apart from HTTP. This crate knows nothing of servers.
//!
//! - A [`Document`] is JSON that was parsed once; one documented rule says what is accepted.
//! - A [`Registry`] has schemas by name, and compiles schemas to validators. What is wrong with a schema is told then, with its place.
//! - A [`Coercer`] turns text into what a schema asks for, fills in defaults and removes what is forbidden, before validation.
//! - A [`Validator`] tells what is wrong with a document, in the words of [`message`], the table that every part of fastweb speaks from.
//!   They are Fastify's.
//! - [`Serializer`]: a response schema compiled at startup; it writes answers, and of these only what the schema declares.
//!   [`Responses`] is the table of a route's serialisers by status.
//! - [`openapi`] makes the OpenAPI document of operations and the schemas that they share.
//!
//! ```
//! use fastweb_schema::{Document, Registry};
//! use serde_json::json;
//!
//! let validator = Registry::new().compile(&json!({
//!     "type": "object",
//!     "properties": { "name": { "type": "string" }, "age": { "type": "integer", "minimum": 0 } },
//!     "required": ["name"],
//! }))?;
//!
//! #[derive(serde::Deserialize)]
//! struct User { name: String, age: Option<u8> }
//!
//! let document = Document::parse(br#"{"name":"Ada","age":36}"#)?;
//! validator.validate(&document)?;
//! let user: User = document.deserialize()?;
//! assert_eq!((&*user.name, user.age), ("Ada", Some(36)));
//!
//! let failures = validator.validate(&Document::parse(br#"{"age":"36"}"#)?).unwrap_err();
//! assert_eq!(failures.to_string(), "must have required property 'name', /age must be integer");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![deny(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod address;
mod coercion;
mod document;
mod members;
mod message;
pub mod model;
mod only_text;
pub mod openapi;
mod registry;
mod serializer;
mod text;
mod validator;

pub use coercion::{Coercer, Coercion, header_schema};
pub use document::{Buffers, DataError, Document, Items, Members, Node, ParseError, ParseErrorKind};
pub use message::message;
pub use model::Model;
pub use registry::{Draft, Registry, SchemaError};
pub use serializer::{
    CompileError, CompileProblem, Dropped, Properties, Resolve, Responses, ResponsesError, SerializeError, Serializer,
    Source, View,
};
pub use validator::{Failure, Failures, Validator};

/// What generated code calls. It is no part of the interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::model::private as model;
    pub use crate::text::{Spare, write_f32, write_f64, write_i64, write_str, write_u64};
    pub use crate::validator::Lanes;
    pub use {schemars, serde};
}
