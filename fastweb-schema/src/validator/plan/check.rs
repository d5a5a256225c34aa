//! Documents against plans.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::super::equality::{are_unique, compare_numbers, equals_value};
use super::super::judge::Judged;
use super::{
    ANYTHING, Array, Multiple, NOTHING, Number, Object, Other, Plan, Property, Rule, RuleId, Text, Types, UNKNOWN,
    Verdict,
};
use crate::document::tape::Raw;
use crate::document::{Document, Node};

use Verdict::{Invalid, Unsure, Valid};

pub(super) struct Check<'a> {
    rules: &'a [Rule],
    pub(super) document: &'a Document,
    pub(super) tape: &'a [Raw],
    /// How many arrays and objects may be checked before verdicts are remembered. A schema that leads twice to itself for one value takes time
    /// that doubles with each level of the document, unless no value is checked twice by one rule.
    fuel: usize,
    known: Option<HashMap<(RuleId, usize), Verdict>>,
}

impl Plan {
    pub(crate) fn check(&self, document: &Document) -> Verdict {
        Check::new(self, document, 64 + 8 * document.tape().len()).value(self.root, 0)
    }
}

impl<'a> Check<'a> {
    pub(super) fn new(plan: &'a Plan, document: &'a Document, fuel: usize) -> Self {
        Self { rules: &plan.rules, document, tape: document.tape(), fuel, known: None }
    }
}

fn valid_if(holds: bool) -> Verdict {
    if holds { Valid } else { Invalid }
}

impl Check<'_> {
    #[inline(always)]
    pub(super) fn value(&mut self, id: RuleId, index: usize) -> Verdict {
        let rule = &self.rules[id as usize];
        let (kind, quick) = match self.tape[index] {
            Raw::String { len, .. } => (Types::STRING, rule.quick.bytes[0] <= len && len <= rule.quick.bytes[1]),
            Raw::Unsigned(value) => {
                (Types::INTEGER, rule.quick.unsigned[0] <= value && value <= rule.quick.unsigned[1])
            }
            // Whether it has a fraction is asked where only one of the two is accepted.
            Raw::Float(value) => {
                let kind = Types::INTEGER.with(Types::FRACTION);
                (kind, rule.quick.float[0] <= value && value <= rule.quick.float[1])
            }
            Raw::Bool(_) => (Types::BOOLEAN, true),
            Raw::Null => (Types::NULL, true),
            Raw::Negative(_) | Raw::Array { .. } | Raw::Object { .. } => (Types::NONE, false),
        };
        if quick && rule.types.has(kind) && rule.slow.lacks(kind) {
            return Valid;
        }
        self.slow_value(id, index)
    }

    fn slow_value(&mut self, id: RuleId, index: usize) -> Verdict {
        match id {
            ANYTHING => return Valid,
            NOTHING => return Invalid,
            UNKNOWN => return Unsure,
            _ => {}
        }
        let raw = self.tape[index];
        if matches!(raw, Raw::Object { .. } | Raw::Array { .. }) {
            if self.fuel == 0 {
                return self.remembered(id, index, raw);
            }
            self.fuel -= 1;
        }
        self.rule(id, index, raw)
    }

    #[cold]
    fn remembered(&mut self, rule: RuleId, index: usize, raw: Raw) -> Verdict {
        if let Some(&verdict) = self.known.as_ref().and_then(|known| known.get(&(rule, index))) {
            return verdict;
        }
        let verdict = self.rule(rule, index, raw);
        self.known.get_or_insert_default().insert((rule, index), verdict);
        verdict
    }

    fn rule(&mut self, rule: RuleId, index: usize, raw: Raw) -> Verdict {
        let rule = &self.rules[rule as usize];
        let verdict = match raw {
            Raw::String { start, len } => {
                if !rule.types.has(Types::STRING) {
                    return Invalid;
                }
                match &rule.string {
                    Some(text) => self.string(text, index, start, len),
                    None => Valid,
                }
            }
            Raw::Unsigned(_) | Raw::Negative(_) | Raw::Float(_) => {
                let integer = !matches!(raw, Raw::Float(float) if float.fract() != 0.0);
                if !rule.types.has(if integer { Types::INTEGER } else { Types::FRACTION }) {
                    return Invalid;
                }
                match &rule.number {
                    Some(number) => self.number(number, index, raw),
                    None => Valid,
                }
            }
            Raw::Object { len, .. } => {
                if !rule.types.has(Types::OBJECT) {
                    return Invalid;
                }
                match &rule.object {
                    Some(object) => self.object(object, index, len),
                    None => Valid,
                }
            }
            Raw::Array { len, .. } => {
                if !rule.types.has(Types::ARRAY) {
                    return Invalid;
                }
                match &rule.array {
                    Some(array) => self.array(array, index, len),
                    None => Valid,
                }
            }
            Raw::Bool(_) => valid_if(rule.types.has(Types::BOOLEAN)),
            Raw::Null => valid_if(rule.types.has(Types::NULL)),
        };
        if verdict == Valid && !rule.others.is_empty() { self.others(&rule.others, index) } else { verdict }
    }

    fn string(&mut self, text: &Text, index: usize, start: u32, len: u32) -> Verdict {
        // A code point takes one to four bytes: mostly the number of bytes alone decides.
        if len > text.max || len.div_ceil(4) < text.min {
            let count = self.document.text(start, len).chars().count();
            if count > text.max as usize || count < text.min as usize {
                return Invalid;
            }
        }
        if text.format.is_none() && text.pattern.is_none() {
            return Valid;
        }
        let string = self.document.text(start, len);
        if let Some(format) = &text.format
            && !format.accepts(string, Node::new(self.document, index))
        {
            return Invalid;
        }
        if let Some(pattern) = &text.pattern
            && !pattern.accepts(string, Node::new(self.document, index))
        {
            return Invalid;
        }
        Valid
    }

    fn number(&mut self, number: &Number, index: usize, raw: Raw) -> Verdict {
        let bounds = number.bounds();
        let within =
            bounds.iter().all(|(_, bound, accepts)| bound.is_none_or(|bound| accepts(compare_numbers(raw, bound))));
        valid_if(within && number.multiple_of.as_ref().is_none_or(|multiple| self.is_multiple(multiple, index, raw)))
    }

    pub(super) fn is_multiple(&self, multiple: &Multiple, index: usize, raw: Raw) -> bool {
        match raw {
            Raw::Unsigned(value) if multiple.divisor > 0 => value % multiple.divisor == 0,
            Raw::Negative(value) if multiple.divisor > 0 => value.unsigned_abs() % multiple.divisor == 0,
            _ => multiple.judge.is_valid(Judged::Value(Node::new(self.document, index))),
        }
    }

    fn array(&mut self, array: &Array, index: usize, len: u32) -> Verdict {
        if len < array.min || len > array.max {
            return Invalid;
        }
        let mut item = index + 1;
        for &rule in array.prefix.iter().take(len as usize) {
            let verdict = self.value(rule, item);
            if verdict != Valid {
                return verdict;
            }
            item = self.tape[item].next(item);
        }
        let rest = (len as usize).saturating_sub(array.prefix.len());
        if array.items != ANYTHING {
            for _ in 0..rest {
                let verdict = self.value(array.items, item);
                if verdict != Valid {
                    return verdict;
                }
                item = self.tape[item].next(item);
            }
        }
        if array.unique {
            return valid_if(Node::new(self.document, index).items().is_none_or(are_unique));
        }
        Valid
    }

    fn object(&mut self, object: &Object, index: usize, len: u32) -> Verdict {
        if len < object.min || len > object.max {
            return Invalid;
        }
        let mut required = 0;
        let mut name = index + 1;
        for _ in 0..len {
            let Raw::String { start, len } = self.tape[name] else { return Unsure };
            let value = name + 1;
            let rule = match object.find(self.document, start, len) {
                Some(property) => {
                    required += u32::from(property.required);
                    property.rule
                }
                None => object.additional,
            };
            let verdict = self.value(rule, value);
            if verdict != Valid {
                return verdict;
            }
            name = self.tape[value].next(value);
        }
        // No name stands twice in a document: as many as are required are all of them.
        valid_if(required == object.required)
    }

    fn others(&mut self, others: &[Other], index: usize) -> Verdict {
        for other in others {
            let verdict = self.other(other, index);
            if verdict != Valid {
                return verdict;
            }
        }
        Valid
    }

    pub(super) fn other(&mut self, other: &Other, index: usize) -> Verdict {
        match other {
            Other::Const(value) => valid_if(equals_value(Node::new(self.document, index), value)),
            Other::OneOfStrings(strings) => {
                let Raw::String { start, len } = self.tape[index] else { return Invalid };
                let text = self.document.text(start, len);
                valid_if(strings.iter().any(|string| **string == *text))
            }
            Other::OneOfValues(values) => {
                let node = Node::new(self.document, index);
                valid_if(values.iter().any(|value| equals_value(node, value)))
            }
            Other::Ref(rule) => self.value(*rule, index),
            Other::AllOf(rules) => {
                let mut unsure = false;
                for &rule in rules {
                    match self.value(rule, index) {
                        Valid => {}
                        Invalid => return Invalid,
                        Unsure => unsure = true,
                    }
                }
                if unsure { Unsure } else { Valid }
            }
            Other::AnyOf(rules) => {
                let mut verdict = Invalid;
                for &rule in rules {
                    match self.value(rule, index) {
                        Valid => return Valid,
                        Invalid => {}
                        Unsure => verdict = Unsure,
                    }
                }
                verdict
            }
            Other::OneOf(rules) => {
                let (mut valid, mut unsure) = (0, false);
                for &rule in rules {
                    match self.value(rule, index) {
                        Valid if valid == 1 => return Invalid,
                        Valid => valid += 1,
                        Invalid => {}
                        Unsure => unsure = true,
                    }
                }
                if unsure { Unsure } else { valid_if(valid == 1) }
            }
            Other::Not(rule) => match self.value(*rule, index) {
                Valid => Invalid,
                Invalid => Valid,
                Unsure => Unsure,
            },
            Other::If { condition, then, otherwise } => match self.value(*condition, index) {
                Valid => self.value(*then, index),
                Invalid => self.value(*otherwise, index),
                Unsure => Unsure,
            },
        }
    }
}

/// A keyword, its operand, and how a number may stand to it.
type Bound = (&'static str, Option<Raw>, fn(Ordering) -> bool);

impl Number {
    /// Each bound with its keyword and what is accepted beside it.
    #[inline]
    pub(super) fn bounds(&self) -> [Bound; 4] {
        [
            ("minimum", self.minimum, Ordering::is_ge),
            ("maximum", self.maximum, Ordering::is_le),
            ("exclusiveMinimum", self.exclusive_minimum, Ordering::is_gt),
            ("exclusiveMaximum", self.exclusive_maximum, Ordering::is_lt),
        ]
    }
}

impl Object {
    /// The property whose name is this range of the document's text.
    #[inline]
    pub(super) fn find(&self, document: &Document, start: u32, len: u32) -> Option<&Property> {
        self.properties.get(self.names.find(document, start, len)?)
    }
}
