//! `enum` and `const`.

use serde_json::Value;

use super::super::scalar::scalar;
use super::super::types::Types;
use super::super::value::equal;
use super::{Compiler, Part};

impl<'s> Compiler<'s> {
    /// The values that all `enum`s and `const`s allow; `None` if there are none of these.
    pub(super) fn allowed(&mut self, parts: &[Part<'s>]) -> Option<Box<[Value]>> {
        let mut allowed: Option<Vec<Value>> = None;
        for part in parts {
            let schema = part.at.schema;
            let nullable = schema.get("nullable") == Some(&Value::Bool(true));
            let mut lists: Vec<Vec<Value>> = Vec::new();
            match schema.get("enum") {
                Some(Value::Array(values)) => lists.push(values.clone()),
                Some(_) => self.problem(&part.at, "enum", "must be a list of values"),
                None => {}
            }
            lists.extend(schema.get("const").map(|value| vec![value.clone()]));
            for mut list in lists {
                if nullable && !list.contains(&Value::Null) {
                    list.push(Value::Null);
                }
                allowed = Some(match allowed {
                    None => list,
                    Some(before) => {
                        before.into_iter().filter(|value| list.iter().any(|other| equal(other, value))).collect()
                    }
                });
            }
        }
        allowed.map(Vec::into_boxed_slice)
    }
}

/// The types of values. What is an integer may be written as a float and the other way round.
pub(super) fn types_of(values: &[Value]) -> Types {
    values.iter().fold(Types::NONE, |types, value| {
        types
            | match value {
                Value::Array(_) => Types::ARRAY,
                Value::Object(_) => Types::OBJECT,
                Value::Number(_) => Types::NUMBER,
                other => scalar(other).map_or(Types::NONE, |value| value.types()),
            }
    })
}
