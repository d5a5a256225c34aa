//! Where the parameters of a match stand in the path.

use std::fmt;
use std::ops::Range;

/// The byte ranges of a path that a pattern's parameters matched, in the order in which the pattern names them.
///
/// There is neither text nor a name in here: the text is `&path[range]`, as it came in the request (percent-encoding is
/// not undone, even where the route was found by what it undoes to), and the names belong to the pattern and are known before any request ([`param_names`](crate::param_names)).
///
/// Make one and hand it to every [`find`](crate::Router::find): it is emptied there, but keeps its memory, so that after
/// the first few lookups none of them allocates. A span takes 8 bytes.
///
/// ```
/// use fastweb_router::{Params, Router};
///
/// let mut router = Router::new();
/// router.insert("GET", "/teams/{team}/files/{*path}", ())?;
///
/// let mut params = Params::new();
/// let path = "/teams/blue/files/2026/plan.pdf";
/// assert!(router.find("GET", path, &mut params).is_ok());
///
/// let values: Vec<&str> = params.iter().map(|range| &path[range]).collect();
/// assert_eq!(values, ["blue", "2026/plan.pdf"]);
/// # Ok::<(), fastweb_router::InsertError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    pub(crate) spans: Vec<Span>,
}

/// 32 bits reach further than any path a server takes; two `usize` would double what is written per match.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// Of a path shorter than 4 GiB.
    #[inline]
    pub(crate) fn new(range: Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }

    #[inline]
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Params {
    /// No parameters, and no memory yet.
    ///
    /// ```
    /// use fastweb_router::Params;
    ///
    /// assert!(Params::new().is_empty());
    /// ```
    pub const fn new() -> Self {
        Self { spans: Vec::new() }
    }

    /// How many there are.
    ///
    /// ```
    /// use fastweb_router::Params;
    ///
    /// let mut params = Params::new();
    /// params.push(7..9);
    /// assert_eq!(params.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none: the route's path is static, or nothing matched.
    ///
    /// ```
    /// use fastweb_router::{Params, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/about", ())?;
    /// let mut params = Params::new();
    /// router.find("GET", "/about", &mut params);
    /// assert!(params.is_empty());
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The range of the `i`-th parameter of the pattern, counted from 0.
    ///
    /// ```
    /// use fastweb_router::{Params, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/users/{id}", ())?;
    /// let mut params = Params::new();
    /// router.find("GET", "/users/42", &mut params);
    ///
    /// assert_eq!(params.get(0), Some(7..9));
    /// assert_eq!(params.get(1), None);
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn get(&self, i: usize) -> Option<Range<usize>> {
        self.spans.get(i).map(|span| span.range())
    }

    /// All ranges, in the pattern's order; zipped with [`param_names`](crate::param_names) they have their names.
    ///
    /// ```
    /// use fastweb_router::{Params, Router, param_names};
    ///
    /// let pattern = "/repos/{owner}/{repo}";
    /// let mut router = Router::new();
    /// router.insert("GET", pattern, ())?;
    ///
    /// let path = "/repos/rust-lang/rust";
    /// let mut params = Params::new();
    /// router.find("GET", path, &mut params);
    /// let named: Vec<_> = param_names(pattern).into_iter().zip(params.iter().map(|range| &path[range])).collect();
    /// assert_eq!(named, [("owner", "rust-lang"), ("repo", "rust")]);
    /// # Ok::<(), fastweb_router::InsertError>(())
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Range<usize>> + DoubleEndedIterator + Clone {
        self.spans.iter().map(|span| span.range())
    }

    /// Forgets the parameters and keeps their memory for the next match.
    ///
    /// ```
    /// use fastweb_router::Params;
    ///
    /// let mut params = Params::new();
    /// params.push(1..4);
    /// params.clear();
    /// assert!(params.is_empty());
    /// ```
    #[inline]
    pub fn clear(&mut self) {
        self.spans.clear();
    }

    /// Appends a parameter. [`find`](crate::Router::find) does that by itself; this is for tests and for a path that
    /// something other than a router has taken apart.
    ///
    /// ```
    /// use fastweb_router::Params;
    ///
    /// let mut params = Params::new();
    /// params.push(7..9);
    /// assert_eq!(params.get(0), Some(7..9));
    /// ```
    ///
    /// # Panics
    ///
    /// Where `range` ends before it starts, or beyond `u32::MAX`. `find` gives it no such range.
    pub fn push(&mut self, range: Range<usize>) {
        assert!(range.start <= range.end, "a parameter cannot end at {} and start at {}", range.end, range.start);
        let end = u32::try_from(range.end).expect("a parameter ends within the first 4 GiB of the path");
        self.spans.push(Span { start: range.start as u32, end });
    }
}

/// Prints the ranges: `[7..9, 10..14]`.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_memory() {
        let mut params = Params::new();
        params.push(1..3);
        params.push(4..4);
        assert_eq!(params.iter().collect::<Vec<_>>(), [1..3, 4..4]);
        assert_eq!(params.iter().len(), 2);
        assert_eq!((params.get(1), params.get(2)), (Some(4..4), None));
        assert_eq!(format!("{params:?}"), "[1..3, 4..4]");

        let room = params.spans.capacity();
        params.clear();
        assert!(params.is_empty());
        assert_eq!(params.spans.capacity(), room);
    }

    #[test]
    fn a_long_path_fits() {
        let mut params = Params::new();
        params.push(65_535..70_000);
        assert_eq!(params.get(0), Some(65_535..70_000));
    }

    #[test]
    #[should_panic(expected = "first 4 GiB")]
    #[cfg(target_pointer_width = "64")]
    fn beyond_32_bits() {
        Params::new().push(0..1 << 32);
    }

    #[test]
    #[should_panic(expected = "cannot end at 1 and start at 2")]
    fn backwards() {
        #[expect(clippy::reversed_empty_ranges)]
        Params::new().push(2..1);
    }
}
