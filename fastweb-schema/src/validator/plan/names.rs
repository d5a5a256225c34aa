//! What a schema says of a name: a table without collisions, made when the schema is compiled. Documents have their names in any order, and
//! `serde_json` gives those of a schema in that of the alphabet.

use crate::document::Document;
use crate::document::tape::{Cell, Print};

/// Names, each with a value.
pub(super) struct Names<T> {
    /// Sorted.
    names: Box<[(Box<str>, T)]>,
    /// By fingerprint. Empty where no hash tells them all apart.
    table: Box<[Slot<T>]>,
    factor: u64,
    shift: u32,
}

/// The first sixteen bytes of a name as two words, and which bits of them are the name's.
#[derive(Clone, Copy)]
struct Slot<T> {
    words: [u64; 2],
    masks: [u64; 2],
    len: u32,
    value: T,
}

/// The places of names in their order: a sort is compiled for what it moves, and so only once.
fn order_of(names: &[&str]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&at| names[at]);
    order
}

/// For more names than this no factor would be found.
const MOST: usize = 256;

impl<T: Copy + Default> Names<T> {
    pub(super) fn new<'a>(names: impl Iterator<Item = (&'a str, T)>) -> Self {
        let names: Vec<(&str, T)> = names.collect();
        let order = order_of(&names.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let names = order.into_iter().map(|at| (Box::from(names[at].0), names[at].1)).collect();
        let mut found = Self { names, table: Box::default(), factor: 0, shift: 0 };
        if !(1..=MOST).contains(&found.names.len()) {
            return found;
        }
        let smallest = found.names.len().next_power_of_two().trailing_zeros() + 1;
        // With eight times as many places as names, one of some factors nearly always works. Odd ones spread best.
        for bits in smallest..smallest + 3 {
            let mut factor = 0x9E37_79B9_7F4A_7C15u64;
            for _ in 0..32 {
                if let Some(table) = found.try_table(factor, 64 - bits) {
                    (found.table, found.factor, found.shift) = (table, factor, 64 - bits);
                    return found;
                }
                factor = factor.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(2);
            }
        }
        found
    }

    fn try_table(&self, factor: u64, shift: u32) -> Option<Box<[Slot<T>]>> {
        // No name is as long as that of an empty place.
        let empty = Slot { words: [0; 2], masks: [0; 2], len: u32::MAX, value: T::default() };
        let mut table = vec![empty; 1 << (64 - shift)].into_boxed_slice();
        for (name, value) in &self.names {
            let slot = table.get_mut(hash(Print::of(name.as_bytes()), factor, shift))?;
            if slot.len != u32::MAX {
                return None;
            }
            let words = Print::words(name.as_bytes());
            let masks = Print::masks(name.len() as u32);
            *slot = Slot { words, masks, len: name.len() as u32, value: *value };
        }
        Some(table)
    }

    /// What is said of a name of the document; `others` of one that is none of these.
    #[inline(always)]
    pub(super) fn find(&self, document: &Document, name: Cell, others: T) -> T {
        let (start, len) = (name.place() as usize, name.len());
        let slot = self.table.get(hash(name.print(), self.factor, self.shift));
        let chunk = document.bytes().get(start..start + 16).and_then(|bytes| bytes.first_chunk::<16>());
        let (Some(slot), Some(chunk)) = (slot, chunk) else { return self.search(document, name, others) };
        let words = chunk.as_chunks::<8>().0;
        let low = (u64::from_le_bytes(words[0]) ^ slot.words[0]) & slot.masks[0];
        let high = (u64::from_le_bytes(words[1]) ^ slot.words[1]) & slot.masks[1];
        if slot.len != len || low | high != 0 {
            return others;
        }
        if len > 16 { self.search(document, name, others) } else { slot.value }
    }

    /// For names that are longer than what a place of the table holds, and where there is no table.
    #[cold]
    #[inline(never)]
    fn search(&self, document: &Document, name: Cell, others: T) -> T {
        let text = document.text(name.place(), name.len());
        self.names.binary_search_by(|(name, _)| (**name).cmp(text)).map_or(others, |at| self.names[at].1)
    }
}

impl Names<bool> {
    /// Whether a string of the document is one of the names.
    pub(super) fn has(&self, document: &Document, string: Cell) -> bool {
        let (start, len) = (string.place(), string.len());
        let print = Print::within(document.bytes(), start, len);
        self.find(document, Cell::name(start, len, print), false)
    }
}

#[inline(always)]
fn hash(print: Print, factor: u64, shift: u32) -> usize {
    // `shift` is below 64; the mask says so to the compiler, which then need not ask.
    (u64::from(print.0).wrapping_mul(factor) >> (shift & 63)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_name_is_found_as_by_looking_at_each(
            names in proptest::collection::btree_set("[a-c]{0,2}|[a-z]{3,18}|same_first_sixteen_bytes[a-d]|é{1,9}", 0..40),
            others in proptest::collection::vec("[a-c]{0,3}|[a-z]{3,18}|same_first_sixteen_bytes[a-e]", 0..20),
            escaped: bool,
        ) {
            let names: Vec<_> = names.into_iter().collect();
            let strings = Names::new(names.iter().map(|name| (name.as_str(), true)));
            let table = Names::new(names.iter().enumerate().map(|(i, name)| (name.as_str(), Some(i))));
            for name in names.iter().chain(&others) {
                let text = if escaped { name.replace('a', "\\u0061").replace('é', "\\u00e9") } else { name.clone() };
                let json = format!("{{\"{text}\":\"{text}\"}}");
                let document = Document::parse(json.as_bytes()).unwrap();
                let known = names.iter().position(|known| known == name);
                assert_eq!(table.find(&document, document.tape()[1], None), known, "{name}");
                assert_eq!(strings.has(&document, document.tape()[2]), known.is_some(), "{name}");
                // Documents that were built, not parsed.
                let built = Document::from(&serde_json::json!({ name: null }));
                assert_eq!(table.find(&built, built.tape()[1], None), known, "{name}");
            }
        }
    }

    #[test]
    fn everyday_names_have_a_table() {
        let names =
            ["id", "name", "email", "age", "tags", "created_at", "updated_at", "address_line_1", "address_line_2"];
        assert!(!Names::new(names.into_iter().map(|name| (name, ()))).table.is_empty());
    }
}
