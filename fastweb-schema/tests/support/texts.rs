//! An input of the fuzzer: bytes that are JSON or not, as `Document` and `serde_json` read them.

use std::collections::BTreeSet;
use std::fmt;

use fastweb_schema::{Buffers, Document, ParseErrorKind};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Reads the bytes both ways, and panics where the table of `Document` does not say that they differ. Whether they are a document.
pub(crate) fn check(input: &[u8]) -> bool {
    let mut buffers = Buffers::new();
    // In memory that another document has left.
    Document::parse_with(b"[{\"left\": [\"be\\u0068ind\"]}]", &mut buffers).expect("JSON").recycle(&mut buffers);
    let parsed = Document::parse_with(input, &mut buffers);
    let oracle = serde_json::from_slice::<Value>(input);
    let document = match (parsed, oracle) {
        (Ok(document), Ok(value)) => {
            assert!(!has_duplicates(input), "a name twice");
            assert!(same(&Value::from(&document), &value), "{document:?} is {value}");
            document
        }
        (Err(error), oracle) => {
            assert!(error.offset() <= input.len() && error.line() >= 1 && error.column() >= 1, "{error}");
            match error.kind() {
                ParseErrorKind::DuplicateName => assert!(oracle.is_err() || has_duplicates(input), "{error}"),
                // serde_json's floats are not exact, and neither is what it takes for too great.
                ParseErrorKind::NumberOutOfRange => {}
                _ => assert!(oracle.is_err(), "{error}, but serde_json reads {oracle:?}"),
            }
            return false;
        }
        (Ok(document), Err(error)) => {
            assert!(error.to_string().contains("out of range"), "{document:?}, but serde_json says {error}");
            document
        }
    };
    // Written, read and built it stays what it is.
    let written = serde_json::to_string(&document).expect("it has nothing that cannot be written");
    let again = Document::parse(written.as_bytes()).expect("JSON");
    assert_eq!(serde_json::to_string(&again).expect("as before"), written);
    let value: Value = document.deserialize().expect("a value");
    assert_eq!(value, Value::from(&document));
    assert_eq!(Value::from(&Document::from(&value)), value);
    true
}

/// Floats may differ by as much as serde_json's are away from the nearest.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            if !a.is_f64() || !b.is_f64() {
                return a == b;
            }
            let (a, b) = (a.as_f64().unwrap_or_default(), b.as_f64().unwrap_or_default());
            a.to_bits().abs_diff(b.to_bits()) <= 4
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((a, x), (b, y))| a == b && same(x, y))
        }
        (a, b) => a == b,
    }
}

fn has_duplicates(json: &[u8]) -> bool {
    serde_json::from_slice::<Twice>(json).is_ok_and(|twice| twice.0)
}

/// Whether an object has a name twice.
struct Twice(bool);

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TwiceVisitor).map(Self)
    }
}

struct TwiceVisitor;

impl<'de> Visitor<'de> for TwiceVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut twice = false;
        while let Some(item) = items.next_element::<Twice>()? {
            twice |= item.0;
        }
        Ok(twice)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let (mut names, mut twice) = (BTreeSet::new(), false);
        while let Some((name, member)) = members.next_entry::<String, Twice>()? {
            twice |= member.0 | !names.insert(name);
        }
        Ok(twice)
    }
}
