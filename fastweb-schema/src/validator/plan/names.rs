//! Which property has a name: a table without collisions, found when the schema is compiled. Documents have their names in any order, and
//! `serde_json` gives those of a schema in that of the alphabet.

use crate::document::Document;

/// The names of an object's properties.
pub(super) struct Names {
    names: Box<[Name]>,
    /// The places of names by hash; `u16::MAX` where there is none. Empty where no hash tells them all apart.
    table: Box<[u16]>,
    factor: u64,
    shift: u32,
}

struct Name {
    key: Key,
    text: Box<str>,
}

/// The first sixteen bytes of a name, with zeros behind a shorter one, and its length.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    words: [u64; 2],
    len: u32,
}

const ABSENT: u16 = u16::MAX;
/// More properties than this are searched for in their order.
const MOST: usize = 1024;

impl Names {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let names: Box<[Name]> = names.map(|name| Name { key: Key::of(name.as_bytes()), text: name.into() }).collect();
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

    fn try_table(&self, factor: u64, shift: u32) -> Option<Box<[u16]>> {
        let mut table = vec![ABSENT; 1 << (64 - shift)].into_boxed_slice();
        for (place, name) in self.names.iter().enumerate() {
            let slot = &mut table[name.key.hash(factor, shift)];
            if *slot != ABSENT {
                return None;
            }
            *slot = place as u16;
        }
        Some(table)
    }

    /// The place of the name that is this range of the document's text.
    #[inline(always)]
    pub(super) fn find(&self, document: &Document, start: u32, len: u32) -> Option<usize> {
        if self.table.is_empty() {
            return self.search(document.text(start, len));
        }
        let key = Key::within(document.bytes(), start as usize, len);
        let place = *self.table.get(key.hash(self.factor, self.shift))? as usize;
        let name = self.names.get(place)?;
        (name.key == key && (len <= 16 || *name.text == *document.text(start, len))).then_some(place)
    }

    #[cold]
    fn search(&self, text: &str) -> Option<usize> {
        self.names.iter().position(|name| *name.text == *text)
    }
}

impl Key {
    #[inline(always)]
    fn hash(self, factor: u64, shift: u32) -> usize {
        let mixed = self.words[0] ^ self.words[1].rotate_left(23) ^ u64::from(self.len);
        (mixed.wrapping_mul(factor) >> shift) as usize
    }

    fn of(name: &[u8]) -> Self {
        let word = |from: usize| {
            let bytes = name.get(from..).unwrap_or_default();
            bytes.iter().take(8).rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
        };
        Self { words: [word(0), word(8)], len: name.len() as u32 }
    }

    /// Reads whole words where the text goes on behind the name, and clears what does not belong to it.
    #[inline(always)]
    fn within(text: &[u8], start: usize, len: u32) -> Self {
        let Some(&[a, b, c, d, e, f, g, h, ref rest @ ..]) = text.get(start..).and_then(|t| t.first_chunk::<16>())
        else {
            return Self::of(text.get(start..start + len as usize).unwrap_or_default());
        };
        let [low, high] = MASKS[len.min(16) as usize];
        Self { words: [u64::from_le_bytes([a, b, c, d, e, f, g, h]) & low, u64::from_le_bytes(*rest) & high], len }
    }
}

/// By the length of a name, the bits of its two words.
static MASKS: [[u64; 2]; 17] = {
    let mut masks = [[0; 2]; 17];
    let mut len = 1;
    while len <= 16 {
        masks[len] = if len <= 8 { [u64::MAX >> (64 - 8 * len), 0] } else { [u64::MAX, u64::MAX >> (128 - 8 * len)] };
        len += 1;
    }
    masks
};

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_name_is_found_as_by_looking_at_each(
            names in proptest::collection::btree_set("[a-c]{0,2}|[a-z]{3,18}|same_first_sixteen_bytes[a-d]|é{1,9}", 0..40),
            others in proptest::collection::vec("[a-c]{0,3}|[a-z]{3,18}|same_first_sixteen_bytes[a-e]", 0..20),
        ) {
            let names: Vec<_> = names.into_iter().collect();
            let table = Names::new(names.iter().map(String::as_str));
            for name in names.iter().chain(&others) {
                let json = format!("[\"{name}\"]");
                let document = Document::parse(json.as_bytes()).unwrap();
                let found = table.find(&document, 2, name.len() as u32);
                assert_eq!(found, names.iter().position(|known| known == name), "{name}");
            }
        }
    }

    #[test]
    fn everyday_names_have_a_table() {
        let names =
            ["id", "name", "email", "age", "tags", "created_at", "updated_at", "address_line_1", "address_line_2"];
        assert!(!Names::new(names.into_iter()).table.is_empty());
        let many: Vec<_> = (0..1000).map(|i| format!("property{i}")).collect();
        let names = Names::new(many.iter().map(String::as_str));
        let document = Document::parse(b"[\"property999\",\"property1000\"]").expect("JSON");
        assert_eq!((names.find(&document, 2, 11), names.find(&document, 16, 12)), (Some(999), None));
    }
}
