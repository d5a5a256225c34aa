//! From a document to a type of the application's, by serde.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{
    self, DeserializeSeed, Expected, IntoDeserializer, Unexpected, Visitor, value::BorrowedStrDeserializer,
};
use serde::forward_to_deserialize_any;

use super::node::{Items, Members};
use super::tape::{Kind, Raw};
use super::{Document, Node};
use crate::message::message;

/// A document does not have the shape of the type that is to be built from it.
///
/// It has the parts of a failed validation: where, which rule, and what a reader is told. The value that is wrong is in none of them.
///
/// ```
/// use fastweb_schema::Document;
///
/// #[derive(Debug, serde::Deserialize)]
/// struct User { name: String }
///
/// let document = Document::parse(br#"{"name":7}"#)?;
/// let error = document.deserialize::<User>().unwrap_err();
/// assert_eq!((error.pointer(), error.keyword(), error.message()), ("/name", "type", "must be string"));
/// # Ok::<(), fastweb_schema::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    /// Built from the inside out, while the error is handed up.
    pointer: String,
    keyword: &'static str,
    message: Cow<'static, str>,
}

impl DataError {
    fn new(keyword: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { pointer: String::new(), keyword, message: message.into() }))
    }

    #[cold]
    fn at(self, position: usize) -> Self {
        self.within(&position.to_string())
    }

    #[cold]
    fn within(mut self, token: &str) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        self.0.pointer = format!("/{token}{}", self.0.pointer);
        self
    }

    /// Where in the document, as a JSON pointer (RFC 6901); empty for the document as a whole.
    pub fn pointer(&self) -> &str {
        &self.0.pointer
    }

    /// The rule that was broken, in JSON Schema's words; `type` where the type's own `Deserialize` found the fault.
    pub fn keyword(&self) -> &'static str {
        self.0.keyword
    }

    /// What a reader is told.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer() {
            "" => f.write_str(self.message()),
            pointer => write!(f, "{pointer} {}", self.message()),
        }
    }
}

impl std::error::Error for DataError {}

impl de::Error for DataError {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new("type", format!("is not valid: {text}"))
    }

    // serde's own texts quote the value.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new("type", format!("must be {}", json_type(&expected.to_string())))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        // An integer that is none of this type is beyond one of its ends.
        let beyond = match unexpected {
            Unexpected::Unsigned(_) => Some("maximum"),
            Unexpected::Signed(negative) => Some(if negative < 0 { "minimum" } else { "maximum" }),
            _ => None,
        };
        if let (Some(keyword), Some((least, most))) = (beyond, range(&expected)) {
            let limit = if keyword == "minimum" { least } else { most };
            return Self::new(keyword, message(keyword, limit).unwrap_or_default());
        }
        Self::new("type", format!("must be {}", json_type(&expected)))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new("type", format!("must be {expected}"))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("enum", message("enum", "").unwrap_or_default())
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("additionalProperties", message("additionalProperties", "").unwrap_or_default())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("required", message("required", field).unwrap_or_default())
    }
}

/// serde's words for what it expects, in those of JSON Schema where there are some.
fn json_type(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "string" => "string",
        "a boolean" => "boolean",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "integer",
        "f32" | "f64" => "number",
        "a sequence" | "an array" => "array",
        "a map" => "object",
        "unit" => "null",
        expected if expected.starts_with("struct ") => "object",
        expected => expected,
    }
}

/// The ends of an integer type.
fn range(name: &str) -> Option<(i128, i128)> {
    macro_rules! ranges {
        ($($ty:ident)+) => {
            match name {
                $(stringify!($ty) => Some(($ty::MIN as i128, $ty::MAX as i128)),)+
                _ => None,
            }
        };
    }
    ranges!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize)
}

/// The integer that a float is, if it is one: JSON Schema makes no difference between 1 and 1.0.
fn integral(float: f64) -> Option<Raw> {
    if float.fract() != 0.0 {
        None
    } else if (0.0..18_446_744_073_709_551_616.0).contains(&float) {
        Some(Raw::Unsigned(float as u64))
    } else if (-9_223_372_036_854_775_808.0..0.0).contains(&float) {
        Some(Raw::Negative(float as i64))
    } else {
        None
    }
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
                self.integer(visitor)
            }
        )*
    };
}

impl<'de> Node<'de> {
    #[inline]
    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.raw() {
            Raw::Unsigned(value) => visitor.visit_u64(value),
            _ => self.other_integer(visitor),
        }
    }

    #[cold]
    #[inline(never)]
    fn other_integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        let raw = match self.raw() {
            Raw::Float(float) => integral(float).unwrap_or(Raw::Float(float)),
            raw => raw,
        };
        match raw {
            Raw::Unsigned(value) => visitor.visit_u64(value),
            Raw::Negative(value) => visitor.visit_i64(value),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Another kind of value than the type asks for first: it may take that, too.
    #[cold]
    #[inline(never)]
    fn unexpected<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.deserialize_any(visitor)
    }

    #[inline]
    fn seq<V: Visitor<'de>>(self, items: Items<'de>, visitor: V) -> Result<V::Value, DataError> {
        let len = items.len();
        let mut access = SeqAccess { items, position: 0 };
        let value = visitor.visit_seq(&mut access)?;
        if access.items.len() > 0 {
            return Err(de::Error::invalid_length(len, &"array of fewer items"));
        }
        Ok(value)
    }

    #[inline]
    fn map<V: Visitor<'de>>(self, members: Members<'de>, visitor: V) -> Result<V::Value, DataError> {
        let mut access = MapAccess { members, value: 0 };
        let value = visitor.visit_map(&mut access)?;
        if access.members.len() > 0 {
            return Err(de::Error::invalid_length(access.members.len(), &"object of fewer members"));
        }
        Ok(value)
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = DataError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.raw() {
            Raw::Null => visitor.visit_unit(),
            Raw::Bool(value) => visitor.visit_bool(value),
            Raw::Unsigned(value) => visitor.visit_u64(value),
            Raw::Negative(value) => visitor.visit_i64(value),
            Raw::Float(value) => visitor.visit_f64(value),
            Raw::String { start, len } => visitor.visit_borrowed_str(self.document().text(start, len)),
            Raw::Array { .. } | Raw::Object { .. } => match (self.items(), self.members()) {
                (Some(items), _) => self.seq(items, visitor),
                (_, Some(members)) => self.map(members, visitor),
                _ => visitor.visit_unit(),
            },
        }
    }

    integers! {
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
    }

    // What a type asks for is looked for first: then the code for all other kinds is no part of the way.

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.as_bool() {
            Some(value) => visitor.visit_bool(value),
            None => self.unexpected(visitor),
        }
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.raw() {
            Raw::Float(value) => visitor.visit_f64(value),
            _ => self.unexpected(visitor),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.as_str() {
            Some(string) => visitor.visit_borrowed_str(string),
            None => self.unexpected(visitor),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.items() {
            Some(items) => self.seq(items, visitor),
            None => self.unexpected(visitor),
        }
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.members() {
            Some(members) => self.map(members, visitor),
            None => self.unexpected(visitor),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DataError> {
        self.deserialize_map(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.cell().kind() {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.as_str() {
            Some(string) => visitor.visit_borrowed_bytes(string.as_bytes()),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DataError> {
        if let Some(variant) = self.as_str() {
            return visitor.visit_enum(EnumAccess { variant, content: None });
        }
        match self.members().map(|mut members| (members.len(), members.next())) {
            Some((1, Some((variant, content)))) => visitor.visit_enum(EnumAccess { variant, content: Some(content) }),
            _ => Err(DataError::new("type", "must be string or object with one member")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        f32 char unit unit_struct tuple tuple_struct identifier
    }
}

impl<'de> Deserializer<'de> for &'de Document {
    type Error = DataError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.root().deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.root().deserialize_option(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DataError> {
        self.root().deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DataError> {
        self.root().deserialize_enum(name, variants, visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.root().deserialize_bytes(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.root().deserialize_bytes(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.root().integer(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.root().integer(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i128 u8 u16 u32 u128 f32 f64 char str string unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

struct SeqAccess<'de> {
    items: Items<'de>,
    position: usize,
}

impl<'de> de::SeqAccess<'de> for &mut SeqAccess<'de> {
    type Error = DataError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DataError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let position = self.position;
        self.position += 1;
        match seed.deserialize(item) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(error.at(position)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct MapAccess<'de> {
    members: Members<'de>,
    /// The index of the value whose name was read; 0, where no member is, if none was.
    value: usize,
}

impl<'de> de::MapAccess<'de> for &mut MapAccess<'de> {
    type Error = DataError;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DataError> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        self.value = value.index();
        seed.deserialize(Name(name)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DataError> {
        let index = std::mem::take(&mut self.value);
        if index == 0 {
            return Err(de::Error::custom("a value is read before its name"));
        }
        let document = self.members.document();
        match seed.deserialize(Node::new(document, index)) {
            Ok(value) => Ok(value),
            Err(error) => Err(error.within(Node::new(document, index - 1).as_str().unwrap_or_default())),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

/// The name of a member: a string, which maps may also take for the number or boolean that it is written as.
struct Name<'de>(&'de str);

macro_rules! parsed_names {
    ($($method:ident $type:ty => $visit:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
                match self.0.parse::<$type>() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(de::Error::invalid_type(Unexpected::Str(self.0), &visitor)),
                }
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = DataError;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed_names! {
        deserialize_bool bool => visit_bool
        deserialize_u8 u8 => visit_u8
        deserialize_u16 u16 => visit_u16
        deserialize_u32 u32 => visit_u32
        deserialize_u64 u64 => visit_u64
        deserialize_u128 u128 => visit_u128
        deserialize_i8 i8 => visit_i8
        deserialize_i16 i16 => visit_i16
        deserialize_i32 i32 => visit_i32
        deserialize_i64 i64 => visit_i64
        deserialize_i128 i128 => visit_i128
        deserialize_f32 f32 => visit_f32
        deserialize_f64 f64 => visit_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DataError> {
        BorrowedStrDeserializer::new(self.0).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct EnumAccess<'de> {
    variant: &'de str,
    content: Option<Node<'de>>,
}

impl<'de> de::EnumAccess<'de> for EnumAccess<'de> {
    type Error = DataError;
    type Variant = VariantAccess<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), DataError> {
        let variant = seed.deserialize(self.variant.into_deserializer())?;
        Ok((variant, VariantAccess { name: self.variant, content: self.content }))
    }
}

struct VariantAccess<'de> {
    name: &'de str,
    content: Option<Node<'de>>,
}

impl<'de> VariantAccess<'de> {
    fn content<T>(self, read: impl FnOnce(Node<'de>) -> Result<T, DataError>) -> Result<T, DataError> {
        match self.content {
            Some(content) => read(content).map_err(|error| error.within(self.name)),
            None => Err(DataError::new("type", "must be object with one member")),
        }
    }
}

impl<'de> de::VariantAccess<'de> for VariantAccess<'de> {
    type Error = DataError;

    fn unit_variant(self) -> Result<(), DataError> {
        match self.content {
            Some(content) => <() as serde::Deserialize>::deserialize(content).map_err(|error| error.within(self.name)),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DataError> {
        self.content(|content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DataError> {
        self.content(|content| match content.items() {
            Some(items) => content.seq(items, visitor),
            None => Err(DataError::new("type", "must be array")),
        })
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, DataError> {
        self.content(|content| content.deserialize_any(visitor))
    }
}
