//! Arrays and objects, part by part.

use serde::Serialize;
use serde::ser;
use serde_json::Error;

use super::text_only::TextOnly;
use crate::text::Spare;

/// What is written around parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Array,
    Object,
    /// The one part is JSON text, and stands alone.
    None,
}

/// An array or an object that has begun.
pub(super) struct Parts<'w, 'b> {
    out: &'w mut Spare<'b>,
    bracket: Bracket,
    is_first: bool,
    /// It stands in an object of its own: `{"Variant":…}`.
    is_variant: bool,
}

impl<'w, 'b> Parts<'w, 'b> {
    #[inline(always)]
    pub(super) fn begin(out: &'w mut Spare<'b>, bracket: Bracket) -> Self {
        match bracket {
            Bracket::Array => out.write(b"["),
            Bracket::Object => out.write(b"{"),
            Bracket::None => {}
        }
        Self { out, bracket, is_first: true, is_variant: false }
    }

    #[inline]
    pub(super) fn begin_variant(out: &'w mut Spare<'b>, variant: &'static str, bracket: Bracket) -> Self {
        out.write(b"{");
        out.write_str(variant);
        out.write(b":");
        Self { is_variant: true, ..Self::begin(out, bracket) }
    }

    pub(super) fn json_text(out: &'w mut Spare<'b>) -> Self {
        Self::begin(out, Bracket::None)
    }

    #[inline(always)]
    fn separate(&mut self) {
        if self.is_first {
            self.is_first = false;
        } else {
            self.out.write(b",");
        }
    }

    #[inline(always)]
    fn item<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.separate();
        self.out.value(value)
    }

    #[inline(always)]
    fn member<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if self.bracket == Bracket::None {
            return value.serialize(TextOnly::json(self.out));
        }
        self.separate();
        self.out.write_str(name);
        self.out.write(b":");
        self.out.value(value)
    }

    #[inline(always)]
    fn close(self) -> Result<(), Error> {
        match self.bracket {
            Bracket::Array => self.out.write(b"]"),
            Bracket::Object => self.out.write(b"}"),
            Bracket::None => {}
        }
        if self.is_variant {
            self.out.write(b"}");
        }
        Ok(())
    }
}

macro_rules! parts {
    ($($of:ident $method:ident $by:ident ($($name:ident: $ty:ty)?);)*) => {$(
        impl ser::$of for Parts<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline(always)]
            fn $method<T: ?Sized + Serialize>(&mut self, $($name: $ty,)? value: &T) -> Result<(), Error> {
                self.$by($($name,)? value)
            }

            #[inline(always)]
            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )*};
}

parts! {
    SerializeSeq serialize_element item ();
    SerializeTuple serialize_element item ();
    SerializeTupleStruct serialize_field item ();
    SerializeTupleVariant serialize_field item ();
    SerializeStruct serialize_field member (name: &'static str);
    SerializeStructVariant serialize_field member (name: &'static str);
}

impl ser::SerializeMap for Parts<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Error> {
        self.separate();
        key.serialize(TextOnly::key(self.out))
    }

    #[inline]
    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        self.out.write(b":");
        self.out.value(value)
    }

    #[inline]
    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
