//! The segments of text that may stand in one place: a small hash table.

use crate::hasher::spread;
use crate::text::{Key, key};
use crate::tree::NONE;

/// From text to number.
pub(crate) struct Literals {
    /// A power of two of them, at most half full, so that a search for what is not there ends; none if there is no text.
    slots: Box<[Slot]>,
    len: usize,
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
    fn is(&self, key: Key, text: &[u8]) -> bool {
        self.key == key
            && self.len as usize == text.len()
            && self.to != NONE
            && self.text.as_ref().is_none_or(|own| **own == *text)
    }
}

impl Literals {
    pub(crate) fn new() -> Self {
        Self { slots: Box::default(), len: 0 }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The number of the text whose key this is, or [`NONE`].
    #[inline]
    pub(crate) fn get(&self, key: Key, text: &[u8]) -> u32 {
        let last = self.slots.len().wrapping_sub(1);
        let mut at = spread(key, text.len()) as usize;
        while let Some(slot) = self.slots.get(at & last) {
            if slot.is(key, text) {
                return slot.to;
            }
            if slot.to == NONE {
                break;
            }
            at += 1;
        }
        NONE
    }

    /// Where the number of a text stands: [`NONE`] if it is new, and the caller puts one there.
    pub(crate) fn entry(&mut self, text: &str) -> &mut u32 {
        let (text, key) = (text.as_bytes(), key(text.as_bytes()));
        if let Some(at) = self.slots.iter().position(|slot| slot.is(key, text)) {
            return &mut self.slots[at].to;
        }
        self.len += 1;
        if self.len * 2 > self.slots.len() {
            let free = Slot { key: [0; 2], len: 0, to: NONE, text: None };
            let more = vec![free; (self.len * 2).next_power_of_two()].into_boxed_slice();
            for slot in std::mem::replace(&mut self.slots, more).into_iter().filter(|slot| slot.to != NONE) {
                let at = self.free(slot.key, slot.len as usize);
                self.slots[at] = slot;
            }
        }
        let at = self.free(key, text.len());
        let whole = (text.len() > 16).then(|| text.into());
        self.slots[at] = Slot { key, len: text.len() as u32, to: NONE, text: whole };
        &mut self.slots[at].to
    }

    fn free(&self, key: Key, len: usize) -> usize {
        let last = self.slots.len() - 1;
        let start = spread(key, len) as usize;
        (start..).map(|at| at & last).find(|&at| self.slots[at].to == NONE).unwrap_or(0)
    }
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
        let get = |literals: &Literals, text: &str| literals.get(key(text.as_bytes()), text.as_bytes());
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
