//! Documents as values that are written: by serde, and by serialisers.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::tape::Raw;
use super::{Document, Items, Members, Node};
use crate::serializer::{Source, View};

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.root().serialize(serializer)
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.raw() {
            Raw::Null => serializer.serialize_unit(),
            Raw::Bool(value) => serializer.serialize_bool(value),
            Raw::Unsigned(value) => serializer.serialize_u64(value),
            Raw::Negative(value) => serializer.serialize_i64(value),
            Raw::Float(value) => serializer.serialize_f64(value),
            Raw::String { start, len } => serializer.serialize_str(self.document().text(start, len)),
            Raw::Array { len, .. } => {
                let mut seq = serializer.serialize_seq(Some(len as usize))?;
                for item in self.items().into_iter().flatten() {
                    seq.serialize_element(&item)?;
                }
                seq.end()
            }
            Raw::Object { len, .. } => {
                let mut map = serializer.serialize_map(Some(len as usize))?;
                for (name, value) in self.members().into_iter().flatten() {
                    map.serialize_entry(name, &value)?;
                }
                map.end()
            }
        }
    }
}

/// A document is written by a response schema as it is, without a value in between.
///
/// ```
/// use fastweb_schema::{Document, Serializer};
/// use serde_json::json;
///
/// let document = Document::parse(br#"{"name":"Ada","secret":"x"}"#)?;
/// let public = Serializer::compile(&json!({ "properties": { "name": { "type": "string" } } }))?;
/// let mut out = Vec::new();
/// public.write_value(document.root(), &mut out)?;
/// assert_eq!(out, br#"{"name":"Ada"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<'a> Source<'a> for Node<'a> {
    type Items = Items<'a>;
    type Properties = Members<'a>;

    #[inline]
    fn view(self) -> View<'a, Self> {
        match self.raw() {
            Raw::Null => View::Null,
            Raw::Bool(value) => View::Boolean(value),
            Raw::Unsigned(value) => View::Unsigned(value),
            Raw::Negative(value) => View::Signed(value),
            Raw::Float(value) => View::Float(value),
            Raw::String { start, len } => View::String(self.document().text(start, len)),
            Raw::Array { len, .. } => View::Array(Items::new(self, len)),
            Raw::Object { len, .. } => View::Object(Members::new(self, len)),
        }
    }
}
