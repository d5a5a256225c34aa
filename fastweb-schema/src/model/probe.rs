//! What is known of a type that is known only to implement `Deserialize`: whether there is a model in it, and its schema.
//!
//! A deserialiser is asked for what it is to give, and gives nothing: what was asked comes back as the error.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, json};

use super::token::is_model;

/// The schema of a type, if it is a model, or an array, option or map of models or plain values.
///
/// ```
/// use fastweb_schema::model::schema_of;
/// use serde_json::json;
///
/// #[derive(serde::Deserialize)]
/// struct NoModel { a: u8 }
///
/// assert_eq!(schema_of::<Vec<Option<bool>>>(), Some(json!({ "type": "array", "items": { "type": ["boolean", "null"] } })));
/// assert_eq!(schema_of::<NoModel>(), None);
/// ```
pub fn schema_of<T: DeserializeOwned>() -> Option<Value> {
    match T::deserialize(Probe) {
        Err(Found(Some(known))) => Some(known.schema),
        _ => None,
    }
}

/// What is known of a type that has models in it.
pub(super) fn probe<T: DeserializeOwned>() -> Option<Known> {
    match T::deserialize(Probe) {
        Err(Found(known)) => known.filter(|known| known.has_model),
        _ => None,
    }
}

#[derive(Debug)]
pub(super) struct Known {
    pub(super) schema: Value,
    has_model: bool,
    /// The models in it that are not read in one pass, each with the reason.
    pub(super) slow: Vec<String>,
    /// The models in it that are written by serde, each with the reason.
    pub(super) slow_to_write: Vec<String>,
}

struct Probe;

#[derive(Debug)]
struct Found(Option<Known>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is nothing to read")
    }
}

impl std::error::Error for Found {}

impl de::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}

impl Found {
    fn schema(schema: Value) -> Self {
        Self(Some(Known { schema, has_model: false, slow: Vec::new(), slow_to_write: Vec::new() }))
    }

    /// Puts what was found within into a schema of its own.
    fn within(self, wrap: impl FnOnce(Value) -> Value) -> Self {
        let Self(Some(mut known)) = self else { return self };
        // References start at the root.
        let mut hoisted = Map::new();
        if let Value::Object(inner) = &mut known.schema {
            for keyword in ["$schema", "$defs"] {
                hoisted.extend(inner.remove(keyword).map(|value| (keyword.to_owned(), value)));
            }
        }
        known.schema = wrap(known.schema);
        if let Value::Object(outer) = &mut known.schema {
            outer.extend(hoisted);
        }
        Self(Some(known))
    }
}

/// What is read wrongly on purpose; a type that takes it all the same is none that could be described.
fn found<T>(result: Result<T, Found>) -> Found {
    result.err().unwrap_or(Found(None))
}

fn nullable(schema: Value) -> Value {
    if let Value::Object(members) = &schema
        && !["enum", "const"].iter().any(|keyword| members.contains_key(*keyword))
        && let Some(Value::String(kind)) = members.get("type")
    {
        let kinds = json!([kind, "null"]);
        let mut members = members.clone();
        members.insert("type".to_owned(), kinds);
        return Value::Object(members);
    }
    json!({ "anyOf": [schema, { "type": "null" }] })
}

macro_rules! scalars {
    ($($method:ident $schema:tt)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
            Err(Found::schema(json!($schema)))
        }
    )*};
}

/// Writes what a visitor expects, with the flags that a model knows.
struct Expects<'a, V>(&'a V);

impl<'de, V: Visitor<'de>> fmt::Display for Expects<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

impl<'de> Deserializer<'de> for Probe {
    type Error = Found;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Found> {
        Err(Found(None))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Found> {
        if !is_model(name) {
            return visitor.visit_newtype_struct(self);
        }
        let lines = |told: String| told.lines().map(str::to_owned).collect();
        let (slow, slow_to_write) =
            (lines(format!("{:+}", Expects(&visitor))), lines(format!("{:-}", Expects(&visitor))));
        let schema = serde_json::from_str(&format!("{:#}", Expects(&visitor))).ok();
        Err(Found(schema.map(|schema| Known { schema, has_model: true, slow, slow_to_write })))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        Err(found(visitor.visit_some(self)).within(nullable))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        Err(found(visitor.visit_seq(Items)).within(|items| json!({ "type": "array", "items": items })))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Found> {
        Err(found(visitor.visit_map(Items)).within(|value| json!({ "type": "object", "additionalProperties": value })))
    }

    scalars! {
        deserialize_bool { "type": "boolean" }
        deserialize_u8 { "type": "integer", "minimum": 0, "maximum": (u8::MAX) }
        deserialize_u16 { "type": "integer", "minimum": 0, "maximum": (u16::MAX) }
        deserialize_u32 { "type": "integer", "minimum": 0, "maximum": (u32::MAX) }
        deserialize_u64 { "type": "integer", "minimum": 0, "maximum": (u64::MAX) }
        deserialize_i8 { "type": "integer", "minimum": (i8::MIN), "maximum": (i8::MAX) }
        deserialize_i16 { "type": "integer", "minimum": (i16::MIN), "maximum": (i16::MAX) }
        deserialize_i32 { "type": "integer", "minimum": (i32::MIN), "maximum": (i32::MAX) }
        deserialize_i64 { "type": "integer", "minimum": (i64::MIN), "maximum": (i64::MAX) }
        deserialize_f32 { "type": "number" }
        deserialize_f64 { "type": "number" }
        deserialize_char { "type": "string", "minLength": 1, "maxLength": 1 }
        deserialize_str { "type": "string" }
        deserialize_string { "type": "string" }
    }

    forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct struct enum identifier ignored_any
    }
}

/// One item, or one member.
struct Items;

impl<'de> de::SeqAccess<'de> for Items {
    type Error = Found;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Found> {
        seed.deserialize(Probe).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for Items {
    type Error = Found;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Found> {
        // Keys that are no strings, numbers say, would need rules of their own.
        seed.deserialize(de::value::StrDeserializer::new("")).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Found> {
        seed.deserialize(Probe)
    }
}
