//! The parameters of a route's path, as serde sees them.

use std::rc::Rc;

use fastweb_router::Params;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::text_value::{Escapes, TextValue, ValueError};
use crate::request::head::Head;

/// All parameters of a request: a scalar where there is one, a tuple in the order of the path, a struct or map by name.
#[derive(Clone, Copy)]
pub(super) struct PathParams<'h> {
    pub(super) head: &'h Rc<Head>,
    pub(super) params: &'h Params,
    pub(super) names: &'h [Box<str>],
}

impl<'h> PathParams<'h> {
    fn value(self, at: usize) -> Option<TextValue<'h>> {
        let raw = self.head.path().get(self.params.get(at)?)?;
        Some(TextValue { head: Some(self.head), raw, escapes: Escapes::Path })
    }

    /// The path's only parameter is an optional one, and is not there.
    fn is_absent(self) -> bool {
        self.names.len() == 1 && self.params.get(0).is_none()
    }

    fn only(self) -> Result<(TextValue<'h>, &'h str), ValueError> {
        match (self.value(0), self.names) {
            (Some(value), [name]) => Ok((value, name)),
            (None, [name]) => Err(ValueError::required(name)),
            _ => Err(de::Error::custom(format_args!("the route has {} parameters, not one", self.names.len()))),
        }
    }
}

macro_rules! scalars {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            let (value, name) = self.only()?;
            value.$method(visitor).map_err(|error| error.at(name))
        }
    )+};
}

impl<'de> Deserializer<'de> for PathParams<'de> {
    type Error = ValueError;

    scalars! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_identifier
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.is_absent() {
            return visitor.visit_none();
        }
        let (value, name) = self.only()?;
        value.deserialize_option(visitor).map_err(|error| error.at(name))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if name == crate::request::text::NEWTYPE {
            let (value, param) = self.only()?;
            value.deserialize_newtype_struct(name, visitor).map_err(|error| error.at(param))
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let (value, param) = self.only()?;
        value.deserialize_enum(name, variants, visitor).map_err(|error| error.at(param))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(Entries { params: self, at: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(Entries { params: self, at: 0 })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }
}

struct Entries<'h> {
    params: PathParams<'h>,
    at: usize,
}

impl<'h> Entries<'h> {
    fn take(&mut self) -> Option<(TextValue<'h>, &'h str)> {
        let entry = (self.params.value(self.at)?, &**self.params.names.get(self.at)?);
        self.at += 1;
        Some(entry)
    }
}

impl<'de> SeqAccess<'de> for Entries<'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ValueError> {
        if let Some((value, name)) = self.take() {
            return seed.deserialize(value).map(Some).map_err(|error| error.at(name));
        }
        // An optional parameter that is not there keeps its place.
        let Some(name) = self.params.names.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(Absent(name)).map(Some)
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        let name = self.params.params.get(self.at).and(self.params.names.get(self.at));
        let Some(name) = name else { return Ok(None) };
        let deserializer: de::value::BorrowedStrDeserializer<'de, ValueError> = BorrowedName(name).into_deserializer();
        seed.deserialize(deserializer).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        let Some((value, name)) = self.take() else { return Err(de::Error::custom("a parameter is missing")) };
        seed.deserialize(value).map_err(|error| error.at(name))
    }
}

/// The parameter at this place, which the type may do without where it is an `Option`.
pub(super) fn named<T: de::DeserializeOwned>(params: PathParams<'_>, at: usize) -> Result<T, ValueError> {
    let name = params.names.get(at).map_or("", |name| &**name);
    match params.value(at) {
        Some(value) => T::deserialize(value).map_err(|error| error.at(name)),
        None => T::deserialize(Absent(name)),
    }
}

/// An optional parameter that is not there.
struct Absent<'h>(&'h str);

impl<'de> Deserializer<'de> for Absent<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::required(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

struct BorrowedName<'h>(&'h str);

impl<'h> IntoDeserializer<'h, ValueError> for BorrowedName<'h> {
    type Deserializer = de::value::BorrowedStrDeserializer<'h, ValueError>;

    fn into_deserializer(self) -> Self::Deserializer {
        de::value::BorrowedStrDeserializer::new(self.0)
    }
}

/// How many parameters a type reads, found out at start-up by asking it to deserialise itself from nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    Exactly(usize),
    /// By name, or not to be told.
    Open,
}

pub(super) fn shape_of<T: de::DeserializeOwned>() -> Shape {
    let mut shape = Shape::Open;
    // Always an error: the probe has no values to give.
    let _ = T::deserialize(Probe(&mut shape));
    shape
}

struct Probe<'a>(&'a mut Shape);

macro_rules! probe_scalars {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
            *self.0 = Shape::One;
            Err(ValueError::must_be("nothing"))
        }
    )+};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = ValueError;

    probe_scalars! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::must_be("nothing"))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if name == crate::request::text::NEWTYPE {
            *self.0 = Shape::One;
            return Err(ValueError::must_be("nothing"));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, ValueError> {
        *self.0 = Shape::One;
        Err(ValueError::must_be("nothing"))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, _: V) -> Result<V::Value, ValueError> {
        *self.0 = Shape::Exactly(len);
        Err(ValueError::must_be("nothing"))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_tuple(len, visitor)
    }

    forward_to_deserialize_any! { option unit unit_struct seq map struct identifier ignored_any }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        #[derive(serde::Deserialize)]
        struct Id(#[allow(dead_code)] u64);
        #[derive(serde::Deserialize)]
        struct Named {
            #[allow(dead_code)]
            id: u64,
        }
        assert_eq!(shape_of::<u64>(), Shape::One);
        assert_eq!(shape_of::<String>(), Shape::One);
        assert_eq!(shape_of::<crate::Text>(), Shape::One);
        assert_eq!(shape_of::<Id>(), Shape::One);
        assert_eq!(shape_of::<(u64, String)>(), Shape::Exactly(2));
        assert_eq!(shape_of::<Named>(), Shape::Open);
        assert_eq!(shape_of::<std::collections::HashMap<String, String>>(), Shape::Open);
    }
}
