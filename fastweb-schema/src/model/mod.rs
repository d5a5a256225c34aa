//! Models: types that know their schema, and are read in one pass and written by generated code.
//!
//! `#[fastweb::model]` makes a struct or an enum a [`Model`]. Whatever is read then of a type that has models in it, is validated:
//!
//! ```
//! use fastweb_macros::model;
//! use fastweb_schema::model::{ModelPlan, from_json};
//!
//! // With fastweb as the dependency, `#[fastweb::model]` alone.
//! #[model(crate = fastweb_schema)]
//! struct User {
//!     #[schema(min_length = 1)]
//!     name: String,
//!     age: Option<u8>,
//! }
//!
//! let plan = ModelPlan::kept::<Vec<User>>()?.expect("there is a model in it");
//! let users: Vec<User> = from_json(br#"[{"name":"Ada","age":36}]"#, &plan)?;
//! assert_eq!((&*users[0].name, users[0].age), ("Ada", Some(36)));
//!
//! let error = from_json::<Vec<User>>(br#"[{"name":"","age":360}]"#, &plan).err().expect("two failures");
//! assert_eq!(error.to_string(), "/0/name must NOT have fewer than 1 characters, /0/age must be <= 255");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cursor;
mod number;
mod parse;
mod plan;
mod probe;
mod reader;
mod rules;
mod schema;
mod token;
mod write;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use plan::{ModelError, ModelPlan, from_json};
pub use probe::schema_of;
pub use write::to_json;

/// What generated code calls. It is no part of the interface: it changes without notice.
#[doc(hidden)]
#[allow(unreachable_pub)]
pub mod private {
    pub use super::Model;
    pub use super::cursor::{Cursor, Names};
    pub use super::parse::{Has, OrNot, Parse, Told};
    pub use super::rules::{Format, Limit, Pattern, Rules};
    pub use super::schema::{Aliases, Constrain};
    pub use super::token::{MODEL, Plain, deserialize, serialize};
    pub use super::write::{Error as WriteError, Spare, WriteJson, write_plain};
}

/// A type that `#[model]` stands above, and no other.
///
/// ```
/// use fastweb_macros::model;
/// use fastweb_schema::Model;
///
/// #[model(crate = fastweb_schema)]
/// #[derive(Debug, PartialEq)]
/// enum Size { Small, Large }
///
/// assert_eq!(Size::schema()["enum"], serde_json::json!(["Small", "Large"]));
/// assert_eq!(Size::parse(b"\"Large\""), Ok(Size::Large));
/// assert_eq!(Size::parse(b"\"Medium\"").unwrap_err().to_string(), "must be equal to one of the allowed values");
/// const { assert!(Size::IS_ONE_PASS) };
/// ```
pub trait Model:
    private::Parse + private::Plain + private::WriteJson + JsonSchema + Serialize + DeserializeOwned + 'static
{
    /// Whether the item itself is read in one pass. It is not if it has attributes of serde's that generated code does not know, or a field
    /// whose type is no model, no scalar, no text, and no array, option or map of these. [`ModelPlan::reasons`] tells of all that is in it, too.
    const IS_ONE_PASS: bool = <Self as private::Parse>::ONE_PASS;

    /// The JSON Schema, draft 2020-12.
    ///
    /// ```
    /// # use fastweb_macros::model;
    /// # use fastweb_schema::Model;
    /// #[model(crate = fastweb_schema)]
    /// struct Name(#[schema(max_length = 100)] String);
    ///
    /// assert_eq!(Name::schema()["maxLength"], 100);
    /// ```
    fn schema() -> Value {
        schema::schema_of_model::<Self>()
    }

    /// Reads a value that is valid by the schema.
    ///
    /// ```
    /// # use fastweb_macros::model;
    /// # use fastweb_schema::Model;
    /// #[model(crate = fastweb_schema)]
    /// #[derive(Debug)]
    /// struct Name(#[schema(max_length = 2)] String);
    ///
    /// assert_eq!(Name::parse(b"\"Al\"").map(|name| name.0), Ok("Al".to_owned()));
    /// assert_eq!(Name::parse(b"\"Ada\"").unwrap_err().to_string(), "must NOT have more than 2 characters");
    /// ```
    ///
    /// # Errors
    ///
    /// If the bytes are no JSON, or the value is not what the schema and the type ask for.
    ///
    /// # Panics
    ///
    /// If the schema is none, which can be where a part of it was written by hand: [`ModelPlan::of`] tells at start-up.
    fn parse(json: &[u8]) -> Result<Self, ModelError> {
        let plan = ModelPlan::kept::<Self>().expect("a schema").expect("a model has one");
        from_json(json, &plan)
    }
}
