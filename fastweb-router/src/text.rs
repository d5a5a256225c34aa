//! A path as the tree reads it: segment by segment, eight bytes at a time.

const LOW: u64 = u64::MAX / 255;
const HIGH: u64 = LOW << 7;

/// A path, and where the slashes among its first bytes are.
pub(crate) struct Text<'p> {
    bytes: &'p [u8],
    /// A bit for every slash among the first 64 bytes, and one behind the end if that is among them.
    slashes: u64,
    /// The last eight bytes, zero behind the end if there are fewer.
    tail: u64,
}

/// A segment in two words: its first and its last eight bytes, or what it has in the first one and zero. Up to sixteen bytes,
/// segments of the same length that differ have keys that differ.
pub(crate) type Key = [u64; 2];

impl<'p> Text<'p> {
    #[inline]
    pub(crate) fn new(bytes: &'p [u8]) -> Self {
        let (words, rest) = bytes[..bytes.len().min(64)].as_chunks::<8>();
        let mut slashes = 0;
        for (at, word) in words.iter().enumerate() {
            slashes |= slashes_of(u64::from_le_bytes(*word)) << (8 * at);
        }
        let tail = match bytes.last_chunk::<8>() {
            Some(tail) => u64::from_le_bytes(*tail),
            None => rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        if bytes.len() < 64 {
            // The rest of a path of eight bytes and more are the last bytes of its tail.
            let rest_of_tail = if words.is_empty() { tail } else { tail.unbounded_shr(64 - 8 * rest.len() as u32) };
            slashes |= slashes_of(rest_of_tail) << (8 * words.len()) | 1 << bytes.len();
        }
        Self { bytes, slashes, tail }
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &'p [u8] {
        self.bytes
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Where the segment ends that begins at `at`, which is not behind the end of the path.
    ///
    /// The first 64 bytes need no loop. A loop over the bytes takes a turn for each, and leaves after another number of turns in
    /// every request, which the processor cannot foresee.
    #[inline]
    pub(crate) fn end(&self, at: usize) -> usize {
        match self.slashes.unbounded_shr(at as u32) {
            0 => self.far_end(at),
            slashes => at + slashes.trailing_zeros() as usize,
        }
    }

    #[cold]
    #[inline(never)]
    fn far_end(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        let (words, _) = rest.as_chunks::<8>();
        for (n, word) in words.iter().enumerate() {
            let slashes = slashes_of(u64::from_le_bytes(*word));
            if slashes != 0 {
                return at + 8 * n + slashes.trailing_zeros() as usize;
            }
        }
        let last = 8 * words.len();
        at + last + rest[last..].iter().position(|&byte| byte == b'/').unwrap_or(rest.len() - last)
    }

    /// The key of a segment.
    #[inline]
    pub(crate) fn key(&self, at: usize, end: usize) -> Key {
        let len = end - at;
        let first = match self.bytes[at..].first_chunk::<8>() {
            Some(first) => u64::from_le_bytes(*first),
            // Of the tail, what is behind `at`: of a path of eight bytes and more, not all of it.
            None => self.tail.unbounded_shr(8 * (at - self.bytes.len().saturating_sub(8)) as u32),
        };
        match self.bytes[..end].last_chunk::<8>() {
            Some(last) if len >= 8 => [first, u64::from_le_bytes(*last)],
            _ => [first & !u64::MAX.unbounded_shl(8 * len as u32), 0],
        }
    }
}

/// A bit for every byte that is a slash, the first byte's being the lowest.
#[inline]
fn slashes_of(word: u64) -> u64 {
    // A slash becomes a zero byte. Only a byte that is not zero has a high bit, or gets one when all its low bits are added to it.
    let zeroed = word ^ (LOW * b'/' as u64);
    let zeros = !(((zeroed & !HIGH) + !HIGH) | zeroed) & HIGH;
    // Puts bit 8n + 7 to bit 56 + n: the factor has a bit for every way that one of them has to go, and no two meet elsewhere.
    (zeros >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The key that [`Text::key`] gives of a segment with this text.
pub(crate) fn key(text: &[u8]) -> Key {
    Text::new(text).key(0, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slash at every place behind every start, in paths of lengths around those where words and the first 64 bytes end, and
    /// bytes around it that differ from it in one bit.
    #[test]
    fn segments_end_at_the_next_slash() {
        for len in (0..35).chain(60..75) {
            for near in [b'.', b'\'', b'\xaf', b'\0', 0xff, b'0'] {
                let mut path = vec![near; len];
                let check = |path: &[u8], start: usize, end: usize| {
                    let text = Text::new(path);
                    assert_eq!(text.end(start), end, "{start}..{end} of {len}");
                    assert_eq!(text.key(start, end), slow_key(&path[start..end]), "{start}..{end} of {len}");
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

    fn slow_key(text: &[u8]) -> Key {
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        match text.len() {
            0..8 => [word(text), 0],
            len => [word(&text[..8]), word(&text[len - 8..])],
        }
    }

    #[test]
    fn slashes_are_bits() {
        for bits in 0..256u64 {
            let byte = |n| if bits >> n & 1 == 1 { b'/' } else { b'\x2e' + 2 * (n as u8 % 2) };
            let word = u64::from_le_bytes(std::array::from_fn(byte));
            assert_eq!(slashes_of(word), bits);
        }
    }
}
