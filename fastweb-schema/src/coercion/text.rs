//! Single values: what a string, number or boolean is turned into for a type, as ajv does it for Fastify.

use crate::document::read_number;
use crate::document::tape::Raw;

/// A type that a schema asks for, in the order in which it names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Type {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// Whether a value is of this type as it is.
    pub(super) fn has(self, raw: Raw) -> bool {
        match raw {
            Raw::Null => self == Self::Null,
            Raw::Bool(_) => self == Self::Boolean,
            Raw::Unsigned(_) | Raw::Negative(_) => matches!(self, Self::Integer | Self::Number),
            Raw::Float(float) => self == Self::Number || (self == Self::Integer && float.fract() == 0.0),
            Raw::String { .. } => self == Self::String,
            Raw::Array { .. } => self == Self::Array,
            Raw::Object { .. } => self == Self::Object,
        }
    }
}

/// What a value becomes.
#[derive(Debug, PartialEq)]
pub(super) enum Coerced {
    Value(Raw),
    Text(String),
}

/// `None` where the value cannot become of this type; then it stays as it is, and validation refuses it.
pub(super) fn coerce(to: Type, from: Raw, text: &str) -> Option<Coerced> {
    let value = match (to, from) {
        (Type::Integer, Raw::String { .. }) => number(text).filter(|number| Type::Integer.has(*number))?,
        (Type::Number, Raw::String { .. }) => number(text)?,
        (Type::Integer | Type::Number, Raw::Bool(value)) => Raw::Unsigned(value.into()),
        (Type::Integer | Type::Number, Raw::Null) => Raw::Unsigned(0),
        (Type::Boolean, Raw::String { .. }) => match text {
            "true" => Raw::Bool(true),
            "false" => Raw::Bool(false),
            _ => return None,
        },
        (Type::Boolean, Raw::Null) => Raw::Bool(false),
        (Type::Boolean, number) => match as_float(number)? {
            0.0 => Raw::Bool(false),
            1.0 => Raw::Bool(true),
            _ => return None,
        },
        (Type::Null, Raw::String { .. }) if text.is_empty() => Raw::Null,
        (Type::Null, Raw::Bool(false)) => Raw::Null,
        (Type::Null, number) if as_float(number) == Some(0.0) => Raw::Null,
        (Type::String, Raw::Null) => return Some(Coerced::Text(String::new())),
        (Type::String, Raw::Bool(value)) => return Some(Coerced::Text(value.to_string())),
        (Type::String, Raw::Unsigned(value)) => return Some(Coerced::Text(value.to_string())),
        (Type::String, Raw::Negative(value)) => return Some(Coerced::Text(value.to_string())),
        (Type::String, Raw::Float(value)) => {
            // Minus zero is "0" in JavaScript.
            let value = if value == 0.0 { 0.0 } else { value };
            return Some(Coerced::Text(value.to_string()));
        }
        _ => return None,
    };
    Some(Coerced::Value(value))
}

fn as_float(raw: Raw) -> Option<f64> {
    match raw {
        Raw::Unsigned(value) => Some(value as f64),
        Raw::Negative(value) => Some(value as f64),
        Raw::Float(value) => Some(value),
        _ => None,
    }
}

/// A decimal number, as JavaScript's `Number` reads it: also with a plus, with zeros in front, `.5` and `5.`; but no white space, no hexadecimal
/// digits and no `Infinity`, which nobody means.
fn number(text: &str) -> Option<Raw> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let first = *digits.as_bytes().first()?;
    if !first.is_ascii_digit() && first != b'.' {
        return None;
    }
    let raw = match read_number(text) {
        Some(raw) => raw,
        // Not as JSON writes numbers.
        None => {
            let end = digits.find(['e', 'E']).unwrap_or(digits.len());
            let (whole, fraction) = digits[..end].split_once('.').unwrap_or((&digits[..end], ""));
            if whole.is_empty() && fraction.is_empty() {
                return None;
            }
            let whole = whole.trim_start_matches('0');
            let whole = if whole.is_empty() { "0" } else { whole };
            let point = if fraction.is_empty() { "" } else { "." };
            read_number(&format!("{sign}{whole}{point}{fraction}{}", &digits[end..]))?
        }
    };
    // `5.0` is 5, and within these bounds exactly.
    Some(match raw {
        Raw::Float(float) if float.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&float) => {
            Raw::Unsigned(float as u64)
        }
        Raw::Float(float) if float.fract() == 0.0 && (-9_007_199_254_740_992.0..0.0).contains(&float) => {
            Raw::Negative(float as i64)
        }
        raw => raw,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_javascript_reads_decimal_ones() {
        for (text, expected) in [
            ("12", Some(Raw::Unsigned(12))),
            ("-12", Some(Raw::Negative(-12))),
            ("+5", Some(Raw::Unsigned(5))),
            ("007", Some(Raw::Unsigned(7))),
            ("-00.50", Some(Raw::Float(-0.5))),
            (".5", Some(Raw::Float(0.5))),
            ("5.", Some(Raw::Unsigned(5))),
            ("5.0", Some(Raw::Unsigned(5))),
            ("-1e2", Some(Raw::Negative(-100))),
            ("1e-1", Some(Raw::Float(0.1))),
            ("-0", Some(Raw::Unsigned(0))),
            ("18446744073709551615", Some(Raw::Unsigned(u64::MAX))),
            ("", None),
            ("-", None),
            (".", None),
            ("+.e1", None),
            (" 1", None),
            ("1 ", None),
            ("0x10", None),
            ("Infinity", None),
            ("NaN", None),
            ("1e999", None),
            ("--1", None),
            ("+-1", None),
            ("1e", None),
            ("1.2.3", None),
            ("1_000", None),
            ("é", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
