//! What surely meets the bounds of a rule, as one range of words per kind of value: an everyday value costs a validator one comparison, and
//! no branch that depends on what it is.

use super::{Number, Rule, Text, Types};
use crate::document::tape::{Cell, Kind, Raw};

/// What surely is valid by a rule. It may be less than what is valid, never more.
pub(super) struct Quick([Range; Kind::COUNT]);

/// The words from `first` on, `count` of them.
#[derive(Clone, Copy)]
struct Range {
    first: u64,
    count: u64,
}

impl Range {
    const EMPTY: Self = Self { first: 0, count: 0 };
    /// All but the greatest: their number does not fit. It is none that everyday values have.
    const ALL: Self = Self { first: 0, count: u64::MAX };

    fn of([first, last]: [u64; 2]) -> Self {
        if first > last { Self::EMPTY } else { Self { first, count: (last - first).saturating_add(1) } }
    }
}

impl Quick {
    pub(super) fn of(rule: &Rule) -> Self {
        let mut ranges = [Range::EMPTY; Kind::COUNT];
        // What does not depend on the type is not looked at here, nor what is in arrays and objects.
        if !rule.others.is_empty() {
            return Self(ranges);
        }
        let mut set = |types, kind: Kind, range: &dyn Fn() -> Range| {
            if rule.types.has(types) {
                ranges[kind as usize] = range();
            }
        };
        set(Types::NULL, Kind::Null, &|| Range::ALL);
        set(Types::BOOLEAN, Kind::Bool, &|| Range::ALL);
        set(Types::STRING, Kind::String, &|| rule.string.as_deref().map_or(Range::ALL, strings));
        let number = rule.number.as_deref();
        set(Types::INTEGER, Kind::Unsigned, &|| number.map_or(Range::ALL, unsigned));
        set(Types::INTEGER, Kind::Negative, &|| number.map_or(Range::ALL, |_| Range::EMPTY));
        // Whether it has a fraction is asked where only one of the two is accepted.
        set(Types::INTEGER.with(Types::FRACTION), Kind::Float, &|| number.map_or(Range::ALL, floats));
        Self(ranges)
    }

    #[inline(always)]
    pub(super) fn accepts(&self, cell: Cell) -> bool {
        let range = self.0[cell.kind() as usize];
        cell.word().wrapping_sub(range.first) < range.count
    }
}

/// By their length, which is the upper half of the word.
fn strings(text: &Text) -> Range {
    if text.format.is_some() || text.pattern.is_some() {
        return Range::EMPTY;
    }
    // A code point takes one to four bytes.
    let least = if text.min == 0 { 0 } else { (text.min - 1).saturating_mul(4).saturating_add(1) };
    Range::of([u64::from(least) << 32, u64::from(text.max) << 32 | u64::from(u32::MAX)])
}

fn unsigned(number: &Number) -> Range {
    if number.multiple_of.is_some() {
        return Range::EMPTY;
    }
    let [mut least, mut greatest] = [0, u64::MAX];
    for (bound, exclusive) in [(number.minimum, false), (number.exclusive_minimum, true)] {
        let bound = match bound {
            Some(Raw::Unsigned(bound)) => bound.checked_add(exclusive.into()),
            Some(Raw::Float(bound)) => {
                // The float next to the bound's nearest is beyond the bound.
                let bound = bound.next_up();
                (bound < 18_446_744_073_709_551_616.0).then(|| bound.ceil() as u64)
            }
            _ => Some(0),
        };
        match bound {
            Some(bound) => least = least.max(bound),
            None => return Range::EMPTY,
        }
    }
    for (bound, exclusive) in [(number.maximum, false), (number.exclusive_maximum, true)] {
        let bound = match bound {
            None => Some(u64::MAX),
            Some(Raw::Unsigned(bound)) => bound.checked_sub(exclusive.into()),
            Some(Raw::Float(bound)) => Some(bound.next_down()).filter(|b| *b >= 0.0).map(|b| b.floor() as u64),
            Some(_) => None,
        };
        match bound {
            Some(bound) => greatest = greatest.min(bound),
            None => return Range::EMPTY,
        }
    }
    Range::of([least, greatest])
}

/// Those from zero on: their order is that of their bits.
fn floats(number: &Number) -> Range {
    if number.multiple_of.is_some() {
        return Range::EMPTY;
    }
    let float = |bound| match bound {
        Raw::Unsigned(bound) => bound as f64,
        Raw::Negative(bound) => bound as f64,
        Raw::Float(bound) => bound,
        _ => 0.0,
    };
    let [mut least, mut greatest] = [0.0, f64::MAX];
    for bound in [number.minimum, number.exclusive_minimum].into_iter().flatten() {
        least = float(bound).next_up().max(least);
    }
    for bound in [number.maximum, number.exclusive_maximum].into_iter().flatten() {
        greatest = float(bound).next_down().min(greatest);
    }
    if least > greatest { Range::EMPTY } else { Range::of([least.to_bits(), greatest.to_bits()]) }
}
