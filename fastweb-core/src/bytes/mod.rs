//! Small questions about bytes that the hot path asks often, answered eight bytes at a time.
//!
//! A table look-up per byte takes five to eight instructions a byte; a word of eight takes about twenty (GET /json with a host of
//! fifteen bytes: 60 instead of 120 instructions for the host, 2026-11).

pub(crate) mod block;

/// The highest bit of each byte.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// `byte` eight times.
const fn eight(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The highest bit of each byte of `word` that is at least `least`, which is not zero. Says nothing of words that are not all ASCII.
const fn at_least(word: u64, least: u8) -> u64 {
    word.wrapping_add(eight(0x80 - least)) & HIGH
}

/// The highest bit of each byte of `word` that is not `byte`. All are ASCII.
const fn differs(word: u64, byte: u8) -> u64 {
    at_least(word ^ eight(byte), 1)
}

/// Whether `holds` is true of all bytes. It is asked of words that together cover them, some bytes twice.
fn all_words(bytes: &[u8], holds: impl Fn(u64) -> bool) -> bool {
    let four = |part: Option<&[u8; 4]>| part.map_or(0, |part| u64::from(u32::from_ne_bytes(*part)));
    match *bytes {
        [] => true,
        [a] => holds(eight(a)),
        [a, b] => holds(u64::from_ne_bytes([a, b, a, b, a, b, a, b])),
        [a, b, c] => holds(u64::from_ne_bytes([a, b, c, a, b, c, a, b])),
        _ => match bytes.last_chunk::<8>() {
            None => holds(four(bytes.first_chunk()) | four(bytes.last_chunk()) << 32),
            Some(last) => {
                // The last word covers what is left of the others.
                let (eights, _) = bytes[..bytes.len() - 1].as_chunks::<8>();
                holds(u64::from_ne_bytes(*last)) && eights.iter().all(|word| holds(u64::from_ne_bytes(*word)))
            }
        },
    }
}

/// Whether all are letters, digits, dots and dashes.
pub(crate) fn are_host_letters(bytes: &[u8]) -> bool {
    all_words(bytes, |word| {
        let small = word | eight(0x20);
        let letter = at_least(small, b'a') & !at_least(small, b'z' + 1);
        let other = at_least(word, b'-') & !at_least(word, b'9' + 1) & differs(word, b'/');
        word & HIGH == 0 && letter | other == HIGH
    })
}

/// Whether all are visible ASCII, without `#` and `?`.
pub(crate) fn are_path_bytes(bytes: &[u8]) -> bool {
    all_words(bytes, |word| {
        let visible = at_least(word, b'!') & !at_least(word, 0x7f);
        word & HIGH == 0 && visible & differs(word, b'#') & differs(word, b'?') == HIGH
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) {
        let host = bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        assert_eq!(are_host_letters(bytes), host, "{bytes:?}");
        let path = bytes.iter().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'?'));
        assert_eq!(are_path_bytes(bytes), path, "{bytes:?}");
    }

    #[test]
    fn every_byte_at_every_place_of_every_length() {
        for len in 0..20 {
            check(&vec![b'a'; len]);
            for at in 0..len {
                for byte in 0..=255 {
                    let mut bytes = vec![b'a'; len];
                    bytes[at] = byte;
                    check(&bytes);
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            check(&bytes);
        }

        #[test]
        fn likely_bytes(text in "[-.a-zA-Z0-9/:?#]{0,40}") {
            check(text.as_bytes());
        }
    }
}
