//! Sixteen bytes at a time: which of them are what.
//!
//! This is one of the crate's modules with `unsafe` code, for intrinsics of an instruction set that every x86-64 has. Reading a head
//! in blocks takes a third of the instructions of reading it by bytes (2026-11).

#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
pub(crate) use sse2::Block;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) use words::Block;

impl Block {
    /// One after the other, as long as they are whole.
    #[inline(always)]
    pub(crate) fn each(bytes: &[u8]) -> impl Iterator<Item = Self> {
        bytes.as_chunks().0.iter().map(Self::of)
    }

    /// The first sixteen of `bytes`, with zeros behind them where there are fewer.
    #[inline(always)]
    pub(crate) fn padded(bytes: &[u8]) -> Self {
        if let Some(block) = bytes.first_chunk() {
            return Self::of(block);
        }
        // Two words that overlap, the second moved behind the first.
        let bits = 8 * bytes.len() as u32;
        let all = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let last = u128::from(u64::from_le_bytes(*last)) << (bits - 64);
            u128::from(u64::from_le_bytes(*first)) | last
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let last = u64::from(u32::from_le_bytes(*last)) << (bits - 32);
            u128::from(u64::from(u32::from_le_bytes(*first)) | last)
        } else {
            bytes.iter().rev().fold(0, |all, &byte| all << 8 | u128::from(byte))
        };
        Self::of(&all.to_le_bytes())
    }
}

/// The bits of the first `len` bytes of a block. All where it is 16 or more.
#[inline(always)]
pub(crate) fn first(len: usize) -> u32 {
    if len < 16 { (1 << len) - 1 } else { 0xffff }
}

/// Where the first set bit is; 16 where none is.
#[inline(always)]
pub(crate) fn at(bits: u32) -> usize {
    (bits | 1 << 16).trailing_zeros() as usize
}

/// SSE2 is part of x86-64.
#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_cmpeq_epi8, _mm_cmpgt_epi8, _mm_cmplt_epi8, _mm_loadu_si128, _mm_movemask_epi8,
        _mm_or_si128, _mm_set1_epi8, _mm_xor_si128,
    };

    /// Sixteen bytes. What is asked of them is answered with a bit for each, the first lowest.
    #[derive(Clone, Copy)]
    pub(crate) struct Block(__m128i);

    impl Block {
        /// Those of `bytes` from `at` on, if there are as many.
        #[inline(always)]
        pub(crate) fn load(bytes: &[u8], at: usize) -> Option<Self> {
            bytes.get(at..)?.first_chunk().map(Self::of)
        }

        #[inline(always)]
        pub(super) fn of(bytes: &[u8; 16]) -> Self {
            // SAFETY: it reads the sixteen bytes that are borrowed, and asks for no alignment.
            Self(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
        }

        #[inline(always)]
        fn bits(found: __m128i) -> u32 {
            // SAFETY: SSE2 is part of x86-64.
            unsafe { _mm_movemask_epi8(found) as u32 }
        }

        #[inline(always)]
        fn or(one: __m128i, other: __m128i) -> __m128i {
            // SAFETY: as above.
            unsafe { _mm_or_si128(one, other) }
        }

        /// As signed numbers, bytes that are no ASCII are below all others.
        #[inline(always)]
        fn below(self, least: u8) -> __m128i {
            // SAFETY: as above.
            unsafe { _mm_cmplt_epi8(self.0, _mm_set1_epi8(least as i8)) }
        }

        #[inline(always)]
        fn is(self, byte: u8) -> __m128i {
            // SAFETY: as above.
            unsafe { _mm_cmpeq_epi8(self.0, _mm_set1_epi8(byte as i8)) }
        }

        /// Those from `low` to `high`: moved up until `high` is the greatest number that there is, they are the greatest.
        #[inline(always)]
        fn within(self, low: u8, high: u8) -> __m128i {
            // SAFETY: as above.
            unsafe {
                let moved = _mm_add_epi8(self.0, _mm_set1_epi8((127 - high) as i8));
                _mm_cmpgt_epi8(moved, _mm_set1_epi8((126 - (high - low)) as i8))
            }
        }

        #[inline(always)]
        fn small(self) -> Self {
            // SAFETY: as above.
            Self(unsafe { _mm_or_si128(self.0, _mm_set1_epi8(0x20)) })
        }

        #[inline(always)]
        pub(crate) fn equal(self, byte: u8) -> u32 {
            Self::bits(self.is(byte))
        }

        /// All zero where both are the same.
        #[inline(always)]
        pub(crate) fn differences(self, other: Self) -> Self {
            // SAFETY: as above.
            Self(unsafe { _mm_xor_si128(self.0, other.0) })
        }

        /// The bits of both.
        #[inline(always)]
        pub(crate) fn with(self, other: Self) -> Self {
            Self(Self::or(self.0, other.0))
        }

        #[inline(always)]
        pub(crate) fn is_zero(self) -> bool {
            self.equal(0) == 0xffff
        }

        /// Neither visible ASCII nor a blank.
        #[inline(always)]
        pub(crate) fn no_text(self) -> u32 {
            Self::bits(Self::or(self.below(b' '), self.is(0x7f)))
        }

        /// Neither visible ASCII nor a blank, and `#` and the blank too.
        #[inline(always)]
        pub(crate) fn no_target(self) -> u32 {
            Self::bits(Self::or(Self::or(self.below(b'!'), self.is(0x7f)), self.is(b'#')))
        }

        #[inline(always)]
        fn name(self) -> __m128i {
            let letter = self.small().within(b'a', b'z');
            Self::or(Self::or(letter, self.is(b'-')), self.within(b'0', b'9'))
        }

        /// Letters, digits and dashes, of which most names consist.
        #[inline(always)]
        pub(crate) fn name_letters(self) -> u32 {
            Self::bits(self.name())
        }

        /// Letters, digits, dashes and dots, of which most hosts consist.
        #[inline(always)]
        pub(crate) fn host_letters(self) -> u32 {
            Self::bits(Self::or(self.name(), self.is(b'.')))
        }

        #[inline(always)]
        pub(crate) fn digits(self) -> u32 {
            Self::bits(self.within(b'0', b'9'))
        }
    }
}

/// The same in two words, where there is nothing wider that every processor has.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod words {
    use super::super::{HIGH, at_least, differs, eight};

    /// Sixteen bytes. What is asked of them is answered with a bit for each, the first lowest.
    #[derive(Clone, Copy)]
    pub(crate) struct Block([u64; 2]);

    impl Block {
        /// Those of `bytes` from `at` on, if there are as many.
        #[inline(always)]
        pub(crate) fn load(bytes: &[u8], at: usize) -> Option<Self> {
            bytes.get(at..)?.first_chunk().map(Self::of)
        }

        #[inline(always)]
        pub(super) fn of(bytes: &[u8; 16]) -> Self {
            let bytes = u128::from_le_bytes(*bytes);
            Self([bytes as u64, (bytes >> 64) as u64])
        }

        /// A bit for each byte whose highest bit `found` sets, if it is ASCII.
        #[inline(always)]
        fn ascii(self, found: impl Fn(u64) -> u64) -> u32 {
            let [low, high] = self.0.map(|word| {
                let found = found(word & !HIGH) & !word & HIGH;
                // The product puts the bits, which are seven apart then, side by side in the highest byte.
                ((found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
            });
            low | high << 8
        }

        #[inline(always)]
        pub(crate) fn equal(self, byte: u8) -> u32 {
            self.ascii(|word| !differs(word, byte))
        }

        /// All zero where both are the same.
        #[inline(always)]
        pub(crate) fn differences(self, other: Self) -> Self {
            Self([self.0[0] ^ other.0[0], self.0[1] ^ other.0[1]])
        }

        /// The bits of both.
        #[inline(always)]
        pub(crate) fn with(self, other: Self) -> Self {
            Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
        }

        #[inline(always)]
        pub(crate) fn is_zero(self) -> bool {
            self.0 == [0, 0]
        }

        /// Neither visible ASCII nor a blank.
        #[inline(always)]
        pub(crate) fn no_text(self) -> u32 {
            self.ascii(|word| at_least(word, b' ') & !at_least(word, 0x7f)) ^ 0xffff
        }

        /// Neither visible ASCII nor a blank, and `#` and the blank too.
        #[inline(always)]
        pub(crate) fn no_target(self) -> u32 {
            self.ascii(|word| at_least(word, b'!') & !at_least(word, 0x7f) & differs(word, b'#')) ^ 0xffff
        }

        #[inline(always)]
        fn name(word: u64) -> u64 {
            let small = word | eight(0x20);
            let letter = at_least(small, b'a') & !at_least(small, b'z' + 1);
            letter | Self::digit(word) | !differs(word, b'-')
        }

        #[inline(always)]
        fn digit(word: u64) -> u64 {
            at_least(word, b'0') & !at_least(word, b'9' + 1)
        }

        /// Letters, digits and dashes, of which most names consist.
        #[inline(always)]
        pub(crate) fn name_letters(self) -> u32 {
            self.ascii(Self::name)
        }

        /// Letters, digits, dashes and dots, of which most hosts consist.
        #[inline(always)]
        pub(crate) fn host_letters(self) -> u32 {
            self.ascii(|word| Self::name(word) | !differs(word, b'.'))
        }

        #[inline(always)]
        pub(crate) fn digits(self) -> u32 {
            self.ascii(Self::digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{at, first};

    /// What each question is, by bytes.
    fn check(bytes: &[u8; 16]) {
        let bits =
            |holds: &dyn Fn(u8) -> bool| (0..16).filter(|&at| holds(bytes[at])).fold(0, |bits, at| bits | 1 << at);
        let is_text = |byte: u8| (0x20..0x7f).contains(&byte);
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let by_byte = [
            bits(&|byte| byte == b':'),
            bits(&|byte| !is_text(byte)),
            bits(&|byte| !is_text(byte) || matches!(byte, b' ' | b'#')),
            bits(&is_name),
            bits(&|byte| is_name(byte) || byte == b'.'),
            bits(&|byte| byte.is_ascii_digit()),
        ];
        macro_rules! answers {
            ($block:ty) => {{
                let block = <$block>::load(bytes, 0).expect("sixteen bytes");
                let [colons, no_text, no_target] = [block.equal(b':'), block.no_text(), block.no_target()];
                [colons, no_text, no_target, block.name_letters(), block.host_letters(), block.digits()]
            }};
        }
        assert_eq!(answers!(super::words::Block), by_byte, "{bytes:?}");
        assert_eq!(answers!(super::Block), by_byte, "{bytes:?}");
    }

    #[test]
    fn every_byte_at_every_place() {
        for other in [b'a', 0, 0xff] {
            for place in 0..16 {
                for byte in 0..=255 {
                    let mut bytes = [other; 16];
                    bytes[place] = byte;
                    check(&bytes);
                }
            }
        }
    }

    #[test]
    fn fewer_bytes_have_zeros_behind_them() {
        let text = b"ABCDEFGHIJKLMNOPQRST";
        for len in 0..text.len() {
            let block = super::Block::padded(&text[..len]);
            let mut whole = [0; 16];
            let there = len.min(16);
            whole[..there].copy_from_slice(&text[..there]);
            assert!(block.differences(super::Block::padded(&whole)).is_zero(), "{len}");
            assert_eq!(block.equal(0), first(16) & !first(len), "{len}");
        }
    }

    #[test]
    fn blocks_are_whole() {
        assert!(super::Block::load(&[0; 17], 1).is_some());
        assert!(super::Block::load(&[0; 17], 2).is_none());
        assert!(super::Block::load(&[0; 17], usize::MAX).is_none());
        assert!(super::words::Block::load(&[0; 17], 2).is_none());
    }

    #[test]
    fn bits_of_places() {
        assert_eq!((first(0), first(3), first(16), first(99)), (0, 7, 0xffff, 0xffff));
        assert_eq!((at(0), at(1), at(0b1100)), (16, 0, 2));
    }

    #[test]
    fn differences_are_found_in_every_byte() {
        macro_rules! check {
            ($block:ty) => {{
                let block = |bytes: [u8; 16]| <$block>::load(&bytes, 0).expect("sixteen bytes");
                let one = block([0xa5; 16]);
                assert!(one.differences(one).is_zero());
                for place in 0..16 {
                    for bit in 0..8 {
                        let mut other = [0xa5; 16];
                        other[place] ^= 1 << bit;
                        let difference = one.differences(block(other));
                        assert!(!difference.is_zero());
                        assert!(!difference.with(block([0; 16])).is_zero());
                        assert!(!block([0; 16]).with(difference).is_zero());
                    }
                }
            }};
        }
        check!(super::words::Block);
        check!(super::Block);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(bytes in proptest::array::uniform16(proptest::num::u8::ANY)) {
            check(&bytes);
        }
    }
}
