//! serde's way to models in arrays, options and maps: containers are read here, and each model by its own code.
//!
//! As in generated code, an error says nothing but that the slow way has to be taken.

use std::collections::HashSet;
use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::cursor::Cursor;
use super::parse::Parse;
use super::rules::Rules;
use super::token::{hand_over, is_model};

/// Reads what is at hand.
pub(super) struct Reader<'c, 'de>(pub(super) &'c mut Cursor<'de>);

/// It did not go smoothly.
#[derive(Debug)]
pub(super) struct No;

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is read another way")
    }
}

impl std::error::Error for No {}

impl de::Error for No {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! scalars {
    ($($method:ident $type:ty => $visit:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, No> {
            visitor.$visit(<$type>::read(self.0, &Rules::NONE).ok_or(No)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_, 'de> {
    type Error = No;

    /// What is read without a schema has none.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, No> {
        Err(No)
    }

    #[inline(always)]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, No> {
        if is_model(name) { hand_over(self.0, visitor) } else { visitor.visit_newtype_struct(self) }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, No> {
        if self.0.null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, No> {
        let more = self.0.open_array().ok_or(No)?;
        let mut items = Sequence { cursor: self.0, more };
        let value = visitor.visit_seq(&mut items)?;
        if items.more { Err(No) } else { Ok(value) }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, No> {
        let more = self.0.open_object().ok_or(No)?;
        let mut members = Members { cursor: self.0, more, names: HashSet::new() };
        let value = visitor.visit_map(&mut members)?;
        if members.more { Err(No) } else { Ok(value) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, No> {
        match self.0.clone().plain_string() {
            Some(_) => visitor.visit_borrowed_str(self.0.plain_string().ok_or(No)?),
            None => self.deserialize_string(visitor),
        }
    }

    scalars! {
        deserialize_bool bool => visit_bool
        deserialize_u8 u8 => visit_u8
        deserialize_u16 u16 => visit_u16
        deserialize_u32 u32 => visit_u32
        deserialize_u64 u64 => visit_u64
        deserialize_i8 i8 => visit_i8
        deserialize_i16 i16 => visit_i16
        deserialize_i32 i32 => visit_i32
        deserialize_i64 i64 => visit_i64
        deserialize_f32 f32 => visit_f32
        deserialize_f64 f64 => visit_f64
        deserialize_char char => visit_char
        deserialize_string String => visit_string
    }

    forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct struct enum identifier ignored_any
    }
}

struct Sequence<'c, 'de> {
    cursor: &'c mut Cursor<'de>,
    more: bool,
}

impl<'de> de::SeqAccess<'de> for &mut Sequence<'_, 'de> {
    type Error = No;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, No> {
        if !self.more {
            return Ok(None);
        }
        let item = seed.deserialize(Reader(self.cursor))?;
        self.more = self.cursor.next_item().ok_or(No)?;
        Ok(Some(item))
    }
}

struct Members<'c, 'de> {
    cursor: &'c mut Cursor<'de>,
    more: bool,
    /// No name stands twice; whether a map would notice, serde does not tell.
    names: HashSet<&'de str>,
}

impl<'de> de::MapAccess<'de> for &mut Members<'_, 'de> {
    type Error = No;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, No> {
        if !self.more {
            return Ok(None);
        }
        let name = self.cursor.name().ok_or(No)?;
        if !self.names.insert(name) {
            return Err(No);
        }
        // Of the types of keys, strings alone; others refuse one, and the slow way has them.
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, No> {
        let value = seed.deserialize(Reader(self.cursor))?;
        self.more = self.cursor.next_member().ok_or(No)?;
        Ok(value)
    }
}
