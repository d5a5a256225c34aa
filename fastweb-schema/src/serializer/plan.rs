//! What a response schema is compiled to.

use regex::Regex;
use serde_json::Value;

use super::types::Types;
use crate::text::Fragment;

/// The nodes of a response schema. They name each other by their places, so that schemas may be recursive.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Target,
}

/// A node, with the part of it that decides most writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Target {
    /// Types of which the type is all that the node asks. Others are looked up in the node.
    pub(super) direct: Types,
    pub(super) node: usize,
}

impl Target {
    /// Anything: the first node of every plan.
    pub(super) const ANY: Self = Self { direct: Types::ALL, node: 0 };

    /// A node whose `direct` is set when all nodes are there.
    pub(super) fn later(node: usize) -> Self {
        Self { direct: Types::NONE, node }
    }
}

/// What a schema, with all that apply beside it, says of a value.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) types: Types,
    /// The values of `enum` and `const`.
    pub(super) allowed: Option<Box<[Value]>>,
    /// The schemas of `anyOf`, `oneOf` or `if`, each merged with what stands beside it: the first that fits decides, and
    /// `object` and `array` are empty.
    pub(super) branches: Option<Box<[Target]>>,
    /// `None`: an object is written as it is.
    pub(super) object: Option<Box<Object>>,
    /// `None`: an array is written as it is.
    pub(super) array: Option<Box<Array>>,
}

impl Node {
    pub(super) const ANY: Self = Self { types: Types::ALL, allowed: None, branches: None, object: None, array: None };

    /// See [`Target::direct`].
    pub(super) fn direct(&self) -> Types {
        if self.allowed.is_some() || self.branches.is_some() { Types::NONE } else { self.types }
    }
}

#[derive(Debug)]
pub(super) struct Array {
    pub(super) prefix: Box<[Target]>,
    /// Items behind the prefix; `None` if there may be none.
    pub(super) rest: Option<Target>,
}

impl Array {
    pub(super) fn item(&self, index: usize) -> Option<Target> {
        self.prefix.get(index).copied().or(self.rest)
    }
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) properties: Box<[Property]>,
    /// For names that do not come in the order of `properties`: places in it, by hash, with free ones between.
    table: Box<[u16]>,
    /// `patternProperties`. `None` is the schema `false`: what matches never leaves.
    pub(super) patterns: Box<[(Regex, Option<Target>)]>,
    /// Properties that nothing else says anything of; `None` if they do not leave.
    pub(super) additional: Option<Target>,
    /// Which properties, by their marks, are required or have a default.
    pub(super) expected: Marks,
    /// What an object takes whose properties are short.
    pub(super) room: usize,
}

#[derive(Debug)]
pub(super) struct Property {
    pub(super) name: Box<str>,
    /// `,"name":`
    pub(super) fragment: Fragment,
    /// `None` if it never leaves.
    pub(super) target: Option<Target>,
    pub(super) missing: Missing,
    /// The word of [`Marks`] that says whether it was there, and the bit; no bit if nobody asks.
    pub(super) word: usize,
    pub(super) bit: u64,
}

/// What is done if an object does not have a property.
#[derive(Debug)]
pub(super) enum Missing {
    Nothing,
    Refuse,
    /// Name and default, with the comma before them.
    Write(Box<[u8]>),
}

/// Which of the properties that are asked for an object has.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// Enough for most objects.
    first: u64,
    more: Option<Box<[u64]>>,
}

impl Marks {
    /// None of those that `expected` has places for.
    #[inline(always)]
    pub(super) fn none_of(expected: &Self) -> Self {
        Self { first: 0, more: expected.more.as_ref().map(|more| vec![0; more.len()].into()) }
    }

    #[inline(always)]
    pub(super) fn set(&mut self, property: &Property) {
        if property.word == 0 {
            self.first |= property.bit;
        } else if let Some(word) = self.more.as_mut().and_then(|more| more.get_mut(property.word - 1)) {
            *word |= property.bit;
        }
    }

    pub(super) fn has(&self, property: &Property) -> bool {
        let word = match property.word {
            0 => Some(&self.first),
            word => self.more.as_ref().and_then(|more| more.get(word - 1)),
        };
        word.is_some_and(|word| word & property.bit == property.bit)
    }

    #[inline(always)]
    pub(super) fn has_all(&self, expected: &Self) -> bool {
        // Not by comparing the whole: glibc's `memcmp` takes 80 ns for no bytes behind a vector's dangling pointer, because its
        // masked load of an unmapped page faults inside the processor (2026-11, AVX-512).
        self.first == expected.first && (expected.more.is_none() || self.more == expected.more)
    }

    /// Makes places for `words` words.
    fn with_words(words: usize) -> Self {
        Self { first: 0, more: (words > 1).then(|| vec![0; words - 1].into()) }
    }
}

/// What the slot of a table holds if it holds nothing.
const FREE: u16 = u16::MAX;

/// The properties that an object plan can have.
pub(super) const MOST_PROPERTIES: usize = 16_384;

impl Object {
    /// Sets the places of `properties` by their names.
    pub(super) fn new(
        properties: Box<[Property]>,
        patterns: Box<[(Regex, Option<Target>)]>,
        additional: Option<Target>,
    ) -> Self {
        // At most half of it is used, so that a search ends soon whatever is searched for.
        let size = (properties.len() * 2).next_power_of_two().max(2);
        let mut table = vec![FREE; size].into_boxed_slice();
        let words = properties.iter().map(|property| property.word + 1).max().unwrap_or(0);
        let mut expected = Marks::with_words(words);
        let mut room = 2;
        for (index, property) in properties.iter().enumerate() {
            let mut slot = hash(&property.name) & (size - 1);
            while table[slot] != FREE {
                slot = (slot + 1) & (size - 1);
            }
            table[slot] = index as u16;
            expected.set(property);
            // Enough for numbers, times and short strings; longer ones ask for their own.
            room += property.fragment.len() + 40;
        }
        Self { properties, table, patterns, additional, expected, room }
    }

    /// The place of the property `name`, which is probably `next`.
    #[inline(always)]
    pub(super) fn find(&self, name: &str, next: usize) -> Option<usize> {
        match self.properties.get(next) {
            Some(property) if same(&property.name, name) => Some(next),
            _ => self.search_apart(name),
        }
    }

    #[inline(never)]
    fn search_apart(&self, name: &str) -> Option<usize> {
        self.search(name)
    }

    /// The place of the property `name`. Where the name is a constant, so are its hash and what it is compared with.
    #[inline(always)]
    pub(super) fn search(&self, name: &str) -> Option<usize> {
        let last = self.table.len() - 1;
        let mut slot = hash(name) & last;
        loop {
            // `FREE` is no place of a property.
            let index = usize::from(self.table[slot]);
            let property = self.properties.get(index)?;
            if same(&property.name, name) {
                return Some(index);
            }
            slot = (slot + 1) & last;
        }
    }

    /// Where a property goes that is not in `properties`; `None` if it does not leave.
    #[inline]
    pub(super) fn undeclared(&self, name: &str) -> Option<Target> {
        if self.patterns.is_empty() {
            return self.additional;
        }
        match self.patterns.iter().find(|(pattern, _)| pattern.is_match(name)) {
            Some((_, target)) => *target,
            None => self.additional,
        }
    }
}

/// A hash of a property's name. Names from outside cannot make searches long: only a schema's names are in a table.
#[inline(always)]
fn hash(name: &str) -> usize {
    let (head, tail) = ends(name.as_bytes());
    let mixed = (head ^ tail.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize
}

/// The first and the last eight bytes; of shorter names, words that are different for different names of the same length.
#[inline(always)]
fn ends(name: &[u8]) -> (u64, u64) {
    if let (Some(head), Some(tail)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
    } else if let (Some(head), Some(tail)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        (u32::from_le_bytes(*head).into(), u32::from_le_bytes(*tail).into())
    } else {
        match *name {
            [] => (0, 0),
            [a] => (a.into(), 0),
            [a, b] => (a.into(), b.into()),
            [a, b, c, ..] => (u64::from(a) | u64::from(b) << 8, c.into()),
        }
    }
}

/// Whether two names are the same, without a call for names of up to sixteen bytes.
#[inline(always)]
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && if a.len() <= 16 { ends(a.as_bytes()) == ends(b.as_bytes()) } else { a == b }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(names: &[String]) -> Object {
        let property = |name: &String| Property {
            name: name.as_str().into(),
            fragment: Fragment::EMPTY,
            target: None,
            missing: Missing::Nothing,
            word: 0,
            bit: 0,
        };
        Object::new(names.iter().map(property).collect(), Box::default(), None)
    }

    #[test]
    fn names_are_found_wherever_they_are_expected_and_others_are_not() {
        for count in [0, 1, 2, 3, 5, 8, 30, 300] {
            let names: Vec<String> = (0..count).map(|n| "name".repeat(n % 7) + &n.to_string()).collect();
            let object = object(&names);
            for next in [0, 1, count / 2, count] {
                for (index, name) in names.iter().enumerate() {
                    assert_eq!(object.find(name, next), Some(index), "{name}");
                    assert_eq!(object.find(&format!("{name}x"), next), None);
                }
                assert_eq!(object.find("", next), None);
            }
        }
    }

    #[test]
    fn names_differ_by_any_of_their_bytes() {
        for len in 0..40 {
            let name = "a".repeat(len);
            assert!(same(&name, &"a".repeat(len)));
            assert!(!same(&name, &"a".repeat(len + 1)));
            for place in 0..len {
                let mut other = name.clone();
                other.replace_range(place..=place, "b");
                assert!(!same(&name, &other), "{other}");
            }
        }
    }
}
