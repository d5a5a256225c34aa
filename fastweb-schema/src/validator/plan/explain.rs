//! What is wrong with a document, by a plan: a walk through what the plan refuses, in the order of the document, that ends with the last
//! failure that is told. The judge lists all failures, and for schemas that lead to themselves it takes time that doubles with each level
//! of the document.

use std::collections::HashSet;
use std::fmt::Display;

use serde_json::Number as JsonNumber;

use super::super::equality::{are_unique, compare_numbers};
use super::super::failure::{Failure, in_order};
use super::check::Check;
use super::{ANYTHING, Array, Member, NOTHING, Number, Object, Other, Plan, Rule, RuleId, Text, Types, Verdict};
use crate::document::tape::Raw;
use crate::document::{Document, Node};
use crate::message::message;

/// A step of a pointer.
#[derive(Clone, Copy)]
enum Token {
    /// The index of the name on the tape.
    Name(usize),
    Position(usize),
}

struct Explain<'a> {
    rules: &'a [Rule],
    check: Check<'a>,
    path: Vec<Token>,
    /// What was explained already. The failures of it are in `failures`, or others that come before them.
    done: HashSet<(RuleId, usize)>,
    /// With their places on the tape.
    failures: Vec<(usize, Failure)>,
    limit: usize,
}

impl Plan {
    /// Whether it leaves nothing to the judge alone.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The first failures of a document, in its order. `None` if the plan cannot tell.
    #[cold]
    pub(in crate::validator) fn explain(&self, document: &Document, limit: usize) -> Option<Vec<Failure>> {
        if !self.complete {
            return None;
        }
        let check = Check::new(self, document, 0);
        let (path, done, failures) = (Vec::new(), HashSet::new(), Vec::new());
        let mut explain = Explain { rules: &self.rules, check, path, done, failures, limit };
        explain.value(self.root, 0);
        let failures: Vec<_> = explain.failures.into_iter().map(|(_, failure)| failure).collect();
        (!failures.is_empty()).then_some(failures)
    }
}

impl Explain<'_> {
    fn fails(&mut self, index: usize, keyword: &'static str, operand: impl Display) {
        let mut pointer = String::new();
        for token in &self.path {
            pointer.push('/');
            match *token {
                Token::Position(position) => pointer.push_str(&position.to_string()),
                Token::Name(name) => {
                    let name = Node::new(self.check.document, name).as_str().unwrap_or_default();
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                }
            }
        }
        let message = message(keyword, operand).unwrap_or_default();
        self.failures.push((index, Failure { pointer, keyword, message }));
    }

    fn value(&mut self, rule: RuleId, index: usize) {
        match rule {
            ANYTHING => return,
            NOTHING => return self.fails(index, "false schema", ""),
            _ => {}
        }
        if self.check.value(rule, index) == Verdict::Valid || !self.done.insert((rule, index)) {
            return;
        }
        let rules = self.rules;
        let rule = &rules[rule as usize];
        let start = self.failures.len();
        self.typed(rule, index);
        for other in &rule.others {
            self.other(other, index);
        }
        // Several rules go through the same members: what they found is put in order, and the first are kept.
        in_order(&mut self.failures[start..]);
        self.failures.truncate(start + self.limit);
    }

    fn typed(&mut self, rule: &Rule, index: usize) {
        let cell = self.check.tape[index];
        if !rule.types.has(Types::of(cell)) {
            self.fails(index, "type", &rule.type_names);
        }
        match cell.raw() {
            Raw::String { .. } => rule.string.iter().for_each(|text| self.string(text, index)),
            Raw::Array { len, .. } => rule.array.iter().for_each(|array| self.array(array, index, len)),
            Raw::Object { len, .. } => rule.object.iter().for_each(|object| self.object(object, index, len)),
            Raw::Null | Raw::Bool(_) => {}
            number => rule.number.iter().for_each(|rule| self.number(rule, index, number)),
        }
    }

    fn string(&mut self, text: &Text, index: usize) {
        let node = Node::new(self.check.document, index);
        let string = node.as_str().unwrap_or_default();
        let count = string.chars().count();
        if count < text.min as usize {
            self.fails(index, "minLength", text.min);
        }
        if count > text.max as usize {
            self.fails(index, "maxLength", text.max);
        }
        if let Some(format) = text.format.as_ref().filter(|format| !format.accepts(string.as_bytes(), node)) {
            self.fails(index, "format", &format.name);
        }
        if let Some(pattern) = text.pattern.as_ref().filter(|pattern| !pattern.accepts(string.as_bytes(), node)) {
            self.fails(index, "pattern", &pattern.source);
        }
    }

    fn number(&mut self, number: &Number, index: usize, raw: Raw) {
        for (keyword, bound, accepts) in number.bounds() {
            if let Some(bound) = bound.filter(|bound| !accepts(compare_numbers(raw, *bound))) {
                self.fails(index, keyword, written(bound));
            }
        }
        if let Some(multiple) = &number.multiple_of
            && !self.check.is_multiple(multiple, index, raw)
        {
            self.fails(index, "multipleOf", written(multiple.operand));
        }
    }

    fn array(&mut self, array: &Array, index: usize, len: u32) {
        if len < array.min {
            self.fails(index, "minItems", array.min);
        }
        if len > array.max {
            self.fails(index, "maxItems", array.max);
        }
        if array.unique && !Node::new(self.check.document, index).items().is_none_or(are_unique) {
            self.fails(index, "uniqueItems", "");
        }
        let start = self.failures.len();
        let mut item = index + 1;
        for position in 0..len as usize {
            if self.failures.len() - start >= self.limit {
                return;
            }
            self.path.push(Token::Position(position));
            self.value(array.prefix.get(position).copied().unwrap_or(array.items), item);
            self.path.pop();
            item = self.check.tape[item].next(item);
        }
    }

    fn object(&mut self, object: &Object, index: usize, len: u32) {
        if len < object.min {
            self.fails(index, "minProperties", object.min);
        }
        if len > object.max {
            self.fails(index, "maxProperties", object.max);
        }
        let node = Node::new(self.check.document, index);
        let start = self.failures.len();
        for property in object.properties.iter().filter(|property| property.required) {
            if self.failures.len() - start >= self.limit {
                return;
            }
            if node.get(&property.name).is_none() {
                self.fails(index, "required", &property.name);
            }
        }
        // One failure for all that are too many, and it belongs to the object.
        if object.additional == NOTHING
            && node.members().into_iter().flatten().any(|(name, _)| object.is_additional(name))
        {
            self.fails(index, "additionalProperties", "");
        }
        let start = self.failures.len();
        for (told, value) in node.members().into_iter().flatten() {
            if self.failures.len() - start >= self.limit {
                return;
            }
            let name = value.index() - 1;
            let others = Member { rule: object.additional, required: 0 };
            let rule = object.members.find(self.check.document, self.check.tape[name], others).rule;
            // Told already, and once for all of them.
            if object.additional == NOTHING && object.is_additional(told) {
                continue;
            }
            self.path.push(Token::Name(name));
            self.value(rule, value.index());
            self.path.pop();
        }
    }

    fn other(&mut self, other: &Other, index: usize) {
        match other {
            Other::Ref(rule) => self.value(*rule, index),
            Other::AllOf(rules) => rules.iter().for_each(|rule| self.value(*rule, index)),
            Other::If { condition, then, otherwise } => {
                let holds = self.check.value(*condition, index) == Verdict::Valid;
                self.value(if holds { *then } else { *otherwise }, index);
            }
            _ if self.check.other(other, index) == Verdict::Valid => {}
            Other::Const(_) => self.fails(index, "const", ""),
            Other::OneOfStrings(_) | Other::OneOfValues(_) => self.fails(index, "enum", ""),
            Other::AnyOf(_) => self.fails(index, "anyOf", ""),
            Other::OneOf(_) => self.fails(index, "oneOf", ""),
            Other::Not(_) => self.fails(index, "not", ""),
        }
    }
}

impl Object {
    fn is_additional(&self, name: &str) -> bool {
        self.properties.iter().all(|property| !property.declared || *property.name != *name)
    }
}

/// A number as the schema has it.
fn written(number: Raw) -> String {
    match number {
        Raw::Unsigned(value) => value.to_string(),
        Raw::Negative(value) => value.to_string(),
        Raw::Float(value) => JsonNumber::from_f64(value).map(|number| number.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}
