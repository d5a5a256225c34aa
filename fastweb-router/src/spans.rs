//! Where the parameters of a plain pattern stand in a path that is known to match it.
//!
//! matchit hands out its parameters as `&str` only, and checks name and value of each for UTF-8, which costs about 10 ns per
//! parameter (2026-08, `benches/router.rs`). To find their places again costs less: there is one parameter per segment, so it ends
//! where the segment ends, less the text behind it; and what stands behind the last one has a fixed length, so that one is not
//! even looked for.

use crate::params::Span;
use crate::text::Text;

/// The places of a pattern's parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spans {
    /// All but the last.
    inner: Box<[Inner]>,
    /// Bytes of text before the last one.
    before: u32,
    /// Bytes of text behind the last one, to the end of the path.
    behind: u32,
}

/// A parameter that a slash follows sooner or later.
#[derive(Debug, PartialEq, Eq)]
struct Inner {
    /// Bytes of text between it and the parameter before it, or the start of the path.
    before: u32,
    /// Bytes of text between it and the slash.
    suffix: u32,
}

impl Spans {
    /// `texts` is what stands before, between and behind the parameters: one more than there are parameters. `None` if there is
    /// no parameter.
    pub(crate) fn new(texts: &[String]) -> Option<Self> {
        let [inner @ .., before, behind] = texts else { return None };
        let len = |text: &str| u32::try_from(text.len()).ok();
        let inner = inner.iter().zip(&texts[1..]).map(|(before, after)| {
            let suffix = after.split('/').next().unwrap_or_default();
            Some(Inner { before: len(before)?, suffix: len(suffix)? })
        });
        Some(Self { inner: inner.collect::<Option<_>>()?, before: len(before)?, behind: len(behind)? })
    }

    /// Appends the ranges of the parameters in `path`, which matches the pattern and is shorter than 4 GiB. Whether one of them
    /// begins with a dot.
    #[inline]
    pub(crate) fn locate(&self, path: &[u8], found: &mut Vec<Span>) -> bool {
        let dot = |at: usize| path.get(at) == Some(&b'.');
        let (mut at, mut dots) = (0, false);
        if !self.inner.is_empty() {
            let text = Text::new(path);
            for inner in &self.inner {
                let start = at + inner.before as usize;
                at = text.segment(start).0 - inner.suffix as usize;
                dots |= dot(start);
                found.push(Span::new(start..at));
            }
        }
        let start = at + self.before as usize;
        found.push(Span::new(start..path.len() - self.behind as usize));
        dots | dot(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(texts: &[&str], path: &str) -> (Vec<std::ops::Range<usize>>, bool) {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let mut found = Vec::new();
        let dots = Spans::new(&texts).unwrap().locate(path.as_bytes(), &mut found);
        (found.into_iter().map(Span::range).collect(), dots)
    }

    #[test]
    fn parameters_are_found_again() {
        assert_eq!(locate(&["/img-", ".png"], "/img-a.png.png").0.first(), Some(&(5..10)));
        let long = "x".repeat(40);
        assert_eq!(locate(&["/a/", "s/b", "/"], &format!("/a/{long}s/b{long}/")), (vec![3..43, 46..86], false));
        assert_eq!(locate(&["/", "/", ""], "/a/b/c"), (vec![1..2, 3..6], false));
        assert_eq!(Spans::new(&["/about".to_owned()]), None);
    }

    #[test]
    fn dots_are_seen_in_every_parameter() {
        assert!(locate(&["/", "/", ""], "/./b").1);
        assert!(locate(&["/", "/x", ""], "/a/x..").1);
        assert!(!locate(&["/.", "/", ""], "/.a/b.").1);
    }
}
