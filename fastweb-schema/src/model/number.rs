//! Numbers: what of JSON's a type of Rust's can be, and whether it is within its bounds.

use std::cmp::Ordering;

use super::rules::{Limit, Rules};
use crate::document::tape::Raw;
use crate::validator::compare_numbers;

/// A number of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Num(pub(super) Raw);

impl Num {
    /// The integer that it is. JSON Schema makes no difference between 1 and 1.0.
    pub(super) fn integer(self) -> Option<i128> {
        match self.0 {
            Raw::Unsigned(value) => Some(value.into()),
            Raw::Negative(value) => Some(value.into()),
            Raw::Float(value) if value.fract() == 0.0 && value.abs() < 1e19 => Some(value as i128),
            _ => None,
        }
    }

    pub(super) fn f64(self) -> f64 {
        match self.0 {
            Raw::Unsigned(value) => value as f64,
            Raw::Negative(value) => value as f64,
            Raw::Float(value) => value,
            _ => 0.0,
        }
    }

    /// Rounded once.
    pub(super) fn f32(self) -> f32 {
        match self.0 {
            Raw::Unsigned(value) => value as f32,
            Raw::Negative(value) => value as f32,
            Raw::Float(value) => value as f32,
            _ => 0.0,
        }
    }
}

impl Limit {
    #[inline(always)]
    fn raw(self) -> Option<Raw> {
        match self {
            Self::None => None,
            Self::Unsigned(value) => Some(Raw::Unsigned(value)),
            Self::Negative(value) => Some(Raw::Negative(value)),
            Self::Float(value) => Some(Raw::Float(value)),
        }
    }

    /// An integer beside this limit.
    #[inline(always)]
    fn beside(self, value: i128) -> Option<Ordering> {
        match self {
            Self::None => None,
            Self::Unsigned(limit) => Some(value.cmp(&i128::from(limit))),
            Self::Negative(limit) => Some(value.cmp(&i128::from(limit))),
            Self::Float(limit) => Some(compare_numbers(raw(value), Raw::Float(limit))),
        }
    }
}

fn raw(value: i128) -> Raw {
    match u64::try_from(value) {
        Ok(value) => Raw::Unsigned(value),
        Err(_) => Raw::Negative(value as i64),
    }
}

impl Rules {
    #[inline(always)]
    pub(super) fn accepts_integer(&self, value: i128) -> bool {
        self.minimum.beside(value).is_none_or(Ordering::is_ge)
            && self.maximum.beside(value).is_none_or(Ordering::is_le)
            && self.exclusive_minimum.beside(value).is_none_or(Ordering::is_gt)
            && self.exclusive_maximum.beside(value).is_none_or(Ordering::is_lt)
            && match self.multiple_of {
                Limit::None => true,
                Limit::Unsigned(step) => step > 0 && value % i128::from(step) == 0,
                // The slow way knows how.
                _ => false,
            }
    }

    #[inline]
    pub(super) fn accepts_number(&self, value: Num) -> bool {
        let beside = |limit: Limit| limit.raw().map(|limit| compare_numbers(value.0, limit));
        beside(self.minimum).is_none_or(Ordering::is_ge)
            && beside(self.maximum).is_none_or(Ordering::is_le)
            && beside(self.exclusive_minimum).is_none_or(Ordering::is_gt)
            && beside(self.exclusive_maximum).is_none_or(Ordering::is_lt)
            && matches!(self.multiple_of, Limit::None)
    }
}
