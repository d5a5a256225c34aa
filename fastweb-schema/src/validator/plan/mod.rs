//! The fast lane: everyday keywords, compiled to a plan of fastweb's own.
//!
//! A plan may only ever say "surely valid" or "surely not"; where it does not know, the judge is asked. One that knows its whole schema is
//! asked alone. What is compiled to which rule is in `compile.rs`, how rules are checked in `check.rs`.

mod check;
mod compile;
mod explain;
mod format;
mod names;
mod pattern;
mod quick;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::judge::Judge;
use crate::document::tape::{Cell, Kind, Raw};
use format::Format;
use names::Names;
use pattern::Pattern;
use quick::Quick;

pub(crate) use compile::Compiler;
pub(crate) use format::everyday;
pub(crate) use pattern::Simple;

/// What a plan says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Valid,
    Invalid,
    Unsure,
}

/// The place of a rule in its plan.
type RuleId = u32;

/// The rule of the schema `true`.
const ANYTHING: RuleId = 0;
/// The rule of the schema `false`.
const NOTHING: RuleId = 1;
/// The rule of schemas that only the judge understands.
const UNKNOWN: RuleId = 2;

/// A compiled schema.
pub(crate) struct Plan {
    rules: Box<[Rule]>,
    /// Of each rule.
    quick: Box<[Quick]>,
    root: RuleId,
    /// Nothing in it is left to the judge alone.
    complete: bool,
}

/// One schema: which types it accepts, and what it asks of each.
struct Rule {
    types: Types,
    /// As the schema names them, for messages.
    type_names: Box<str>,
    number: Option<Box<Number>>,
    string: Option<Box<Text>>,
    array: Option<Box<Array>>,
    object: Option<Box<Object>>,
    /// What does not depend on the type.
    others: Box<[Other]>,
}

/// A set of types. Integers are numbers without a fraction, however they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Types(u8);

impl Types {
    const NONE: Self = Self(0);
    const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    const INTEGER: Self = Self(4);
    const FRACTION: Self = Self(8);
    const STRING: Self = Self(16);
    const ARRAY: Self = Self(32);
    const OBJECT: Self = Self(64);
    const ALL: Self = Self(127);

    #[inline]
    fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The type of a value.
    #[inline]
    fn of(cell: Cell) -> Self {
        match cell.kind() {
            Kind::Null => Self::NULL,
            Kind::Bool => Self::BOOLEAN,
            Kind::Unsigned | Kind::Negative => Self::INTEGER,
            Kind::Float if f64::from_bits(cell.word()).fract() != 0.0 => Self::FRACTION,
            Kind::Float => Self::INTEGER,
            Kind::String => Self::STRING,
            Kind::Array => Self::ARRAY,
            Kind::Object => Self::OBJECT,
        }
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[derive(Default)]
struct Number {
    minimum: Option<Raw>,
    maximum: Option<Raw>,
    exclusive_minimum: Option<Raw>,
    exclusive_maximum: Option<Raw>,
    multiple_of: Option<Multiple>,
}

struct Multiple {
    operand: Raw,
    /// Exact for integers; 0 where it is a fraction.
    divisor: u64,
    /// How a quotient of floats is rounded is the judge's business alone.
    judge: Judge,
}

struct Text {
    min: u32,
    max: u32,
    format: Option<Format>,
    pattern: Option<Pattern>,
}

struct Array {
    min: u32,
    max: u32,
    unique: bool,
    prefix: Box<[RuleId]>,
    items: RuleId,
}

struct Object {
    min: u32,
    max: u32,
    /// How many of `properties` are required.
    required: u32,
    properties: Box<[Property]>,
    /// Made of `properties` once all rules are there.
    members: Names<Member>,
    additional: RuleId,
}

struct Property {
    name: Box<str>,
    rule: RuleId,
    required: bool,
    /// It stands in `properties`, not in `required` alone.
    declared: bool,
}

/// What is asked of a member.
#[derive(Clone, Copy, Default)]
struct Member {
    rule: RuleId,
    /// 1 if it is, else 0.
    required: u32,
}

enum Other {
    Const(Value),
    OneOfStrings(Names<bool>),
    OneOfValues(Box<[Value]>),
    Ref(RuleId),
    AllOf(Box<[RuleId]>),
    AnyOf(Box<[RuleId]>),
    OneOf(Box<[RuleId]>),
    Not(RuleId),
    If { condition: RuleId, then: RuleId, otherwise: RuleId },
}

impl Rule {
    fn of_types(types: Types) -> Self {
        Self {
            types,
            type_names: Box::default(),
            number: None,
            string: None,
            array: None,
            object: None,
            others: Box::default(),
        }
    }

    /// The rules that are checked on the same value as this one.
    fn same_value(&mut self) -> Vec<RuleId> {
        let mut ids = Vec::new();
        self.others.iter_mut().for_each(|other| other.each_id(|id| ids.push(*id)));
        ids
    }

    fn each_id(&mut self, mut f: impl FnMut(&mut RuleId)) {
        self.others.iter_mut().for_each(|other| other.each_id(&mut f));
        if let Some(array) = &mut self.array {
            array.prefix.iter_mut().for_each(&mut f);
            f(&mut array.items);
        }
        if let Some(object) = &mut self.object {
            object.properties.iter_mut().for_each(|property| f(&mut property.rule));
            f(&mut object.additional);
        }
    }
}

impl Other {
    fn each_id(&mut self, mut f: impl FnMut(&mut RuleId)) {
        match self {
            Self::Ref(rule) | Self::Not(rule) => f(rule),
            Self::AllOf(rules) | Self::AnyOf(rules) | Self::OneOf(rules) => rules.iter_mut().for_each(f),
            Self::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(f),
            Self::Const(_) | Self::OneOfStrings(_) | Self::OneOfValues(_) => {}
        }
    }
}
