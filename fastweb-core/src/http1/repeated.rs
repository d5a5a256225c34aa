//! Header lines that come again.
//!
//! Most clients send the same lines with each of their requests. A worker remembers the lines that were read last, and what they say; where the
//! next head has the same bytes, comparing them is all there is to do: `GET /json` with four headers takes 3,044 instructions then, and 3,595 where
//! one of them differs each time (2026-11).
//!
//! What lines say depends on nothing but their bytes and the limits, of which a worker has one set.
//!
//! They may be another client's and have secrets in them. How long comparing takes depends on their length alone, so nobody learns from it how
//! much of them was guessed.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::framing::Framing;
use crate::bytes::block::Block;

/// Longer ones are not remembered: to keep them costs a copy.
const LONGEST: usize = 1024;

/// Where lines differ from request to request, only each of so many is remembered: what is not asked for again costs little then.
const EACH: u8 = 8;

/// The header lines that a worker has seen last.
#[derive(Default)]
pub(crate) struct RepeatedLines {
    last: RefCell<Option<Lines>>,
    others: Cell<u8>,
}

/// Header lines, and what they say to the connection.
pub(super) struct Lines {
    /// With the empty line that ends them.
    bytes: Vec<u8>,
    pub(super) framing: Framing,
    /// Where in them the value of `content-type` is. Empty where there is none.
    pub(super) content_type: Range<usize>,
}

impl RepeatedLines {
    /// How long the lines are that `bytes` begin with, and what `found` makes of them, if they are those that are remembered.
    #[inline(always)] // One caller, once per request.
    pub(super) fn find<T>(&self, bytes: &[u8], found: impl FnOnce(&Lines) -> T) -> Option<(usize, T)> {
        let last = self.last.borrow();
        let lines = last.as_ref()?;
        bytes.get(..lines.bytes.len()).filter(|begin| are_same(begin, &lines.bytes))?;
        Some((lines.bytes.len(), found(lines)))
    }

    /// Remembers `bytes`, which are other lines than before, and what they say.
    #[inline]
    pub(super) fn note(&self, bytes: &[u8], framing: Framing, content_type: Range<usize>) {
        let others = self.others.get();
        self.others.set(if others + 1 < EACH { others + 1 } else { 0 });
        if others == 0 && bytes.len() <= LONGEST {
            self.remember(bytes, framing, content_type);
        }
    }

    #[cold]
    fn remember(&self, bytes: &[u8], framing: Framing, content_type: Range<usize>) {
        let mut last = self.last.borrow_mut();
        let mut room = last.take().map_or_else(Vec::new, |lines| lines.bytes);
        room.clear();
        room.extend_from_slice(bytes);
        *last = Some(Lines { bytes: room, framing, content_type });
    }
}

/// Whether two slices of one length are equal. Looks at all of both, wherever they differ.
#[inline(always)]
fn are_same(one: &[u8], other: &[u8]) -> bool {
    let (Some(one_end), Some(other_end)) = (one.last_chunk::<16>(), other.last_chunk::<16>()) else { return false };
    let difference = |one, other| Some(Block::load(one, 0)?.differences(Block::load(other, 0)?));
    // The last block overlaps the one before it.
    let Some(last) = difference(one_end, other_end) else { return false };
    let blocks = Block::each(one).zip(Block::each(other));
    blocks.fold(last, |all, (one, other)| all.with(one.differences(other))).is_zero()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::framing::FramingFields;
    use super::*;

    fn framing() -> Framing {
        let mut fields = FramingFields::default();
        fields.note(b"host", b"x").expect("a host");
        fields.finish(false, false).expect("a framing")
    }

    fn is_found(repeated: &RepeatedLines, bytes: &[u8]) -> bool {
        repeated.find(bytes, |_| ()).is_some()
    }

    #[test]
    fn the_same_lines_are_found_and_no_others() {
        let repeated = RepeatedLines::default();
        let lines = b"host: x\r\naccept: */*\r\n\r\n";
        assert!(!is_found(&repeated, lines));
        repeated.note(lines, framing(), 3..4);
        let found = repeated.find(&[&lines[..], b"GET /"].concat(), |lines| lines.content_type.clone());
        assert_eq!(found, Some((lines.len(), 3..4)));
        for at in 0..lines.len() {
            let mut other = *lines;
            other[at] ^= 1;
            assert!(!is_found(&repeated, &other), "{at}");
            assert!(!is_found(&repeated, &lines[..at]), "{at}");
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_was_remembered() {
        let repeated = RepeatedLines::default();
        assert!(!is_found(&repeated, b""));
        assert!(!is_found(&repeated, &[0; 64]));
    }

    #[test]
    fn other_lines_replace_them_in_the_end_and_long_ones_never_do() {
        let repeated = RepeatedLines::default();
        let [one, other] = [b"host: x\r\nby: one\r\n\r\n", b"host: x\r\nby: two\r\n\r\n"];
        repeated.note(one, framing(), 0..0);
        for _ in 1..EACH {
            repeated.note(other, framing(), 0..0);
            assert!(is_found(&repeated, one));
        }
        repeated.note(&[b'x'; LONGEST + 1], framing(), 0..0);
        assert!(is_found(&repeated, one));
        for _ in 1..=EACH {
            repeated.note(other, framing(), 0..0);
        }
        assert!(is_found(&repeated, other));
    }

    proptest! {
        #[test]
        fn comparing_by_blocks_is_comparing(mut one in proptest::collection::vec(0..3_u8, 16..80), at in 0..80_usize, by in 0..3_u8) {
            let other = one.clone();
            let at = at % one.len();
            one[at] ^= by;
            prop_assert_eq!(are_same(&one, &other), one == other);
        }
    }
}
