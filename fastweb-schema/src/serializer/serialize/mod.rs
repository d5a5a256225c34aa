//! Writing whatever is `Serialize`: a serde serializer that the plan drives.
//!
//! Values arrive in pieces and are written as they arrive. Only where a piece alone does not say what becomes of the whole, in
//! front of an `anyOf` with two schemas for objects or an `enum` of objects, the whole is collected first.

mod key;
mod parts;

use serde::Serialize;
use serde::ser::{self, Error as _};
use serde_json::value::Serializer as Collector;

use super::error::{Failure, Reason};
use super::plan::{Plan, Target};
use super::state::State;
use super::types::{Scalar, Types, Wide};
use crate::text::Fragment;
use parts::{Entries, Items, OpenObject, Properties};

/// Writes one value, behind `fragment`.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    pub(super) plan: &'a Plan,
    pub(super) out: &'a mut Vec<u8>,
    pub(super) state: &'a mut State,
    pub(super) fragment: &'a Fragment,
    pub(super) target: Target,
}

/// How an object or an array is taken.
enum Way {
    /// As the node says.
    Direct(usize),
    /// Whole.
    Collect,
}

impl<'a> Writer<'a> {
    #[inline(never)]
    fn scalar(self, value: Scalar<'_>) -> Result<(), Failure> {
        self.plan.write_scalar(self.out, self.fragment, self.target, value)
    }

    /// What becomes of an object or an array, which is what `found` says.
    fn way(&self, found: Types) -> Result<Way, Failure> {
        let mut index = self.target.node;
        loop {
            let node = &self.plan.nodes[index];
            if !node.types.has(found) {
                return Err(Failure::new(Reason::Type { expected: node.types, found }));
            }
            if node.allowed.is_some() {
                return Ok(Way::Collect);
            }
            let Some(branches) = &node.branches else { return Ok(Way::Direct(index)) };
            let mut possible = branches.iter().filter(|branch| self.plan.nodes[branch.node].types.has(found));
            match (possible.next(), possible.next()) {
                (Some(only), None) => index = only.node,
                _ => return Ok(Way::Collect),
            }
        }
    }

    /// Writes what was collected.
    fn collected(self, value: &serde_json::Value) -> Result<(), Failure> {
        self.plan.write_part(self.out, self.state, self.fragment, self.target, value)
    }

    // What is direct is inlined: the parts are moved into their places field by field, and moving them whole right after that
    // would wait for the fields to reach the cache.
    #[inline(always)]
    fn items(self, len: Option<usize>) -> Result<Items<'a>, Failure> {
        if self.target.direct.has(Types::ARRAY) { Items::direct(self) } else { self.items_by_node(len) }
    }

    #[inline(never)]
    fn items_by_node(self, len: Option<usize>) -> Result<Items<'a>, Failure> {
        match self.way(Types::ARRAY)? {
            Way::Direct(node) => Items::direct(self.to(node)),
            Way::Collect => Ok(Items::collect(self, collect(ser::Serializer::serialize_seq(Collector, len))?, None)),
        }
    }

    #[inline(always)]
    fn properties(self, len: Option<usize>) -> Result<Properties<'a>, Failure> {
        if self.target.direct.has(Types::OBJECT) { Properties::direct(self) } else { self.properties_by_node(len) }
    }

    #[inline(never)]
    fn properties_by_node(self, len: Option<usize>) -> Result<Properties<'a>, Failure> {
        match self.way(Types::OBJECT)? {
            Way::Direct(node) => Properties::direct(self.to(node)),
            Way::Collect => {
                Ok(Properties::collect(self, collect(ser::Serializer::serialize_map(Collector, len))?, None))
            }
        }
    }

    /// The same writer for the node that was chosen.
    fn to(mut self, node: usize) -> Self {
        self.target.node = node;
        self
    }

    /// Begins the object that an enum's variant with content is: `{"variant":`. `Err` if the content is collected or dropped.
    fn variant(self, variant: &'static str) -> Result<Variant<'a>, Failure> {
        let node = match self.way(Types::OBJECT)? {
            Way::Direct(node) => node,
            Way::Collect => return Ok(Variant::Collected(self)),
        };
        self.fragment.write(self.out);
        self.state.enter()?;
        let mut outer = OpenObject::new(self.plan, self.out, node);
        Ok(match outer.place(self.out, self.state, variant) {
            Some((fragment, target)) => Variant::Declared(outer, Writer { fragment, target, ..self }),
            None => Variant::Dropped(outer, self),
        })
    }
}

/// What becomes of an enum's variant with content.
enum Variant<'a> {
    /// The content is written by the writer, and then the object around it ends.
    Declared(OpenObject<'a>, Writer<'a>),
    Dropped(OpenObject<'a>, Writer<'a>),
    Collected(Writer<'a>),
}

/// An error of collecting.
fn collect<T>(result: Result<T, serde_json::Error>) -> Result<T, Failure> {
    result.map_err(Failure::custom)
}

macro_rules! scalars {
    ($($method:ident $of:ty, $direct:ident, $write:ident $as:ty, $scalar:ident;)*) => {$(
        #[inline]
        fn $method(self, value: $of) -> Result<(), Failure> {
            if self.target.direct.has(Types::$direct) {
                self.fragment.$write(self.out, <$as>::from(value));
                return Ok(());
            }
            self.scalar(Scalar::$scalar(value.into()))
        }
    )*};
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Properties<'a>;
    type SerializeStructVariant = Properties<'a>;

    scalars! {
        serialize_bool bool, BOOLEAN, write_bool bool, Boolean;
        serialize_u8 u8, INTEGER, write_u64 u64, Unsigned;
        serialize_u16 u16, INTEGER, write_u64 u64, Unsigned;
        serialize_u32 u32, INTEGER, write_u64 u64, Unsigned;
        serialize_u64 u64, INTEGER, write_u64 u64, Unsigned;
        serialize_i8 i8, INTEGER, write_i64 i64, Signed;
        serialize_i16 i16, INTEGER, write_i64 i64, Signed;
        serialize_i32 i32, INTEGER, write_i64 i64, Signed;
        serialize_i64 i64, INTEGER, write_i64 i64, Signed;
        serialize_str &str, STRING, write_str &str, String;
    }

    fn serialize_u128(self, value: u128) -> Result<(), Failure> {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            Err(_) => self.scalar(Scalar::Wide(Wide::Unsigned(value))),
        }
    }

    fn serialize_i128(self, value: i128) -> Result<(), Failure> {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => match u128::try_from(value) {
                Ok(value) => self.serialize_u128(value),
                Err(_) => self.scalar(Scalar::Wide(Wide::Signed(value))),
            },
        }
    }

    #[inline]
    fn serialize_f64(self, value: f64) -> Result<(), Failure> {
        if self.target.direct.has(Types::FLOAT) && value.is_finite() {
            self.fragment.write_float(self.out, value);
            return Ok(());
        }
        self.scalar(Scalar::Float(value))
    }

    #[inline]
    fn serialize_f32(self, value: f32) -> Result<(), Failure> {
        if self.target.direct.has(Types::FLOAT) && value.is_finite() {
            self.fragment.write_float(self.out, value);
            return Ok(());
        }
        self.scalar(Scalar::Single(value))
    }

    fn serialize_char(self, value: char) -> Result<(), Failure> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    /// As serde_json: an array of numbers.
    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        self.collect_seq(bytes)
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Failure> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Failure> {
        if self.target.direct.has(Types::NULL) {
            self.fragment.write_null(self.out);
            return Ok(());
        }
        self.scalar(Scalar::Null)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Failure> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), Failure> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<(), Failure> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        match self.variant(variant)? {
            Variant::Declared(outer, writer) => {
                let Writer { plan, out, state, fragment, target } = writer;
                value
                    .serialize(Writer { plan, out: &mut *out, state: &mut *state, fragment, target })
                    .map_err(|failure| failure.in_property(variant))?;
                state.lead(|| super::error::Segment::Property(variant.into()));
                outer.close(out, state)
            }
            Variant::Dropped(outer, writer) => outer.close(writer.out, writer.state),
            Variant::Collected(writer) => {
                let content = collect(value.serialize(Collector))?;
                writer.collected(&serde_json::Value::Object([(variant.to_owned(), content)].into_iter().collect()))
            }
        }
    }

    #[inline(always)]
    fn serialize_seq(self, len: Option<usize>) -> Result<Items<'a>, Failure> {
        self.items(len)
    }

    fn serialize_tuple(self, len: usize) -> Result<Items<'a>, Failure> {
        self.items(Some(len))
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Items<'a>, Failure> {
        self.items(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items<'a>, Failure> {
        match self.variant(variant)? {
            Variant::Declared(outer, writer) => {
                Ok(writer.items(Some(len)).map_err(|f| f.in_property(variant))?.within(outer, variant))
            }
            Variant::Dropped(outer, writer) => Ok(Items::dropped(writer).within(outer, variant)),
            Variant::Collected(writer) => Ok(Items::collect(
                writer,
                collect(ser::Serializer::serialize_seq(Collector, Some(len)))?,
                Some(variant),
            )),
        }
    }

    #[inline(always)]
    fn serialize_map(self, len: Option<usize>) -> Result<Entries<'a>, Failure> {
        self.properties(len).map(Entries::of)
    }

    #[inline(always)]
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Properties<'a>, Failure> {
        if name == parts::RAW_VALUE {
            return Ok(Properties::raw(self));
        }
        self.properties(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Properties<'a>, Failure> {
        match self.variant(variant)? {
            Variant::Declared(outer, writer) => {
                Ok(writer.properties(Some(len)).map_err(|f| f.in_property(variant))?.within(outer, variant))
            }
            Variant::Dropped(outer, writer) => Ok(Properties::dropped(writer).within(outer, variant)),
            Variant::Collected(writer) => Ok(Properties::collect(
                writer,
                collect(ser::Serializer::serialize_map(Collector, Some(len)))?,
                Some(variant),
            )),
        }
    }

    fn collect_str<T: ?Sized + std::fmt::Display>(self, value: &T) -> Result<(), Failure> {
        self.serialize_str(&value.to_string())
    }
}
