//! fastweb's own serde serializer.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use serde::Serialize;
use serde::ser::{self, Error as _};
use serde_json::Error;

use super::parts::{Bracket, Parts};
use crate::text::{self, Spare};

/// Says that a model has written itself already: the name of a unit struct that nobody else has.
pub(super) const WRITTEN: &str = "$fastweb::written";

/// The names of serde_json's own structs whose one field is JSON text: `RawValue`, and numbers with its feature `arbitrary_precision`.
const JSON_TEXT: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// Writes one value.
pub(super) struct Values<'w, 'b>(pub(super) &'w mut Spare<'b>);

macro_rules! scalars {
    ($($method:ident $of:ty, $write:ident $as:ty;)*) => {$(
        #[inline(always)]
        fn $method(self, value: $of) -> Result<(), Error> {
            self.0.$write(<$as>::from(value));
            Ok(())
        }
    )*};
}

impl<'w, 'b> ser::Serializer for Values<'w, 'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Parts<'w, 'b>;
    type SerializeTuple = Parts<'w, 'b>;
    type SerializeTupleStruct = Parts<'w, 'b>;
    type SerializeTupleVariant = Parts<'w, 'b>;
    type SerializeMap = Parts<'w, 'b>;
    type SerializeStruct = Parts<'w, 'b>;
    type SerializeStructVariant = Parts<'w, 'b>;

    scalars! {
        serialize_bool bool, write_bool bool;
        serialize_u8 u8, write_u64 u64;
        serialize_u16 u16, write_u64 u64;
        serialize_u32 u32, write_u64 u64;
        serialize_u64 u64, write_u64 u64;
        serialize_i8 i8, write_i64 i64;
        serialize_i16 i16, write_i64 i64;
        serialize_i32 i32, write_i64 i64;
        serialize_i64 i64, write_i64 i64;
        serialize_f32 f32, write_f32 f32;
        serialize_f64 f64, write_f64 f64;
        serialize_str &str, write_str &str;
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.0.with(|out| write!(out, "{value}")).map_err(Error::io)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.0.with(|out| write!(out, "{value}")).map_err(Error::io)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    /// As serde_json: an array of numbers.
    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        self.collect_seq(bytes)
    }

    #[inline(always)]
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    #[inline(always)]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline(always)]
    fn serialize_unit(self) -> Result<(), Error> {
        self.0.write(b"null");
        Ok(())
    }

    #[inline(always)]
    fn serialize_unit_struct(self, name: &'static str) -> Result<(), Error> {
        if name == WRITTEN { Ok(()) } else { self.serialize_unit() }
    }

    #[inline]
    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    #[inline(always)]
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.0.write(b"{");
        self.0.write_str(variant);
        self.0.write(b":");
        self.0.value(value)?;
        self.0.write(b"}");
        Ok(())
    }

    #[inline(always)]
    fn serialize_seq(self, _len: Option<usize>) -> Result<Parts<'w, 'b>, Error> {
        Ok(Parts::begin(self.0, Bracket::Array))
    }

    #[inline(always)]
    fn serialize_tuple(self, _len: usize) -> Result<Parts<'w, 'b>, Error> {
        Ok(Parts::begin(self.0, Bracket::Array))
    }

    #[inline(always)]
    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Parts<'w, 'b>, Error> {
        Ok(Parts::begin(self.0, Bracket::Array))
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Parts<'w, 'b>, Error> {
        Ok(Parts::begin_variant(self.0, variant, Bracket::Array))
    }

    #[inline(always)]
    fn serialize_map(self, _len: Option<usize>) -> Result<Parts<'w, 'b>, Error> {
        Ok(Parts::begin(self.0, Bracket::Object))
    }

    #[inline(always)]
    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Parts<'w, 'b>, Error> {
        Ok(if JSON_TEXT.contains(&name) { Parts::json_text(self.0) } else { Parts::begin(self.0, Bracket::Object) })
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Parts<'w, 'b>, Error> {
        Ok(Parts::begin_variant(self.0, variant, Bracket::Object))
    }

    /// Written where it will stand, and once more where something in it is to be escaped, which is not so of dates, addresses and the like.
    fn collect_str<T: ?Sized + fmt::Display>(self, value: &T) -> Result<(), Error> {
        self.0.with(|out| {
            let start = out.len();
            out.push(b'"');
            if write!(Utf8(out), "{value}").is_err() {
                return Err(Error::custom("a value could not be displayed"));
            }
            if out[start + 1..].iter().any(|&byte| byte < b' ' || byte == b'"' || byte == b'\\') {
                let displayed = String::from_utf8_lossy(&out[start + 1..]).into_owned();
                out.truncate(start);
                text::write_str(out, &displayed);
            } else {
                out.push(b'"');
            }
            Ok(())
        })
    }
}

/// What is displayed, to the end of a buffer.
struct Utf8<'a>(&'a mut Vec<u8>);

impl fmt::Write for Utf8<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
