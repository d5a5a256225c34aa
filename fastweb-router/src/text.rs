//! A path as the tree reads it: segment by segment, eight bytes at a time.

const LOW: u64 = u64::MAX / 255;
const HIGH: u64 = LOW << 7;
const SLASHES: u64 = LOW * b'/' as u64;

/// A path, and its end in a word.
#[derive(Clone, Copy)]
pub(crate) struct Text<'p> {
    bytes: &'p [u8],
    /// The last eight bytes; if there are fewer, slashes before them.
    tail: u64,
}

/// A segment in two words: its first and its last eight bytes, or what it has in the first one and zero. Up to sixteen bytes,
/// segments of the same length that differ have keys that differ.
pub(crate) type Key = [u64; 2];

impl<'p> Text<'p> {
    #[inline]
    pub(crate) fn new(bytes: &'p [u8]) -> Self {
        let tail = match bytes.last_chunk::<8>() {
            Some(tail) => u64::from_le_bytes(*tail),
            None => bytes.iter().fold(SLASHES, |word, &byte| word >> 8 | u64::from(byte) << 56),
        };
        Self { bytes, tail }
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &'p [u8] {
        self.bytes
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The segment that begins at `at`, which is not behind the end of the path: where it ends, and the eight bytes at its
    /// beginning, with slashes behind the end of the path.
    #[inline(always)]
    pub(crate) fn segment(&self, at: usize) -> (usize, u64) {
        let rest = &self.bytes[at..];
        let first = match rest.first_chunk::<8>() {
            Some(first) => u64::from_le_bytes(*first),
            None => {
                let left = 8 * rest.len() as u32;
                self.tail.unbounded_shr(64 - left) | SLASHES << left
            }
        };
        let end = match slashes_of(first) {
            // There are eight bytes and more: behind the end there would be a slash.
            0 => at + 8 + len(&rest[8..]),
            slashes => at + slashes.trailing_zeros() as usize / 8,
        };
        (end, first)
    }

    /// The key of a segment, `first` being its first bytes and what is behind it.
    #[inline]
    pub(crate) fn key(&self, at: usize, end: usize, first: u64) -> Key {
        let len = end - at;
        match self.bytes[..end].last_chunk::<8>() {
            Some(last) if len >= 8 => [first, u64::from_le_bytes(*last)],
            _ => [first & !(u64::MAX << (8 * len as u32 % 64)), 0],
        }
    }
}

/// Where the next slash is, or how long the rest is.
#[inline]
fn len(rest: &[u8]) -> usize {
    // A word more without a loop: few segments are longer, and a loop leaves after another number of turns in every request,
    // which the processor cannot foresee.
    if let Some(word) = rest.first_chunk::<8>() {
        let slashes = slashes_of(u64::from_le_bytes(*word));
        if slashes != 0 {
            return slashes.trailing_zeros() as usize / 8;
        }
    }
    long_len(rest)
}

#[inline(never)]
fn long_len(rest: &[u8]) -> usize {
    let (words, tail) = rest.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let slashes = slashes_of(u64::from_le_bytes(*word));
        if slashes != 0 {
            return 8 * n + slashes.trailing_zeros() as usize / 8;
        }
    }
    8 * words.len() + tail.iter().position(|&byte| byte == b'/').unwrap_or(tail.len())
}

/// Zero if no byte is a slash; else the lowest bit that is set is in the first slash.
#[inline]
fn slashes_of(word: u64) -> u64 {
    // A slash becomes a zero byte, and only a zero byte, or one that follows it, borrows when 1 is taken off each.
    let zeroed = word ^ SLASHES;
    zeroed.wrapping_sub(LOW) & !zeroed & HIGH
}

/// Whether a byte is there. Between the bytes of a block no decision is made, so that the compiler compares them all at once.
#[inline]
pub(crate) fn has(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    fn among<const N: usize>(block: &[u8; N], is: impl Fn(u8) -> bool) -> bool {
        block.iter().fold(false, |any, &byte| any | is(byte))
    }
    if let Some(last) = bytes.last_chunk::<16>() {
        // The last block may overlap the one before.
        let (blocks, _) = bytes.as_chunks::<16>();
        return blocks.iter().any(|block| among(block, &is)) || among(last, &is);
    }
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => among(first, &is) || among(last, &is),
        _ => bytes.iter().any(|&byte| is(byte)),
    }
}

/// Whether a slash has this byte behind it, in the same way.
#[inline]
pub(crate) fn has_behind_slash(bytes: &[u8], behind: u8) -> bool {
    let among = |(first, second): (&[u8; 16], &[u8; 16])| {
        first.iter().zip(second).fold(false, |any, (&first, &second)| any | ((first == b'/') & (second == behind)))
    };
    let (firsts, seconds) = (&bytes[..bytes.len().saturating_sub(1)], bytes.get(1..).unwrap_or_default());
    match (firsts.last_chunk::<16>(), seconds.last_chunk::<16>()) {
        (Some(first), Some(second)) => {
            let mut blocks = firsts.as_chunks::<16>().0.iter().zip(seconds.as_chunks::<16>().0);
            blocks.any(among) || among((first, second))
        }
        _ => firsts.iter().zip(seconds).any(|(&first, &second)| first == b'/' && second == behind),
    }
}

/// The key that [`Text::key`] gives of a segment with this text.
pub(crate) fn key(text: &[u8]) -> Key {
    let path = Text::new(text);
    let first = match text.first_chunk::<8>() {
        Some(first) => u64::from_le_bytes(*first),
        None => path.segment(0).1,
    };
    path.key(0, text.len(), first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slash at every place behind every start, in paths of every length around those of words, and bytes around it that
    /// differ from it in one bit.
    #[test]
    fn segments_end_at_the_next_slash() {
        for len in 0..40 {
            for near in [b'.', b'\'', b'\xaf', b'\0', 0xff, b'0'] {
                let mut path = vec![near; len];
                let check = |path: &[u8], start: usize, end: usize| {
                    let text = Text::new(path);
                    let (got, first) = text.segment(start);
                    assert_eq!(got, end, "{start}..{end} of {len}");
                    assert_eq!(text.key(start, end, first), slow_key(&path[start..end]), "{start}..{end} of {len}");
                };
                for start in 0..=len {
                    check(&path, start, len);
                    for slash in start..len {
                        path[slash] = b'/';
                        check(&path, start, slash);
                        if slash + 1 < len {
                            path[slash + 1] = b'/';
                            check(&path, start, slash);
                            path[slash + 1] = near;
                        }
                        path[slash] = near;
                    }
                }
            }
        }
    }

    #[test]
    fn bytes_are_seen_wherever_they_are() {
        for len in 0..70 {
            for near in [b'$', b'&', b'\xa5', b'\0', b'/'] {
                let mut path = vec![near; len];
                assert!(!has(&path, |byte| byte == b'%'), "{len} of {near}");
                for at in 0..len {
                    path[at] = b'%';
                    assert!(has(&path, |byte| byte == b'%'), "{at} of {len}");
                    path[at] = near;
                }
            }
        }
    }

    #[test]
    fn dots_behind_slashes_are_seen_wherever_they_are() {
        for len in 2..70 {
            let mut path: Vec<u8> = b"./a".iter().copied().cycle().take(len).collect();
            path.iter_mut().skip(1).for_each(|byte| *byte = if *byte == b'.' { b'/' } else { *byte });
            assert!(!has_behind_slash(&path, b'.'), "{len}");
            for at in 0..len - 1 {
                let before = path.clone();
                path[at..at + 2].copy_from_slice(b"/.");
                assert!(has_behind_slash(&path, b'.'), "{at} of {len}");
                path = before;
            }
        }
    }

    fn slow_key(text: &[u8]) -> Key {
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        match text.len() {
            0..8 => [word(text), 0],
            len => [word(&text[..8]), word(&text[len - 8..])],
        }
    }
}
