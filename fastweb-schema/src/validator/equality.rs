//! When two values are the same: numbers by their mathematical value, objects whatever the order of their members.

use std::cmp::Ordering;

use serde_json::Value;

use crate::document::tape::Raw;
use crate::document::{Items, Node, raw_number};

/// Arrays with up to as many items are compared item by item, larger ones sorted.
const SMALL: usize = 8;

/// Whether a value of a document is the one that a schema names.
pub(crate) fn equals_value(node: Node<'_>, expected: &Value) -> bool {
    match (node.raw(), expected) {
        (Raw::Null, Value::Null) => true,
        (Raw::Bool(a), Value::Bool(b)) => a == *b,
        (Raw::String { .. }, Value::String(b)) => node.as_str() == Some(b),
        (Raw::Array { len, .. }, Value::Array(items)) => {
            len as usize == items.len()
                && node.items().into_iter().flatten().zip(items).all(|(a, b)| equals_value(a, b))
        }
        // No name stands twice, so that as many members, each with its counterpart, are the same.
        (Raw::Object { len, .. }, Value::Object(members)) => {
            len as usize == members.len()
                && node
                    .members()
                    .into_iter()
                    .flatten()
                    .all(|(name, a)| members.get(name).is_some_and(|b| equals_value(a, b)))
        }
        (raw @ (Raw::Unsigned(_) | Raw::Negative(_) | Raw::Float(_)), Value::Number(number)) => {
            compare_numbers(raw, raw_number(number)) == Ordering::Equal
        }
        _ => false,
    }
}

/// The mathematical order of two numbers, exact beyond the precision of floats. Floats are finite.
#[inline]
pub(crate) fn compare_numbers(a: Raw, b: Raw) -> Ordering {
    match (a, b) {
        (Raw::Unsigned(a), Raw::Unsigned(b)) => a.cmp(&b),
        (Raw::Float(a), Raw::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (Raw::Float(a), b) => compare_float(a, whole(b)),
        (a, Raw::Float(b)) => compare_float(b, whole(a)).reverse(),
        (a, b) => whole(a).cmp(&whole(b)),
    }
}

fn whole(raw: Raw) -> i128 {
    match raw {
        Raw::Unsigned(value) => value.into(),
        Raw::Negative(value) => value.into(),
        _ => 0,
    }
}

fn compare_float(float: f64, whole: i128) -> Ordering {
    // Beyond 2^65 there is no integer to compare with; below, the cast of the floor is exact.
    if float.abs() >= 36_893_488_147_419_103_232.0 {
        return if float > 0.0 { Ordering::Greater } else { Ordering::Less };
    }
    let floor = float.floor();
    (floor as i128).cmp(&whole).then(if float > floor { Ordering::Greater } else { Ordering::Equal })
}

/// Whether no two items are the same. Takes n log n comparisons, whatever was sent.
pub(crate) fn are_unique(items: Items<'_>) -> bool {
    if items.len() <= SMALL {
        let mut rest = items;
        while let Some(item) = rest.next() {
            if rest.clone().any(|other| order(item, other) == Ordering::Equal) {
                return false;
            }
        }
        return true;
    }
    let mut sorted: Vec<_> = items.collect();
    sorted.sort_unstable_by(|a, b| order(*a, *b));
    sorted.windows(2).all(|pair| order(pair[0], pair[1]) == Ordering::Less)
}

/// An order of all values in which equal ones are those that JSON Schema calls equal.
fn order(a: Node<'_>, b: Node<'_>) -> Ordering {
    let (left, right) = (a.raw(), b.raw());
    match (left, right) {
        (Raw::Null, Raw::Null) => Ordering::Equal,
        (Raw::Bool(a), Raw::Bool(b)) => a.cmp(&b),
        (Raw::String { .. }, Raw::String { .. }) => a.as_str().cmp(&b.as_str()),
        (Raw::Array { len: m, .. }, Raw::Array { len: n, .. }) => m.cmp(&n).then_with(|| {
            let pairs = a.items().into_iter().flatten().zip(b.items().into_iter().flatten());
            first_difference(pairs.map(|(a, b)| order(a, b)))
        }),
        (Raw::Object { len: m, .. }, Raw::Object { len: n, .. }) => m.cmp(&n).then_with(|| {
            let (a, b) = (sorted_members(a), sorted_members(b));
            first_difference(a.iter().zip(&b).map(|(a, b)| a.0.cmp(b.0).then_with(|| order(a.1, b.1))))
        }),
        _ => match rank(left).cmp(&rank(right)) {
            Ordering::Equal => compare_numbers(left, right),
            different => different,
        },
    }
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn sorted_members(node: Node<'_>) -> Vec<(&str, Node<'_>)> {
    let mut members: Vec<_> = node.members().into_iter().flatten().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    members
}

fn rank(raw: Raw) -> u8 {
    match raw {
        Raw::Null => 0,
        Raw::Bool(_) => 1,
        Raw::Unsigned(_) | Raw::Negative(_) | Raw::Float(_) => 2,
        Raw::String { .. } => 3,
        Raw::Array { .. } => 4,
        Raw::Object { .. } => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use serde_json::json;

    #[test]
    fn numbers_are_compared_by_value() {
        let two_to_53 = 9_007_199_254_740_992u64;
        let ascending = [
            Raw::Float(-1e300),
            Raw::Negative(i64::MIN),
            Raw::Float(-1.5),
            Raw::Negative(-1),
            Raw::Float(-0.5),
            Raw::Unsigned(0),
            Raw::Float(0.5),
            Raw::Unsigned(1),
            Raw::Float(two_to_53 as f64),
            Raw::Unsigned(two_to_53 + 1),
            Raw::Unsigned(u64::MAX),
            Raw::Float(18_446_744_073_709_551_616.0),
            Raw::Float(1e300),
        ];
        for (i, a) in ascending.into_iter().enumerate() {
            for (j, b) in ascending.into_iter().enumerate() {
                assert_eq!(compare_numbers(a, b), i.cmp(&j), "{a:?} {b:?}");
            }
        }
        assert_eq!(compare_numbers(Raw::Float(-0.0), Raw::Unsigned(0)), Ordering::Equal);
        assert_eq!(compare_numbers(Raw::Float(1e3), Raw::Unsigned(1000)), Ordering::Equal);
        assert_eq!(compare_numbers(Raw::Negative(-2), Raw::Float(-2.0)), Ordering::Equal);
    }

    #[test]
    fn items_are_unique_by_value_in_small_and_large_arrays() {
        let distinct = json!([
            1, 1.5, "1", true, null, [1], [1, 2], {"a": 1}, {"b": 1}, {"a": 2}, {"a": 1, "b": 1}, "", [], {}, false
        ]);
        assert!(are_unique(Document::from(&distinct).root().items().expect("an array")));
        for twice in [json!(1.0), json!({"b": 1.0, "a": 1}), json!([1, 2.0]), json!(false), json!(null), json!("")] {
            let mut items = distinct.as_array().expect("an array").clone();
            items.push(twice.clone());
            assert!(!are_unique(Document::from(&json!(items)).root().items().expect("an array")), "{twice}");
            items.drain(..items.len() - SMALL + 1);
            items.push(twice.clone());
            assert!(!are_unique(Document::from(&json!(items)).root().items().expect("an array")), "{twice}");
        }
    }

    #[test]
    fn a_value_equals_what_a_schema_names() {
        let document = Document::parse(br#"{"a":[1.0,"x",null],"b":{"c":true,"d":-0}}"#).expect("JSON");
        assert!(equals_value(document.root(), &json!({"b": {"d": 0, "c": true}, "a": [1, "x", null]})));
        for other in
            [json!({"a": [1, "x", null]}), json!({"b": {"d": 0, "c": true}, "a": [1, "x", 0]}), json!([]), json!(1)]
        {
            assert!(!equals_value(document.root(), &other), "{other}");
        }
    }
}
