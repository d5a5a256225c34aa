//! One value that came as text, from the path or the query, read as what the application declares.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use serde::de::{self, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::bytes::block::Block;
use crate::error::{Code, Detail, Error};
use crate::request::head::Head;
use crate::request::text::{NEWTYPE, Text, hand_over};

/// How a value is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// `%20` (RFC 3986).
    Path,
    /// `%20` and `+` for a blank (`application/x-www-form-urlencoded`).
    Form,
    /// It stands for itself.
    None,
}

/// A value in the request's head, or in its body.
#[derive(Clone, Copy)]
pub(super) struct TextValue<'h> {
    /// `None` where it is in the body.
    pub(super) head: Option<&'h Rc<Head>>,
    /// As it came, with its escapes.
    pub(super) raw: &'h str,
    pub(super) escapes: Escapes,
}

/// Why a value cannot be read. Never holds the value itself. In a box, because every result of a value would have room for it.
#[derive(Debug)]
pub(crate) struct ValueError(Box<Reason>);

#[derive(Debug)]
struct Reason {
    pointer: String,
    keyword: &'static str,
    message: String,
    malformed_escape: bool,
}

impl ValueError {
    fn new(keyword: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Reason { pointer: String::new(), keyword, message: message.into(), malformed_escape: false }))
    }

    pub(super) fn must_be(what: &str) -> Self {
        Self::new("type", format!("must be {what}"))
    }

    /// A parameter that is not there.
    pub(super) fn required(name: &str) -> Self {
        Self::new("required", format!("must have required property '{name}'"))
    }

    fn malformed_escape() -> Self {
        let mut error = Self::new("type", "has a malformed percent-escape");
        error.0.malformed_escape = true;
        error
    }

    /// The value stands under this name.
    pub(super) fn at(mut self, name: &str) -> Self {
        self.0.pointer = format!("/{}{}", name.replace('~', "~0").replace('/', "~1"), self.0.pointer);
        self
    }

    pub(crate) fn into_error(self, part: &'static str) -> Error {
        let Reason { pointer, keyword, message, malformed_escape } = *self.0;
        if malformed_escape {
            let code = if part == "body" { Code::InvalidBody } else { Code::BadUrl };
            return Error::from_code(code).with_message(format!("{part}{pointer} {message}"));
        }
        Error::invalid(Detail { part, pointer, keyword, message })
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ValueError {}

impl de::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new("type", format!("is not valid: {message}"))
    }

    // serde's own texts quote the value.
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::must_be(&expected.to_string())
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::must_be(&expected.to_string())
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("enum", "must be equal to one of the allowed values")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("additionalProperties", "must NOT have additional properties")
    }

    fn missing_field(field: &'static str) -> Self {
        Self::required(field)
    }
}

impl<'h> TextValue<'h> {
    /// The value without escapes.
    #[inline]
    pub(super) fn decode(self) -> Result<Cow<'h, str>, ValueError> {
        decode(self.raw, self.escapes).ok_or_else(ValueError::malformed_escape)
    }

    fn text(self) -> Result<Text, ValueError> {
        Ok(match (self.decode()?, self.head) {
            (Cow::Borrowed(raw), Some(head)) => Text::in_head(head, raw),
            (Cow::Borrowed(raw), None) => Text::from(raw),
            (Cow::Owned(decoded), _) => Text::from(decoded),
        })
    }

    #[inline]
    fn integer_in<T: FromStr + TryFrom<u32> + fmt::Display>(self, least: T, most: T) -> Result<T, ValueError> {
        // Most are a few digits.
        match small_number(self.raw).map(T::try_from) {
            Some(Ok(number)) => Ok(number),
            _ => self.any_integer_in(least, most),
        }
    }

    fn any_integer_in<T: FromStr + fmt::Display>(self, least: T, most: T) -> Result<T, ValueError> {
        let text = self.decode()?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        // `parse` alone would take "+5".
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ValueError::must_be("integer"));
        }
        // "-0" is a number that every type has; `parse` knows no sign for those without.
        let signed = digits.bytes().any(|b| b != b'0');
        // It is an integer, however long: what does not parse is out of range.
        (if signed { &text } else { digits }).parse().map_err(|_| {
            if text.starts_with('-') {
                ValueError::new("minimum", format!("must be >= {least}"))
            } else {
                ValueError::new("maximum", format!("must be <= {most}"))
            }
        })
    }

    fn number(self) -> Result<f64, ValueError> {
        let text = self.decode()?;
        // `parse` alone would take "inf", "nan" and "+5".
        let shaped =
            text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'-' | b'.' | b'e' | b'E' | b'+')) && !text.starts_with('+');
        match text.parse::<f64>() {
            Ok(value) if shaped && value.is_finite() => Ok(value),
            _ => Err(ValueError::must_be("number")),
        }
    }
}

/// The number that one to nine digits are.
#[inline]
fn small_number(digits: &str) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.bytes().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + u32::from(digit))
    })
}

/// `None` for an escape that is not `%` and two hex digits, or that does not give UTF-8.
#[inline]
pub(super) fn decode(raw: &str, escapes: Escapes) -> Option<Cow<'_, str>> {
    if escapes == Escapes::None || (raw.len() <= 16 && !has_escapes(raw, escapes)) {
        Some(Cow::Borrowed(raw))
    } else {
        unescape(raw, escapes)
    }
}

/// Whether something in at most sixteen bytes does not stand for itself.
#[inline]
fn has_escapes(raw: &str, escapes: Escapes) -> bool {
    let block = Block::padded(raw.as_bytes());
    block.equal(b'%') != 0 || (escapes == Escapes::Form && block.equal(b'+') != 0)
}

fn unescape(raw: &str, escapes: Escapes) -> Option<Cow<'_, str>> {
    let escaped = |b: &u8| *b == b'%' || (*b == b'+' && escapes == Escapes::Form);
    let Some(first) = raw.as_bytes().iter().position(escaped) else { return Some(Cow::Borrowed(raw)) };
    let hex = |b: u8| char::from(b).to_digit(16).map(|digit| digit as u8);
    let (plain, mut rest) = raw.as_bytes().split_at(first);
    let mut decoded = Vec::with_capacity(raw.len());
    decoded.extend_from_slice(plain);
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match byte {
            b'%' => {
                let [high, low, tail @ ..] = rest else { return None };
                decoded.push(hex(*high)? << 4 | hex(*low)?);
                rest = tail;
            }
            b'+' if escapes == Escapes::Form => decoded.push(b' '),
            _ => decoded.push(*byte),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty,)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            visitor.$visit(self.integer_in(<$type>::MIN, <$type>::MAX)?)
        }
    )+};
}

impl<'de> Deserializer<'de> for TextValue<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.decode()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match &*self.decode()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(ValueError::must_be("boolean")),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let value = self.number()? as f32;
        if value.is_finite() { visitor.visit_f32(value) } else { Err(ValueError::must_be("number")) }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_f64(self.number()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
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

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if name == NEWTYPE { hand_over(self.text()?, visitor) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf identifier
        seq tuple tuple_struct map struct
    }
}

/// Enums of plain words: `sort=newest`.
impl<'de> EnumAccess<'de> for TextValue<'de> {
    type Error = ValueError;
    type Variant = Self;

    fn variant_seed<V: de::DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), ValueError> {
        let name = self.decode()?;
        let deserializer: de::value::CowStrDeserializer<'de, ValueError> = name.into_deserializer();
        Ok((seed.deserialize(deserializer)?, self))
    }
}

impl<'de> VariantAccess<'de> for TextValue<'de> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        Ok(())
    }

    fn newtype_variant_seed<T: de::DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, ValueError> {
        Err(ValueError::must_be("a plain word"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::must_be("a plain word"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::must_be("a plain word"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers() {
        for (digits, number) in [("0", 0), ("007", 7), ("10", 10), ("999999999", 999_999_999)] {
            assert_eq!(small_number(digits), Some(number));
        }
        for other in ["", "-1", "+1", "1.", "%31", "1e3", "1000000000", "ä"] {
            assert_eq!(small_number(other), None, "{other}");
        }
        let value = |raw| TextValue { head: None, raw, escapes: Escapes::None };
        assert_eq!(value("255").integer_in(u8::MIN, u8::MAX).ok(), Some(255));
        assert!(value("256").integer_in(u8::MIN, u8::MAX).is_err());
        assert_eq!(value("-128").integer_in(i8::MIN, i8::MAX).ok(), Some(-128));
    }

    #[test]
    fn escapes() {
        assert!(matches!(decode("plain", Escapes::Path), Some(Cow::Borrowed("plain"))));
        assert_eq!(decode("a%20b%2Fc", Escapes::Path).as_deref(), Some("a b/c"));
        assert_eq!(decode("a+b", Escapes::Path).as_deref(), Some("a+b"));
        assert_eq!(decode("a+b%2B", Escapes::Form).as_deref(), Some("a b+"));
        assert_eq!(decode("%C3%A4", Escapes::Path).as_deref(), Some("ä"));
        for bad in ["%", "%4", "%zz", "%E0%A4%A", "%ff", "%+1"] {
            assert_eq!(decode(bad, Escapes::Path), None, "{bad}");
        }
    }
}
