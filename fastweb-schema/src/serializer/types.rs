//! The types of JSON, as sets.

use std::fmt;
use std::ops::{BitAnd, BitOr};

/// A set of types. An integer is a number, so `number` is two members: integers, and numbers that are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const NONE: Self = Self(0);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(1 << 1);
    pub(super) const INTEGER: Self = Self(1 << 2);
    /// Numbers that are not integers.
    pub(super) const FLOAT: Self = Self(1 << 3);
    pub(super) const STRING: Self = Self(1 << 4);
    pub(super) const ARRAY: Self = Self(1 << 5);
    pub(super) const OBJECT: Self = Self(1 << 6);
    pub(super) const NUMBER: Self = Self(Self::INTEGER.0 | Self::FLOAT.0);
    pub(super) const ALL: Self = Self(0x7f);

    /// The set that a schema means by `name`.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    /// Whether all of `other` are members.
    #[inline(always)]
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Types {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Types {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// As the messages of validation name types: `string,null`.
impl fmt::Display for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = if self.has(Self::FLOAT) { (Self::FLOAT, "number") } else { (Self::INTEGER, "integer") };
        let names = [
            number,
            (Self::STRING, "string"),
            (Self::BOOLEAN, "boolean"),
            (Self::ARRAY, "array"),
            (Self::OBJECT, "object"),
            (Self::NULL, "null"),
        ];
        let mut separator = "";
        for (_, name) in names.into_iter().filter(|(types, _)| self.has(*types)) {
            write!(f, "{separator}{name}")?;
            separator = ",";
        }
        Ok(())
    }
}

/// A value without parts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'v> {
    Null,
    Boolean(bool),
    Unsigned(u64),
    Signed(i64),
    /// Beyond 64 bits.
    Wide(Wide),
    Float(f64),
    Single(f32),
    String(&'v str),
}

/// An integer beyond 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wide {
    Unsigned(u128),
    Signed(i128),
}

impl fmt::Display for Wide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(n) => n.fmt(f),
            Self::Signed(n) => n.fmt(f),
        }
    }
}

impl Scalar<'_> {
    /// What it is, and of floats only what they are as they stand.
    pub(super) fn types(self) -> Types {
        match self {
            Self::Null => Types::NULL,
            Self::Boolean(_) => Types::BOOLEAN,
            Self::Unsigned(_) | Self::Signed(_) | Self::Wide(_) => Types::INTEGER,
            Self::Float(_) | Self::Single(_) => Types::FLOAT,
            Self::String(_) => Types::STRING,
        }
    }

    /// The same value as it is written where `types` are wanted: `null` for a float that JSON cannot say, an integer for a float
    /// without a fraction where only integers are wanted.
    pub(super) fn as_one_of(self, types: Types) -> Self {
        let float = match self {
            Self::Float(float) => float,
            Self::Single(single) => f64::from(single),
            other => return other,
        };
        if !float.is_finite() {
            return Self::Null;
        }
        if types.has(Types::FLOAT) { self } else { integer(float).unwrap_or(self) }
    }

    /// As JSON Schema compares: numbers by their values.
    pub(super) fn equals(self, other: Scalar<'_>) -> bool {
        match (self, other) {
            (Self::Null, Scalar::Null) => true,
            (Self::Boolean(a), Scalar::Boolean(b)) => a == b,
            (Self::String(a), Scalar::String(b)) => a == b,
            _ => match (self.whole(), other.whole()) {
                (Some(a), Some(b)) => a == b,
                (None, None) => self.fraction().is_some_and(|a| other.fraction() == Some(a)),
                _ => false,
            },
        }
    }

    /// The number, if it is within 64 bits and has no fraction.
    fn whole(self) -> Option<i128> {
        match self {
            Self::Unsigned(n) => Some(n.into()),
            Self::Signed(n) => Some(n.into()),
            Self::Float(float) => integer(float).and_then(Self::whole),
            Self::Single(single) => integer(single.into()).and_then(Self::whole),
            _ => None,
        }
    }

    fn fraction(self) -> Option<f64> {
        match self {
            Self::Float(float) => Some(float),
            Self::Single(single) => Some(single.into()),
            Self::Wide(Wide::Unsigned(n)) => Some(n as f64),
            Self::Wide(Wide::Signed(n)) => Some(n as f64),
            _ => None,
        }
    }
}

/// `float` as an integer, if it is one and within 64 bits.
fn integer(float: f64) -> Option<Scalar<'static>> {
    // The bounds are exact: 2^63 and 2^64 are floats, the integers below them are not all.
    if float.trunc() != float {
        None
    } else if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float) {
        Some(Scalar::Signed(float as i64))
    } else if (0.0..18_446_744_073_709_551_616.0).contains(&float) {
        Some(Scalar::Unsigned(float as u64))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_as_in_the_messages_of_validation() {
        assert_eq!(Types::NUMBER.to_string(), "number");
        assert_eq!((Types::INTEGER | Types::NULL).to_string(), "integer,null");
        assert_eq!(Types::ALL.to_string(), "number,string,boolean,array,object,null");
    }

    #[test]
    fn a_float_is_an_integer_up_to_the_bounds_of_64_bits() {
        let text = |float| match Scalar::Float(float).as_one_of(Types::INTEGER) {
            Scalar::Signed(n) => n.to_string(),
            Scalar::Unsigned(n) => n.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(text(1.0), "1");
        assert_eq!(text(-0.0), "0");
        assert_eq!(text(1.5), "Float(1.5)");
        assert_eq!(text(-9_223_372_036_854_775_808.0), "-9223372036854775808");
        assert_eq!(text(-9_223_372_036_854_777_856.0), "Float(-9.223372036854778e18)");
        assert_eq!(text(9_223_372_036_854_775_808.0), "9223372036854775808");
        assert_eq!(text(18_446_744_073_709_549_568.0), "18446744073709549568");
        assert_eq!(text(18_446_744_073_709_551_616.0), "Float(1.8446744073709552e19)");
        assert_eq!(text(f64::NAN), "Null");
    }

    #[test]
    fn numbers_are_equal_by_value() {
        let equal = |a: Scalar<'_>, b: Scalar<'_>| a.equals(b);
        assert!(equal(Scalar::Unsigned(1), Scalar::Float(1.0)));
        assert!(equal(Scalar::Signed(-1), Scalar::Single(-1.0)));
        assert!(equal(Scalar::Float(0.5), Scalar::Single(0.5)));
        assert!(!equal(Scalar::Unsigned(1), Scalar::Float(1.5)));
        assert!(!equal(Scalar::Unsigned(9_007_199_254_740_993), Scalar::Float(9_007_199_254_740_992.0)));
        assert!(!equal(Scalar::Null, Scalar::Unsigned(0)));
    }
}
