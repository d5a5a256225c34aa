//! Serialisers: response schemas compiled at startup, by which answers are written.

mod compile;
mod error;
mod plan;
mod responses;
mod scalar;
mod serialize;
mod source;
mod state;
mod types;
mod value;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use compile::{CompileError, CompileProblem, Resolve};
pub use error::SerializeError;
pub use responses::{Responses, ResponsesError};
pub use source::{Properties, Source, View};
pub use state::Dropped;

use crate::text::Fragment;
use compile::NoRegistry;
use error::Failure;
use plan::Plan;
use serialize::Writer;
use state::State;

/// A response schema, compiled: it writes values as JSON, and of these only what the schema declares.
///
/// ```
/// use fastweb_schema::Serializer;
/// use serde_json::json;
///
/// #[derive(serde::Serialize)]
/// struct User {
///     id: u64,
///     name: String,
///     password_hash: String,
/// }
///
/// let user = Serializer::compile(&json!({
///     "type": "object",
///     "properties": {
///         "id": { "type": "integer" },
///         "name": { "type": "string" },
///         "role": { "type": "string", "default": "reader" },
///     },
///     "required": ["id", "name"],
/// }))?;
/// let mut out = Vec::new();
/// user.write(&User { id: 7, name: "Ada".into(), password_hash: "…".into() }, &mut out)?;
/// assert_eq!(out, br#"{"id":7,"name":"Ada","role":"reader"}"#);
///
/// let error = user.write_value(&json!({ "id": "7" }), &mut out).unwrap_err();
/// assert_eq!(error.pointer(), "/id");
/// // What was there before stays, and nothing of the value that was refused.
/// assert_eq!(out, br#"{"id":7,"name":"Ada","role":"reader"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What is written
///
/// - **Properties** leave in the order in which the value has them: of a struct in that of its fields, of a `serde_json::Value` in
///   that of its map. Those that are missing and have a default follow, in the schema's order. Names that the schema
///   does not declare are dropped, unless `additionalProperties` (or `unevaluatedProperties`) is `true` or a schema; so are those
///   that it declares as `false`. A schema without the type `object` and without keywords for properties lets objects through as
///   they are.
/// - **`required`** and **types** are checked. A value that is of another type is an error: nothing is invented or converted,
///   but that an integer may be a float without a fraction within 64 bits (`1.0` is written as `1`). NaN and infinities are `null`,
///   and refused where `null` is not allowed. `nullable: true` (OpenAPI 3.0) adds `null` to the types.
/// - **`enum`** and **`const`** are checked. Bounds, lengths, patterns and formats are not: they are for what comes in.
/// - **`allOf`** and **`$ref`** apply with all that stands beside them. Of `anyOf` and `oneOf` the first schema decides that fits:
///   its types and its `enum`, and, for the properties or items of the value, one level deep, theirs; and it has to find its
///   required properties. What is most particular should stand first. `if` is taken for a choice between `if` with
///   `then`, and `else`. `not` is not looked at. A value that is `Serialize` is collected first where such a choice
///   needs to know all of it.
/// - **`patternProperties`**: the first pattern decides that matches. A property that is also declared is subject to both.
/// - Numbers and strings have the text that serde_json gives them.
///
/// Values may be nested 128 levels deep, as deep as serde_json reads.
///
/// Cloning is cheap, and clones share what was compiled.
#[derive(Clone)]
pub struct Serializer {
    plan: Arc<Plan>,
}

impl Serializer {
    /// Compiles a response schema that refers to nothing outside of itself.
    ///
    /// # Errors
    ///
    /// Everything in the schema that is wrong or cannot be followed, with its place.
    ///
    /// ```
    /// use fastweb_schema::Serializer;
    ///
    /// let error = Serializer::compile(&serde_json::json!({ "required": "id" })).unwrap_err();
    /// assert_eq!(error.to_string(), "#/required: must be a list of property names");
    /// ```
    pub fn compile(schema: &Value) -> Result<Self, CompileError> {
        Self::compile_with(schema, &NoRegistry)
    }

    /// Compiles a response schema that may refer to the schemas of `registry`.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    ///
    /// ```
    /// use fastweb_schema::Serializer;
    /// use serde_json::json;
    ///
    /// let registry = |uri: &str| (uri == "ids").then(|| json!({ "$defs": { "id": { "type": "integer" } } }));
    /// let id = Serializer::compile_with(&json!({ "$ref": "ids#/$defs/id" }), &registry)?;
    /// let mut out = Vec::new();
    /// id.write(&7, &mut out)?;
    /// assert_eq!(out, b"7");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compile_with(schema: &Value, registry: &dyn Resolve) -> Result<Self, CompileError> {
        Ok(Self { plan: Arc::new(compile::compile(schema, registry)?) })
    }

    /// Appends `value` to `out`.
    ///
    /// # Errors
    ///
    /// What the schema does not allow, by its place, and what the value's own `Serialize` says. `out` then is what it was.
    ///
    /// ```
    /// use fastweb_schema::Serializer;
    ///
    /// let names = Serializer::compile(&serde_json::json!({ "type": "array", "items": { "type": "string" } }))?;
    /// let mut out = Vec::new();
    /// names.write(&["Ada", "Grace"], &mut out)?;
    /// assert_eq!(out, br#"["Ada","Grace"]"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), SerializeError> {
        self.write_by(out, false, |out, state| {
            let (plan, fragment, target) = (&*self.plan, &Fragment::EMPTY, self.plan.root);
            value.serialize(Writer { plan, out, state, fragment, target })
        })
        .map(drop)
    }

    /// Appends a value that is JSON already, such as `&serde_json::Value`: faster than [`write`](Self::write) would.
    ///
    /// # Errors
    ///
    /// What the schema does not allow, by its place. `out` then is what it was.
    ///
    /// ```
    /// use fastweb_schema::Serializer;
    /// use serde_json::json;
    ///
    /// let count = Serializer::compile(&json!({ "properties": { "count": { "type": "integer" } } }))?;
    /// let mut out = Vec::new();
    /// count.write_value(&json!({ "count": 3.0, "cursor": "x" }), &mut out)?;
    /// assert_eq!(out, br#"{"count":3}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_value<'v, S: Source<'v>>(&self, value: S, out: &mut Vec<u8>) -> Result<(), SerializeError> {
        self.write_by(out, false, |out, state| {
            self.plan.write_part(out, state, &Fragment::EMPTY, self.plan.root, value)
        })
        .map(drop)
    }

    /// [`write`](Self::write), and tells which properties were dropped: for a development mode.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use fastweb_schema::Serializer;
    ///
    /// let scores = Serializer::compile(&serde_json::json!({ "properties": { "ada": { "type": "integer" } } }))?;
    /// let mut out = Vec::new();
    /// let dropped = scores.write_telling(&BTreeMap::from([("ada", 1), ("grace", 2)]), &mut out)?;
    /// assert_eq!(out, br#"{"ada":1}"#);
    /// assert_eq!(dropped.pointers(), ["/grace"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_telling<T: Serialize + ?Sized>(
        &self,
        value: &T,
        out: &mut Vec<u8>,
    ) -> Result<Dropped, SerializeError> {
        self.write_by(out, true, |out, state| {
            let (plan, fragment, target) = (&*self.plan, &Fragment::EMPTY, self.plan.root);
            value.serialize(Writer { plan, out, state, fragment, target })
        })
        .map(State::into_dropped)
    }

    /// [`write_value`](Self::write_value), and tells which properties were dropped: for a development mode.
    ///
    /// # Errors
    ///
    /// As [`write_value`](Self::write_value).
    ///
    /// ```
    /// use fastweb_schema::Serializer;
    /// use serde_json::json;
    ///
    /// let users = Serializer::compile(&json!({ "items": { "properties": { "id": {} } } }))?;
    /// let dropped = users.write_value_telling(&json!([{ "id": 1, "secret": 2 }]), &mut Vec::new())?;
    /// assert_eq!(dropped.pointers(), ["/0/secret"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_value_telling<'v, S: Source<'v>>(
        &self,
        value: S,
        out: &mut Vec<u8>,
    ) -> Result<Dropped, SerializeError> {
        self.write_by(out, true, |out, state| self.plan.write_part(out, state, &Fragment::EMPTY, self.plan.root, value))
            .map(State::into_dropped)
    }

    /// Runs `write`, and takes back what it wrote if it fails or panics, which a value's own `Serialize` may.
    #[inline(always)]
    fn write_by(
        &self,
        out: &mut Vec<u8>,
        telling: bool,
        write: impl FnOnce(&mut Vec<u8>, &mut State) -> Result<(), Failure>,
    ) -> Result<State, SerializeError> {
        let mut state = State::new(telling);
        let mut output = TakenBack { len: out.len(), out };
        match write(output.out, &mut state) {
            Ok(()) => {
                output.len = output.out.len();
                Ok(state)
            }
            Err(failure) => Err(failure.finish()),
        }
    }
}

/// A buffer that ends where it is said to when this is dropped.
struct TakenBack<'a> {
    len: usize,
    out: &'a mut Vec<u8>,
}

impl Drop for TakenBack<'_> {
    fn drop(&mut self) {
        self.out.truncate(self.len);
    }
}

impl fmt::Debug for Serializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serializer").field("nodes", &self.plan.nodes.len()).finish()
    }
}
