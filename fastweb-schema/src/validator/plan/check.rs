//! Documents against plans.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::super::equality::{are_unique, compare_numbers, equals_value};
use super::super::judge::Judged;
use super::{
    ANYTHING, Array, Member, Multiple, NOTHING, Number, Object, Other, Plan, Quick, Rule, RuleId, Text, Types, UNKNOWN,
    Verdict,
};
use crate::document::tape::{Cell, Kind, Raw};
use crate::document::{Document, Node};

use Verdict::{Invalid, Unsure, Valid};

pub(super) struct Check<'a> {
    rules: &'a [Rule],
    quick: &'a [Quick],
    pub(super) document: &'a Document,
    pub(super) tape: &'a [Cell],
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
        Self { rules: &plan.rules, quick: &plan.quick, document, tape: document.tape(), fuel, known: None }
    }
}

/// What the rules say that are the same in every plan.
#[inline(always)]
fn built_in(id: RuleId) -> Option<Verdict> {
    match id {
        ANYTHING => Some(Valid),
        NOTHING => Some(Invalid),
        UNKNOWN => Some(Unsure),
        _ => None,
    }
}

#[inline(always)]
fn valid_if(holds: bool) -> Verdict {
    if holds { Valid } else { Invalid }
}

impl Check<'_> {
    #[inline(always)]
    pub(super) fn value(&mut self, id: RuleId, index: usize) -> Verdict {
        let cell = self.tape[index];
        self.cell(id, index, cell)
    }

    /// The value `cell`, which stands at `index`.
    #[inline(always)]
    fn cell(&mut self, id: RuleId, index: usize, cell: Cell) -> Verdict {
        if self.quick[id as usize].accepts(cell) { Valid } else { self.slow(id, index, cell) }
    }

    #[inline(always)]
    fn slow(&mut self, id: RuleId, index: usize, cell: Cell) -> Verdict {
        match cell.kind() {
            Kind::Object => self.object(id, index, cell),
            Kind::Array => self.array(id, index, cell),
            _ => self.scalar(id, index, cell),
        }
    }

    /// An array or object when there is no fuel left.
    #[cold]
    #[inline(never)]
    fn remembered(&mut self, id: RuleId, index: usize, cell: Cell) -> Verdict {
        if let Some(&verdict) = self.known.as_ref().and_then(|known| known.get(&(id, index))) {
            return verdict;
        }
        // For itself, and not for what it holds.
        self.fuel = 1;
        let verdict = self.slow(id, index, cell);
        self.known.get_or_insert_default().insert((id, index), verdict);
        verdict
    }

    #[inline(never)]
    fn scalar(&mut self, id: RuleId, index: usize, cell: Cell) -> Verdict {
        if let Some(verdict) = built_in(id) {
            return verdict;
        }
        let rule = &self.rules[id as usize];
        if !rule.types.has(Types::of(cell)) {
            return Invalid;
        }
        let verdict = match (cell.kind(), &rule.string, &rule.number) {
            (Kind::String, Some(text), _) => self.string(text, index, cell),
            (Kind::Unsigned | Kind::Negative | Kind::Float, _, Some(number)) => self.number(number, index, cell.raw()),
            _ => Valid,
        };
        if verdict == Valid { self.others(&rule.others, index) } else { verdict }
    }

    #[inline(never)]
    fn string(&mut self, text: &Text, index: usize, cell: Cell) -> Verdict {
        let (start, len) = (cell.place(), cell.len());
        // A code point takes one to four bytes: mostly the number of bytes alone decides.
        if len > text.max || len.div_ceil(4) < text.min {
            let count = self.document.text(start, len).chars().count();
            if count > text.max as usize || count < text.min as usize {
                return Invalid;
            }
        }
        let bytes = self.document.bytes().get(start as usize..start as usize + len as usize).unwrap_or_default();
        if let Some(format) = &text.format
            && !format.accepts(bytes, Node::new(self.document, index))
        {
            return Invalid;
        }
        if let Some(pattern) = &text.pattern
            && !pattern.accepts(bytes, Node::new(self.document, index))
        {
            return Invalid;
        }
        Valid
    }

    #[inline(never)]
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

    #[inline(never)]
    fn array(&mut self, id: RuleId, index: usize, cell: Cell) -> Verdict {
        if let Some(verdict) = built_in(id) {
            return verdict;
        }
        let Some(fuel) = self.fuel.checked_sub(1) else { return self.remembered(id, index, cell) };
        self.fuel = fuel;
        let rule = &self.rules[id as usize];
        if !rule.types.has(Types::ARRAY) {
            return Invalid;
        }
        if let Some(array) = &rule.array {
            let verdict = self.items(array, index, cell.len());
            if verdict != Valid {
                return verdict;
            }
        }
        self.others(&rule.others, index)
    }

    #[inline(always)]
    fn items(&mut self, array: &Array, index: usize, len: u32) -> Verdict {
        if len < array.min || len > array.max {
            return Invalid;
        }
        let tape = self.tape;
        let mut at = index + 1;
        if !array.prefix.is_empty() {
            for &rule in array.prefix.iter().take(len as usize) {
                let verdict = self.value(rule, at);
                if verdict != Valid {
                    return verdict;
                }
                at = tape[at].next(at);
            }
        }
        if array.items != ANYTHING {
            for _ in array.prefix.len()..len as usize {
                let item = tape[at];
                let verdict = self.cell(array.items, at, item);
                if verdict != Valid {
                    return verdict;
                }
                at = item.next(at);
            }
        }
        if array.unique {
            return valid_if(Node::new(self.document, index).items().is_none_or(are_unique));
        }
        Valid
    }

    #[inline(never)]
    fn object(&mut self, id: RuleId, index: usize, cell: Cell) -> Verdict {
        if let Some(verdict) = built_in(id) {
            return verdict;
        }
        let Some(fuel) = self.fuel.checked_sub(1) else { return self.remembered(id, index, cell) };
        self.fuel = fuel;
        let rule = &self.rules[id as usize];
        if !rule.types.has(Types::OBJECT) {
            return Invalid;
        }
        if let Some(object) = &rule.object {
            let verdict = self.members(object, index, cell.len());
            if verdict != Valid {
                return verdict;
            }
        }
        self.others(&rule.others, index)
    }

    #[inline(always)]
    fn members(&mut self, object: &Object, index: usize, len: u32) -> Verdict {
        if len < object.min || len > object.max {
            return Invalid;
        }
        let tape = self.tape;
        let mut required = 0;
        let mut rest = tape.get(index + 1..).unwrap_or_default();
        for _ in 0..len {
            let [name, value, others @ ..] = rest else { return Unsure };
            rest = others;
            let others = Member { rule: object.additional, required: 0 };
            let Member { rule, required: one } = object.members.find(self.document, *name, others);
            required += one;
            if self.quick[rule as usize].accepts(*value) {
                continue;
            }
            let verdict = self.slow(rule, tape.len() - rest.len() - 1, *value);
            if verdict != Valid {
                return verdict;
            }
            if value.is_container() {
                rest = tape.get(value.place() as usize..).unwrap_or_default();
            }
        }
        // No name stands twice in a document: as many as are required are all of them.
        valid_if(required == object.required)
    }

    #[inline(always)]
    fn others(&mut self, others: &[Other], index: usize) -> Verdict {
        if others.is_empty() { Valid } else { self.each_other(others, index) }
    }

    #[inline(never)]
    fn each_other(&mut self, others: &[Other], index: usize) -> Verdict {
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
                let cell = self.tape[index];
                valid_if(cell.kind() == Kind::String && strings.has(self.document, cell))
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
