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
            let rest = path.get(start..).unwrap_or_default();
            let len = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
            at = start + len - segment.suffix as usize;
            found.push(Span { start: start as u32, end: at as u32 });
        }
        found.push(Span { start: at as u32 + self.before, end: path.len() as u32 - self.behind });
    }
}
