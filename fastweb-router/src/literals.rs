//! The segments of text that may stand in one place: a small hash table.

use crate::text::{Key, key};
use crate::tree::NONE;

/// From text to number.
pub(crate) struct Literals {
    /// A power of two of them, at most half full, so that a search for what is not there ends; none if there is no text.
    slots: Box<[Slot]>,
    /// 64 less the bits of a slot's number.
    shift: u32,
    /// See [`place`].
    factor: u64,
    len: usize,
    /// As many texts as may be there before it grows.
    room: usize,
}

#[derive(Clone)]
struct Slot {
    key: Key,
    len: u32,
    /// [`NONE`] if the slot is free.
    to: u32,
    /// All of it, if the key does not tell it apart from others.
    text: Option<Box<[u8]>>,
}

impl Slot {
    #[inline]
    fn is<'t>(&self, key: Key, len: usize, text: impl Fn() -> &'t [u8]) -> bool {
        (self.key[0] ^ key[0]) | (self.key[1] ^ key[1]) == 0
            && self.len as usize == len
            && self.to != NONE
            && self.text.as_ref().is_none_or(|own| **own == *text())
    }
}

/// Digits of pi, odd: one of them is chosen for a table so that its texts are in places of their own, or nearly.
const FACTORS: [u64; 16] = [
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7345,
    0xa409_3822_299f_31d1,
    0x082e_fa98_ec4e_6c89,
    0x4528_21e6_38d0_1377,
    0xbe54_66cf_34e9_0c6d,
    0xc0ac_29b7_c97c_50dd,
    0x3f84_d5b5_b547_0917,
    0x9216_d5d9_8979_fb1b,
    0xd131_0ba6_98df_b5ad,
    0x2ffd_72db_d01a_dfb7,
    0xb8e1_afed_6a26_7e97,
    0xba7c_9045_f12c_7f99,
    0x24a1_9947_b391_6cf7,
    0x0801_f2e2_858e_fc17,
    0x6369_20d8_7157_4e69,
];

/// More texts than this take the first factor as it is: to try all is for the few hundred that a place may have.
const MOST_TO_TRY: usize = 256;

impl Literals {
    pub(crate) fn new() -> Self {
        Self { slots: Box::default(), shift: 63, factor: FACTORS[0], len: 0, room: 0 }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The number of the text whose key and length these are, or [`NONE`]. Few are so long that `text` is asked for.
    #[inline]
    pub(crate) fn get<'t>(&self, key: Key, len: usize, text: impl Fn() -> &'t [u8]) -> u32 {
        let mut at = place(key, self.factor, self.shift);
        while let Some(slot) = self.slots.get(at) {
            if slot.is(key, len, &text) {
                return slot.to;
            }
            if slot.to == NONE {
                break;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        NONE
    }

    /// Where the number of a text stands: [`NONE`] if it is new, and the caller puts one there.
    pub(crate) fn entry(&mut self, text: &str) -> &mut u32 {
        let (text, key) = (text.as_bytes(), key(text.as_bytes()));
        let mut at = self.slot(key, text);
        if self.slots.get(at).is_none_or(|slot| slot.to == NONE) {
            if self.len >= self.room {
                self.grow(key);
                at = self.slot(key, text);
            }
            self.len += 1;
            let whole = (text.len() > 16).then(|| text.into());
            self.slots[at] = Slot { key, len: text.len() as u32, to: NONE, text: whole };
        }
        &mut self.slots[at].to
    }

    /// The slot of a text, or the free one where it would be.
    fn slot(&self, key: Key, text: &[u8]) -> usize {
        let mut at = place(key, self.factor, self.shift);
        while self.slots.get(at).is_some_and(|slot| slot.to != NONE && !slot.is(key, text.len(), || text)) {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    /// Makes room for a text and some more, and chooses the factor anew. In steps of an eighth, so that this is not done for
    /// every text of many.
    fn grow(&mut self, next: Key) {
        self.room = self.len + 1 + self.len / 8;
        let all: Vec<Slot> = std::mem::take(&mut self.slots).into_iter().filter(|slot| slot.to != NONE).collect();
        let size = (self.room * 2).next_power_of_two();
        self.shift = 64 - size.trailing_zeros();
        let crowded = |&factor: &u64| {
            let keys = all.iter().map(|slot| slot.key).chain([next]);
            let mut places: Vec<usize> = keys.map(|key| place(key, factor, self.shift)).collect();
            places.sort_unstable();
            places.windows(2).filter(|pair| pair[0] == pair[1]).count()
        };
        if all.len() <= MOST_TO_TRY {
            self.factor = FACTORS.into_iter().min_by_key(crowded).unwrap_or(FACTORS[0]);
        }
        let free = Slot { key: [0; 2], len: 0, to: NONE, text: None };
        self.slots = vec![free; size].into_boxed_slice();
        for slot in all {
            let mut at = place(slot.key, self.factor, self.shift);
            while self.slots[at].to != NONE {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = slot;
        }
    }
}

/// The slot where a text should be.
#[inline]
fn place(key: Key, factor: u64, shift: u32) -> usize {
    ((key[0] ^ key[1].rotate_left(29)).wrapping_mul(factor) >> (shift % 64)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found() {
        let texts: Vec<String> =
            (0..300).map(|n| format!("{}{n}", "x".repeat(n % 40))).chain([String::new(), "\0".to_owned()]).collect();
        let alike = ["12345678-1-abcdefgh", "12345678-2-abcdefgh"].map(str::to_owned);
        let texts = [texts, alike.to_vec()].concat();
        let mut literals = Literals::new();
        let get = |literals: &Literals, text: &str| literals.get(key(text.as_bytes()), text.len(), || text.as_bytes());
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(get(&literals, text), NONE);
            let number = literals.entry(text);
            assert_eq!(*number, NONE);
            *number = n as u32;
        }
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(get(&literals, text), n as u32, "{text:?}");
            assert_eq!(*literals.entry(text), n as u32);
            assert_eq!(get(&literals, &format!("{text}y")), NONE);
        }
    }
}
