//! Models: types that know their schema, and are read in one pass by generated code.

mod cursor;
mod number;
mod parse;
mod rules;
mod schema;
mod token;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What generated code calls. It is no part of the interface: it changes without notice.
#[allow(unreachable_pub)]
pub mod private {
    pub use super::Model;
    pub use super::cursor::{Cursor, Names};
    pub use super::parse::{Has, OrNot, Parse, Told};
    pub use super::rules::{Format, Limit, Pattern, Rules};
    pub use super::schema::{Alias, Constrain};
    pub use super::token::{MODEL, Plain, deserialize, serialize};
}

/// A type that `#[model]` stands above.
pub trait Model: private::Parse + private::Plain + JsonSchema + Serialize + DeserializeOwned + 'static {
    /// The JSON Schema, draft 2020-12.
    fn schema() -> Value {
        schema::schema_of_model::<Self>()
    }
}
