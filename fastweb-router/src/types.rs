//! The types that a parameter can be declared with, and which texts each of them takes.
//!
//! A type here is a set of texts and no more: nothing is converted. The sets are chosen so that for any two of them it is
//! known whether one holds the other, because that decides which of two routes goes first.

use std::fmt;

/// A type that a parameter is declared with: the `u64` of `/users/{id:u64}`.
///
/// What the text of a parameter has to be, escapes undone:
///
/// | type | texts |
/// |---|---|
/// | `u8` `u16` `u32` `u64` `u128` | digits, of a number in the range of the type; no sign |
/// | `i8` `i16` `i32` `i64` `i128` | the same, with or without a `-` before them |
/// | `f64` | a decimal number that is finite as an `f64`: `7`, `-1.5`, `2e-3`; digits on both sides of the point |
/// | `bool` | `true` or `false`, in lower case |
/// | `uuid` | 32 hexadecimal digits in groups of 8-4-4-4-12, in either case |
/// | `alpha` | ASCII letters |
/// | `alnum` | ASCII letters and digits |
/// | `hex` | hexadecimal digits, in either case |
/// | `date` | a day of the calendar, `YYYY-MM-DD` (RFC 3339 `full-date`) |
///
/// Leading zeros are digits as any other. What a type takes, `str::parse` takes for the Rust type of that name.
///
/// ```
/// use fastweb_router::ParamType;
///
/// assert!(ParamType::U8.accepts("255"));
/// assert!(!ParamType::U8.accepts("256"));
/// assert!(ParamType::Date.accepts("2028-02-29"));
/// assert!(!ParamType::Date.accepts("2026-02-29"));
/// assert_eq!(ParamType::Uuid.to_string(), "uuid");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParamType {
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `u128`
    U128,
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `i128`
    I128,
    /// `f64`
    F64,
    /// `bool`
    Bool,
    /// `uuid`
    Uuid,
    /// `alpha`
    Alpha,
    /// `alnum`
    Alnum,
    /// `hex`
    Hex,
    /// `date`
    Date,
}

use ParamType::{Alnum, Alpha, Bool, Date, F64, Hex, I8, I16, I32, I64, I128, U8, U16, U32, U64, U128, Uuid};

/// How the texts of two types stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeRelation {
    Same,
    /// All texts of the first are texts of the second.
    Narrower,
    Wider,
    /// They have no text in common.
    Disjoint,
    /// They have some in common, and each has some of its own.
    Overlap,
}

impl ParamType {
    /// Every type.
    ///
    /// ```
    /// use fastweb_router::ParamType;
    ///
    /// assert!(ParamType::ALL.iter().all(|ty| ParamType::from_name(ty.name()) == Some(*ty)));
    /// ```
    pub const ALL: &'static [Self] =
        &[U8, U16, U32, U64, U128, I8, I16, I32, I64, I128, F64, Bool, Uuid, Alpha, Alnum, Hex, Date];

    /// The name that stands in a pattern.
    ///
    /// ```
    /// assert_eq!(fastweb_router::ParamType::U64.name(), "u64");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            U8 => "u8",
            U16 => "u16",
            U32 => "u32",
            U64 => "u64",
            U128 => "u128",
            I8 => "i8",
            I16 => "i16",
            I32 => "i32",
            I64 => "i64",
            I128 => "i128",
            F64 => "f64",
            Bool => "bool",
            Uuid => "uuid",
            Alpha => "alpha",
            Alnum => "alnum",
            Hex => "hex",
            Date => "date",
        }
    }

    /// The type of this name.
    ///
    /// ```
    /// use fastweb_router::ParamType;
    ///
    /// assert_eq!(ParamType::from_name("date"), Some(ParamType::Date));
    /// assert_eq!(ParamType::from_name("usize"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ty| ty.name() == name)
    }

    /// Whether the type takes this text, in which no escape is left.
    ///
    /// ```
    /// use fastweb_router::ParamType;
    ///
    /// assert!(ParamType::I16.accepts("-007"));
    /// assert!(!ParamType::I16.accepts("+7"));
    /// assert!(ParamType::F64.accepts("1e300"));
    /// assert!(!ParamType::F64.accepts("1e400"));
    /// ```
    pub fn accepts(self, text: &str) -> bool {
        self.accepts_bytes(text.as_bytes())
    }

    /// The same for bytes that are no UTF-8 where a slash was escaped. Linear in their number.
    pub(crate) fn accepts_bytes(self, text: &[u8]) -> bool {
        match self {
            Alpha => all(text, u8::is_ascii_alphabetic),
            Alnum => all(text, u8::is_ascii_alphanumeric),
            Hex => all(text, u8::is_ascii_hexdigit),
            Bool => matches!(text, b"true" | b"false"),
            Uuid => is_uuid(text),
            Date => is_date(text),
            F64 => is_decimal(text),
            _ => {
                let (below, above) = self.range().unwrap_or_default();
                match text.strip_prefix(b"-") {
                    Some(digits) if below > 0 => number(digits).is_some_and(|number| number <= below),
                    Some(_) => false,
                    None => number(text).is_some_and(|number| number <= above),
                }
            }
        }
    }

    /// How far an integer goes below zero and above it.
    const fn range(self) -> Option<(u128, u128)> {
        Some(match self {
            U8 => (0, u8::MAX as u128),
            U16 => (0, u16::MAX as u128),
            U32 => (0, u32::MAX as u128),
            U64 => (0, u64::MAX as u128),
            U128 => (0, u128::MAX),
            I8 => (i8::MIN.unsigned_abs() as u128, i8::MAX as u128),
            I16 => (i16::MIN.unsigned_abs() as u128, i16::MAX as u128),
            I32 => (i32::MIN.unsigned_abs() as u128, i32::MAX as u128),
            I64 => (i64::MIN.unsigned_abs() as u128, i64::MAX as u128),
            I128 => (i128::MIN.unsigned_abs(), i128::MAX as u128),
            _ => return None,
        })
    }

    /// A place in an order in which a type stands before every wider one.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Bool => 0,
            Date => 1,
            Uuid => 2,
            U8 => 3,
            I8 => 4,
            U16 => 5,
            I16 => 6,
            U32 => 7,
            I32 => 8,
            U64 => 9,
            I64 => 10,
            U128 => 11,
            I128 => 12,
            F64 => 13,
            Hex => 14,
            Alpha => 15,
            Alnum => 16,
        }
    }

    /// How the texts of two types stand to each other.
    pub(crate) fn relation(self, other: Self) -> TypeRelation {
        use TypeRelation::{Disjoint, Narrower, Overlap, Same, Wider};
        if self == other {
            return Same;
        }
        if let (Some(a), Some(b)) = (self.range(), other.range()) {
            // Both have 0 to 127.
            return match (a.0 <= b.0 && a.1 <= b.1, a.0 >= b.0 && a.1 >= b.1) {
                (true, _) => Narrower,
                (_, true) => Wider,
                (false, false) => Overlap,
            };
        }
        let unsigned = |ty: Self| ty.range().is_some_and(|(below, _)| below == 0);
        let number = |ty: Self| ty == F64 || ty.range().is_some();
        match (self, other) {
            (Uuid | Date, _) | (_, Uuid | Date) => Disjoint,
            (Bool, Alpha | Alnum) | (Alpha | Hex, Alnum) => Narrower,
            (Alpha | Alnum, Bool) | (Alnum, Alpha | Hex) => Wider,
            (Bool, _) | (_, Bool) => Disjoint,
            (Alpha, Hex) | (Hex, Alpha) => Overlap,
            (Alpha, _) | (_, Alpha) => Disjoint,
            (F64, ty) if ty.range().is_some() => Wider,
            (ty, F64) if ty.range().is_some() => Narrower,
            (ty, Hex | Alnum) if unsigned(ty) => Narrower,
            (Hex | Alnum, ty) if unsigned(ty) => Wider,
            _ => {
                debug_assert!(number(self) || number(other));
                Overlap
            }
        }
    }
}

impl fmt::Display for ParamType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn all(text: &[u8], is: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.iter().all(is)
}

/// The number of a text of digits, if it fits.
fn number(digits: &[u8]) -> Option<u128> {
    if digits.is_empty() {
        return None;
    }
    // A word as long as it can hold them, which is nearly always: a product of 128 bits is three of 64.
    let (short, rest) = digits.split_at(digits.len().min(19));
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let start = short.iter().try_fold(0u64, |number, byte| Some(number * 10 + digit(byte)?))?;
    rest.iter().try_fold(u128::from(start), |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?.into()))
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_date(text: &[u8]) -> bool {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (number(&[y1, y2, y3, y4]), number(&[m1, m2]), number(&[d1, d2])) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `-? digits (. digits)? (e [+-]? digits)?`, and not infinite.
fn is_decimal(text: &[u8]) -> bool {
    fn skip_digits(text: &[u8]) -> Option<&[u8]> {
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (digits > 0).then(|| &text[digits..])
    }
    fn skip_number(text: &[u8]) -> Option<&[u8]> {
        let mut rest = skip_digits(text.strip_prefix(b"-").unwrap_or(text))?;
        if let Some(fraction) = rest.strip_prefix(b".") {
            rest = skip_digits(fraction)?;
        }
        if let [b'e' | b'E', exponent @ ..] = rest {
            rest = skip_digits(match exponent {
                [b'+' | b'-', digits @ ..] => digits,
                digits => digits,
            })?;
        }
        Some(rest)
    }
    skip_number(text).is_some_and(<[u8]>::is_empty)
        && std::str::from_utf8(text).is_ok_and(|text| text.parse().is_ok_and(f64::is_finite))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&str] = &[
        "0",
        "7",
        "007",
        "127",
        "128",
        "129",
        "255",
        "256",
        "32767",
        "32768",
        "65535",
        "65536",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "170141183460469231731687303715884105727",
        "170141183460469231731687303715884105728",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
        "00000000000000000000000000000000000000000000000000007",
        "-0",
        "-1",
        "-128",
        "-129",
        "-32768",
        "-32769",
        "-2147483648",
        "-2147483649",
        "-9223372036854775808",
        "-9223372036854775809",
        "-170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105729",
        "",
        "-",
        "+7",
        "--7",
        "7-",
        "1.5",
        "-1.5e-3",
        "1e5",
        "1E+5",
        "1.",
        ".5",
        "1e",
        "1e400",
        "inf",
        "NaN",
        "true",
        "false",
        "True",
        "abc",
        "xyz",
        "DEF",
        "a1",
        "z9",
        "é",
        "٣",
        "a b",
        " 7",
        "2026-11-21",
        "2026-02-29",
        "2028-02-29",
        "1900-02-29",
        "2000-02-29",
        "2026-04-31",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "0000-01-01",
        "2026-1-1",
        "2026-11-211",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
        "6ba7b8109dad11d180b400c04fd430c8",
        "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c",
    ];

    /// The standard library as the oracle, but for a `+`, which it takes.
    #[test]
    fn integers_are_those_of_rust() {
        for text in TEXTS {
            let plus = text.starts_with('+');
            for (ty, expected) in [
                (U8, text.parse::<u8>().is_ok()),
                (U16, text.parse::<u16>().is_ok()),
                (U32, text.parse::<u32>().is_ok()),
                (U64, text.parse::<u64>().is_ok()),
                (U128, text.parse::<u128>().is_ok()),
                (I8, text.parse::<i8>().is_ok()),
                (I16, text.parse::<i16>().is_ok()),
                (I32, text.parse::<i32>().is_ok()),
                (I64, text.parse::<i64>().is_ok()),
                (I128, text.parse::<i128>().is_ok()),
                (Bool, text.parse::<bool>().is_ok()),
            ] {
                assert_eq!(ty.accepts(text), expected && !plus, "{ty} {text:?}");
            }
        }
    }

    #[test]
    fn what_the_others_take() {
        let taken = |ty: ParamType| TEXTS.iter().copied().filter(|text| ty.accepts(text)).collect::<Vec<_>>();
        assert_eq!(taken(Date), ["2026-11-21", "2028-02-29", "2000-02-29", "0000-01-01"]);
        assert_eq!(taken(Uuid).len(), 2);
        assert_eq!(taken(Alpha), ["inf", "NaN", "true", "false", "True", "abc", "xyz", "DEF"]);
        for (ty, text, expected) in [
            (F64, "7", true),
            (F64, "-1.5e-3", true),
            (F64, "1E+5", true),
            (F64, "1.", false),
            (F64, ".5", false),
            (F64, "1e", false),
            (F64, "1e400", false),
            (F64, "inf", false),
            (F64, "NaN", false),
            (Hex, "DEF", true),
            (Hex, "xyz", false),
            (Alnum, "z9", true),
            (Alnum, "é", false),
            (Alnum, "", false),
        ] {
            assert_eq!(ty.accepts(text), expected, "{ty} {text}");
        }
    }

    /// What the table of relations says is so for all texts of the list, and the list has a text for every exception.
    #[test]
    fn relations_are_those_of_the_texts() {
        for &a in ParamType::ALL {
            for &b in ParamType::ALL {
                let count =
                    |of_a, of_b| TEXTS.iter().filter(|text| (a.accepts(text), b.accepts(text)) == (of_a, of_b)).count();
                let expected = match (count(true, true) > 0, count(true, false) > 0, count(false, true) > 0) {
                    (false, _, _) => TypeRelation::Disjoint,
                    (_, false, false) => TypeRelation::Same,
                    (_, false, true) => TypeRelation::Narrower,
                    (_, true, false) => TypeRelation::Wider,
                    (_, true, true) => TypeRelation::Overlap,
                };
                assert_eq!(a.relation(b), expected, "{a} {b}");
                assert!(expected != TypeRelation::Narrower || a.rank() < b.rank(), "{a} {b}");
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        for &ty in ParamType::ALL {
            assert!(!ty.accepts_bytes(b"1\xff2"), "{ty}");
        }
    }
}
