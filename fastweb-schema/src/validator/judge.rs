//! The judge: the `jsonschema` crate, reading documents where they are. Nothing outside of this module and the registry knows it.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::{Number, Value};

use super::equality;
use crate::document::tape::Raw;
use crate::document::{Items, Members, Node};

pub(crate) type Judge = jsonschema::Validator<Tape>;

/// How the judge sees documents.
pub(crate) enum Tape {}

/// A value of a document; or a name, which `propertyNames` has validated like a value.
#[derive(Clone, Copy)]
pub(crate) enum Judged<'a> {
    Value(Node<'a>),
    Name(&'a String),
}

impl Json for Tape {
    type Node<'a> = Judged<'a>;
    type PreparedKey = String;
    type StringBuffer = String;

    // A lookup goes through the members; going through them once for all lookups is never dearer.
    const KEYS_PER_LOOKUP: usize = 8;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, f: impl FnOnce(Judged<'_>) -> T) -> T {
        buffer.clear();
        buffer.push_str(string);
        f(Judged::Name(buffer))
    }
}

impl<'a> Judged<'a> {
    fn raw(self) -> Option<Raw> {
        match self {
            Self::Value(node) => Some(node.raw()),
            Self::Name(_) => None,
        }
    }

    fn node(self) -> Option<Node<'a>> {
        match self {
            Self::Value(node) => Some(node),
            Self::Name(_) => None,
        }
    }
}

impl<'a> JsonNode<'a, Tape> for Judged<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = Num;

    fn as_object(&self) -> Option<Members<'a>> {
        self.node()?.members()
    }

    fn as_array(&self) -> Option<Items<'a>> {
        self.node()?.items()
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Value(node) => node.as_str().map(Cow::Borrowed),
            Self::Name(name) => Some(Cow::Borrowed(name)),
        }
    }

    fn as_number(&self) -> Option<Num> {
        self.raw().filter(|raw| matches!(raw, Raw::Unsigned(_) | Raw::Negative(_) | Raw::Float(_))).map(Num)
    }

    fn as_boolean(&self) -> Option<bool> {
        self.node()?.as_bool()
    }

    fn is_null(&self) -> bool {
        self.raw() == Some(Raw::Null)
    }

    fn json_type(&self) -> JsonType {
        match self.raw() {
            Some(Raw::Null) => JsonType::Null,
            Some(Raw::Bool(_)) => JsonType::Boolean,
            Some(Raw::Unsigned(_) | Raw::Negative(_) | Raw::Float(_)) => JsonType::Number,
            Some(Raw::String { .. }) | None => JsonType::String,
            Some(Raw::Array { .. }) => JsonType::Array,
            Some(Raw::Object { .. }) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match self {
            Self::Value(node) => equality::equals_value(*node, expected),
            Self::Name(name) => expected.as_str() == Some(name),
        }
    }

    /// For the instance of a failure, of which nobody is told: copying it for each would be dear, and nothing else asks. What compares
    /// values has its own code, above and in `is_unique`.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Borrowed(&Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(match self {
            Self::Value(node) => {
                NodeIdentity::tagged(std::ptr::from_ref(node.document()) as usize, node.index() as u32)
            }
            Self::Name(name) => NodeIdentity::new(std::ptr::from_ref(*name) as usize),
        })
    }
}

/// A number of a document.
#[derive(Clone, Copy)]
pub(crate) struct Num(Raw);

impl JsonNumber for Num {
    fn as_u64(&self) -> Option<u64> {
        match self.0 {
            Raw::Unsigned(value) => Some(value),
            _ => None,
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Raw::Unsigned(value) => value.try_into().ok(),
            Raw::Negative(value) => Some(value),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self.0 {
            Raw::Unsigned(value) => Some(value as f64),
            Raw::Negative(value) => Some(value as f64),
            Raw::Float(value) => Some(value),
            _ => None,
        }
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_number().to_string())
    }

    fn to_number(&self) -> Cow<'_, Number> {
        Cow::Owned(match self.0 {
            Raw::Unsigned(value) => value.into(),
            Raw::Negative(value) => value.into(),
            Raw::Float(value) => Number::from_f64(value).unwrap_or_else(|| 0.into()),
            _ => 0.into(),
        })
    }

    fn is_integer(&self) -> bool {
        match self.0 {
            Raw::Float(value) => value.fract() == 0.0,
            _ => true,
        }
    }

    fn is_written_as_integer(&self) -> bool {
        // Draft 4 asks for the letters of a float: the judge knows which it takes for an integer's.
        !matches!(self.0, Raw::Float(_)) || self.to_number().is_written_as_integer()
    }
}

impl<'a> Object<'a, Tape> for Members<'a> {
    type Node = Judged<'a>;
    type MemberName = &'a str;
    type MembersIter = JudgedMembers<'a>;

    fn len(&self) -> usize {
        ExactSizeIterator::len(self)
    }

    fn get(&self, key: &String) -> Option<Judged<'a>> {
        self.clone().find(|(name, _)| *name == key).map(|(_, value)| Judged::Value(value))
    }

    fn members(&self) -> JudgedMembers<'a> {
        JudgedMembers(self.clone())
    }
}

pub(crate) struct JudgedMembers<'a>(Members<'a>);

impl<'a> Iterator for JudgedMembers<'a> {
    type Item = (&'a str, Judged<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name, Judged::Value(value)))
    }
}

impl<'a> Array<'a, Tape> for Items<'a> {
    type Node = Judged<'a>;
    type ElementsIter = JudgedItems<'a>;

    fn len(&self) -> usize {
        ExactSizeIterator::len(self)
    }

    fn elements(&self) -> JudgedItems<'a> {
        JudgedItems(self.clone())
    }

    fn is_unique(&self) -> bool {
        equality::are_unique(self.clone())
    }
}

pub(crate) struct JudgedItems<'a>(Items<'a>);

impl<'a> Iterator for JudgedItems<'a> {
    type Item = Judged<'a>;

    fn next(&mut self) -> Option<Judged<'a>> {
        self.0.next().map(Judged::Value)
    }
}
