//! Values that have to be text: the keys of maps, and JSON text that was written before.

use serde::Serialize;
use serde::ser::{self, Error as _};
use serde_json::Error;

use crate::only_text::refuses_all_but_text;
use crate::text::Spare;

/// Writes one value that is text.
pub(super) struct TextOnly<'w, 'b> {
    out: &'w mut Spare<'b>,
    /// It is JSON already.
    is_json: bool,
}

impl<'w, 'b> TextOnly<'w, 'b> {
    /// A key. Numbers and booleans are written as text.
    #[inline(always)]
    pub(super) fn key(out: &'w mut Spare<'b>) -> Self {
        Self { out, is_json: false }
    }

    /// JSON text.
    pub(super) fn json(out: &'w mut Spare<'b>) -> Self {
        Self { out, is_json: true }
    }
}

fn no_text<T>() -> Result<T, Error> {
    Err(Error::custom("key must be a string"))
}

macro_rules! quoted {
    ($($method:ident $of:ty)*) => {$(
        #[inline]
        fn $method(self, value: $of) -> Result<(), Error> {
            self.out.write(b"\"");
            self.out.value(&value)?;
            self.out.write(b"\"");
            Ok(())
        }
    )*};
}

impl ser::Serializer for TextOnly<'_, '_> {
    type Ok = ();
    type Error = Error;

    quoted! {
        serialize_bool bool
        serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 serialize_u64 u64 serialize_u128 u128
        serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64 serialize_i128 i128
    }

    #[inline(always)]
    fn serialize_str(self, value: &str) -> Result<(), Error> {
        if self.is_json {
            self.out.with(|out| out.extend_from_slice(value.as_bytes()));
        } else {
            self.out.write_str(value);
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::custom("float key must be finite (got NaN or +/-inf)"));
        }
        self.serialize_str(zmij::Buffer::new().format_finite(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::custom("float key must be finite (got NaN or +/-inf)"));
        }
        self.serialize_str(zmij::Buffer::new().format_finite(value))
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    refuses_all_but_text!((), Error, no_text);
}
