//! Documents as values that serde writes.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::tape::Raw;
use super::{Document, Node};

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
