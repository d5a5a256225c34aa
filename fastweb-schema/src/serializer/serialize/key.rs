//! The keys of maps, as text.

use serde::Serialize;
use serde::ser;

use super::super::error::{Failure, Reason};
use crate::only_text::refuses_all_but_text;

/// Hands a key to `then` as text: strings as they are; numbers, booleans and unit variants as serde_json writes them.
pub(super) struct Key<F>(pub(super) F);

fn no_text<T>() -> Result<T, Failure> {
    Err(Failure::new(Reason::Key))
}

macro_rules! displayed {
    ($($method:ident $of:ty)*) => {$(
        fn $method(self, value: $of) -> Result<R, Failure> {
            (self.0)(&value.to_string())
        }
    )*};
}

impl<R, F: FnOnce(&str) -> Result<R, Failure>> ser::Serializer for Key<F> {
    type Ok = R;
    type Error = Failure;

    displayed! {
        serialize_bool bool
        serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64 serialize_u128 u128
        serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64 serialize_i128 i128
        serialize_char char
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<R, Failure> {
        (self.0)(value)
    }

    fn serialize_f32(self, value: f32) -> Result<R, Failure> {
        if value.is_finite() { (self.0)(zmij::Buffer::new().format_finite(value)) } else { no_text() }
    }

    fn serialize_f64(self, value: f64) -> Result<R, Failure> {
        if value.is_finite() { (self.0)(zmij::Buffer::new().format_finite(value)) } else { no_text() }
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<R, Failure> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<R, Failure> {
        (self.0)(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<R, Failure> {
        value.serialize(self)
    }

    refuses_all_but_text!(R, Failure, no_text);
}
