//! The hash of the static lane: a multiply and fold over 8-byte words.
//!
//! It resists no attacker and needs not to. The keys of a lane are the patterns of the program itself, fixed at
//! start-up, and a lookup never inserts: whatever paths a client sends, the table stays as it is and a lookup looks at
//! one or two buckets of it. So the hash only has to spread those few hundred keys, and SipHash, which `HashMap` takes
//! by default because it has to expect keys from strangers, would cost more than the rest of the lookup together.

use std::hash::{BuildHasher, Hasher};

// Digits of pi: odd, and about half of the bits set.
const START: u64 = 0x243f_6a88_85a3_08d3;
const LEFT: u64 = 0x1319_8a2e_0370_7345;
const RIGHT: u64 = 0xa409_3822_299f_31d1;

/// Makes [`PathHasher`]s, all of them alike.
#[derive(Clone, Copy, Default)]
pub(crate) struct BuildPathHasher;

impl BuildHasher for BuildPathHasher {
    type Hasher = PathHasher;

    #[inline]
    fn build_hasher(&self) -> PathHasher {
        PathHasher(START)
    }
}

/// Hashes one string.
pub(crate) struct PathHasher(u64);

impl Hasher for PathHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        // The length goes in first, because the reads of the tail overlap: `/aa` and `/aaa` may give the same words.
        let mut hash = self.0 ^ bytes.len() as u64;
        let mut rest = bytes;
        while rest.len() > 16
            && let Some((block, after)) = rest.split_first_chunk::<16>()
        {
            let [a, b] = words(block);
            hash = fold(a ^ hash, b ^ LEFT);
            rest = after;
        }
        let (a, b) = tail(rest);
        self.0 = fold(a ^ hash, b ^ RIGHT);
    }

    #[inline]
    fn write_u8(&mut self, _: u8) {
        // `str` ends its hash with 0xff, which keeps ("a", "b") apart from ("ab", ""). Here a key is one string.
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A 64 by 64 bit product, its halves folded: every bit of the result hangs on every bit of both words. `HashMap` takes
/// the bucket from the low bits and the tag from the high ones, so both ends have to be good.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline]
fn words(block: &[u8; 16]) -> [u64; 2] {
    let block = u128::from_le_bytes(*block);
    [block as u64, (block >> 64) as u64]
}

/// The last 0 to 16 bytes as two words that overlap where there are fewer: no loop over single bytes.
#[inline]
fn tail(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    match *bytes {
        [] => (0, 0),
        [a] => (a.into(), 0),
        [a, b] => (a.into(), b.into()),
        [a, b, c, ..] => (a.into(), u64::from(b) << 8 | u64::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn hash(text: &str) -> u64 {
        BuildPathHasher.hash_one(text)
    }

    /// Every byte of the text counts, at every length up to several blocks: a read that skips one would show here.
    #[test]
    fn every_byte_counts() {
        for len in 1..=70 {
            let text = "x".repeat(len);
            let plain = hash(&text);
            for at in 0..len {
                let mut changed = text.clone().into_bytes();
                changed[at] = b'y';
                assert_ne!(plain, hash(std::str::from_utf8(&changed).unwrap()), "byte {at} of {len}");
            }
            assert_ne!(plain, hash(&"x".repeat(len + 1)), "length {len}");
        }
    }

    /// Ten thousand paths that differ little: no two hashes alike, and the buckets of a table of 16,384 as full as
    /// chance would fill them (a random hash leaves 54 % empty).
    #[test]
    fn like_paths_spread() {
        let paths: Vec<String> = (0..10_000).map(|n| format!("/api/v{}/resource-{}/items", n % 10, n / 10)).collect();
        let hashes: HashSet<u64> = paths.iter().map(|path| hash(path)).collect();
        assert_eq!(hashes.len(), paths.len());
        let low: HashSet<u64> = hashes.iter().map(|hash| hash % 16_384).collect();
        let high: HashSet<u64> = hashes.iter().map(|hash| hash >> 50).collect();
        for buckets in [low, high] {
            assert!((7_300..7_800).contains(&buckets.len()), "{} of 16384 buckets", buckets.len());
        }
    }
}
