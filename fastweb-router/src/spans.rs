//! Where the parameters of a pattern stand in a path that is known to match it.
//!
//! matchit hands out its parameters as `&str` only, and for each of them checks two texts, name and value, for UTF-8: about
//! 10 ns per parameter, which made a lookup dearer by a half (2026-08, `benches/router.rs`). To find their places again costs
//! less. There is one parameter per segment, so it ends where the segment ends, less the text behind it; and what stands
//! behind the last one has a fixed length, so that one is not even looked for.

use crate::params::Span;

/// The places of a pattern's parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spans {
    /// All but the last.
    segments: Box<[Segment]>,
    /// Bytes of text before the last one.
    before: u32,
    /// Bytes of text behind the last one, to the end of the path.
    behind: u32,
}

/// A parameter that a slash follows sooner or later.
#[derive(Debug, PartialEq, Eq)]
struct Segment {
    /// Bytes of text between it and the parameter before it, or the start of the path.
    before: u32,
    /// Bytes of text between it and the slash.
    suffix: u32,
}

impl Spans {
    /// `texts` is what stands before, between and behind the parameters: one more than there are parameters, of which
    /// there is at least one.
    pub(crate) fn new(texts: &[String]) -> Self {
        let [inner @ .., before, behind] = texts else { unreachable!("a parameter has text on both sides") };
        let len = |text: &str| u32::try_from(text.len()).expect("a pattern is shorter than 4 GiB");
        let segment = |(i, text): (usize, &String)| {
            let suffix = texts[i + 1].split('/').next().unwrap_or_default();
            Segment { before: len(text), suffix: len(suffix) }
        };
        Self { segments: inner.iter().enumerate().map(segment).collect(), before: len(before), behind: len(behind) }
    }

    /// The ranges of the parameters in `path`, which matches the pattern and is shorter than 4 GiB.
    #[inline]
    pub(crate) fn locate(&self, path: &[u8], found: &mut Vec<Span>) {
        let mut at = 0;
        for segment in &self.segments {
            let start = at + segment.before as usize;
            at = start + segment_len(path, start) - segment.suffix as usize;
            found.push(Span { start: start as u32, end: at as u32 });
        }
        found.push(Span { start: at as u32 + self.before, end: path.len() as u32 - self.behind });
    }
}

/// How many bytes of the path are between `start` and the next slash, or the end.
///
/// Sixteen at a time and without a loop, for few values are longer. A loop over the bytes takes a turn for each, and leaves
/// after another number of turns in every request, which the processor cannot foresee: 2 to 3 ns more per lookup of GitHub's
/// routes with parameters (2026-08, `benches/router.rs`).
#[inline]
fn segment_len(path: &[u8], start: usize) -> usize {
    const ONES: u128 = u128::MAX / 255;
    let rest = path.get(start..).unwrap_or_default();
    let window = match (rest.first_chunk::<16>(), path.last_chunk::<16>()) {
        (Some(window), _) => u128::from_le_bytes(*window),
        // Fewer are left: the last of the path, without those before `start`.
        (None, Some(window)) if !rest.is_empty() => u128::from_le_bytes(*window) >> (8 * (16 - rest.len())),
        _ => 0,
    };
    // A slash becomes a zero byte, and only a zero byte, or one that follows it, borrows when 1 is taken off each; so the
    // lowest that did is a slash.
    let zeroed = window ^ (ONES * b'/' as u128);
    let borrowed = zeroed.wrapping_sub(ONES) & !zeroed & (ONES << 7);
    match borrowed {
        0 => segment_len_by_bytes(rest),
        _ => borrowed.trailing_zeros() as usize / 8,
    }
}

/// For what is longer than a window, or in a path that is shorter than one; out of the way of the rest.
#[cold]
#[inline(never)]
fn segment_len_by_bytes(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slash at every place behind every start, in paths of every length up to three windows, and bytes around it that
    /// differ from it in one bit.
    #[test]
    fn next_slash() {
        for len in 0..50 {
            for near in [b'.', b'\'', b'\xaf', b'\0', 0xff, b'0'] {
                let mut path = vec![near; len];
                for start in 0..=len {
                    assert_eq!(segment_len(&path, start), len - start, "{start} of {len}");
                    for slash in start..len {
                        path[slash] = b'/';
                        assert_eq!(segment_len(&path, start), slash - start, "{slash} from {start} of {len}");
                        if slash + 1 < len {
                            path[slash + 1] = b'/';
                            assert_eq!(segment_len(&path, start), slash - start, "{slash} from {start} of {len}");
                            path[slash + 1] = near;
                        }
                        path[slash] = near;
                    }
                }
            }
        }
    }
}
