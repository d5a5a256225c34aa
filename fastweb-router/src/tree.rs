//! The tree of a method's patterns: a node per segment, and a search that comes back from where nothing is found.
//!
//! # Why its time is bounded
//!
//! A node stands behind one way from the root, so it is entered with one beginning of the path, at most once in a lookup, however
//! often the search comes back. Each way out of a node looks at the one segment behind it. So a lookup looks at a segment once for
//! every pattern at worst: segments times patterns, and no power of either. Catch-alls do not even look at what they take.

use std::ops::Range;

use crate::ParamType;
use crate::literals::Literals;
use crate::params::Span;
use crate::segment::{Part, Segment, split};
use crate::text::Text;

/// No node, no leaf.
pub(crate) const NONE: u32 = u32::MAX;

pub(crate) struct Tree {
    /// The first one is the root.
    nodes: Vec<Node>,
}

/// What may stand in one place behind one beginning, in the order in which it is tried.
struct Node {
    /// Segments of text, to nodes.
    literals: Literals,
    /// Text beside parameters or a type, in order.
    edges: Vec<Edge>,
    /// `{p}`: a node.
    param: u32,
    /// `{*p}`: a leaf.
    rest: u32,
    /// `{*p?}`: a leaf.
    rest_or_empty: u32,
    /// There is more than literals and `{p}`.
    branches: bool,
    /// The path may end here.
    leaf: u32,
    /// The same, with an empty parameter at its end, see [`Form::empty_rest`](crate::pattern::Form).
    empty_rest: u32,
}

struct Edge {
    segment: Segment,
    /// Of `{p:type}`, without text.
    whole: Option<ParamType>,
    /// A node, and of a catch-all a leaf.
    to: u32,
}

/// What the paths of a search have in common.
pub(crate) struct Search<'p, 's, A> {
    pub(crate) text: Text<'p>,
    /// The same with the letters' case, for types.
    pub(crate) exact: &'p [u8],
    /// The parameters on the way to where the search stands.
    pub(crate) spans: &'s mut Vec<Span>,
    /// Whether the parameters have to be looked at when the search is over: some begin with a dot, or are catch-alls.
    pub(crate) suspicious: bool,
    /// Whether the leaf that was reached will do.
    pub(crate) accept: A,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { nodes: Vec::new() }
    }

    /// The leaf of these segments, which is [`NONE`] if they are new. The caller puts one there.
    pub(crate) fn leaf(&mut self, segments: &[Segment], empty_rest: bool) -> &mut u32 {
        if self.nodes.is_empty() {
            self.nodes.push(Node::new());
        }
        let mut at = 0;
        for segment in segments {
            if let Segment::CatchAll { head, empty } = segment {
                let node = &mut self.nodes[at];
                node.branches = true;
                return match (head.is_empty(), empty) {
                    (true, false) => &mut node.rest,
                    (true, true) => &mut node.rest_or_empty,
                    (false, _) => node.edge(segment),
                };
            }
            let next = self.nodes.len() as u32;
            let node = &mut self.nodes[at];
            let to = match segment {
                Segment::Text(text) => node.literals.entry(text),
                _ if segment.is_param() => &mut node.param,
                _ => node.edge(segment),
            };
            if *to == NONE {
                *to = next;
            }
            at = *to as usize;
            if at == next as usize {
                self.nodes.push(Node::new());
            }
        }
        let node = &mut self.nodes[at];
        if empty_rest { &mut node.empty_rest } else { &mut node.leaf }
    }

    /// The first leaf in the order of patterns that matches and is accepted. `search.spans` has its parameters then, and what it
    /// had before.
    ///
    /// Without `TYPED`, every text is of any type.
    #[inline]
    pub(crate) fn find<const TYPED: bool, A>(&self, search: &mut Search<'_, '_, A>) -> Option<u32>
    where
        A: FnMut(u32) -> bool,
    {
        let root = self.nodes.first()?;
        // Behind the first slash.
        if search.text.bytes().first() != Some(&b'/') { None } else { self.walk::<TYPED, A>(root, 1, search) }
    }

    /// From the segment that begins at `at` on. Leaves parameters behind where it finds nothing: who called knows how many there
    /// were. As deep as patterns are long at most, see `MOST_SEGMENTS`.
    fn walk<const TYPED: bool, A>(&self, from: &Node, at: usize, search: &mut Search<'_, '_, A>) -> Option<u32>
    where
        A: FnMut(u32) -> bool,
    {
        let (mut node, mut at) = (from, at);
        loop {
            let (end, first) = search.text.segment(at);
            let mut to = NONE;
            if !node.literals.is_empty() {
                let key = search.text.key(at, end, first);
                to = node.literals.get(key, end - at, || &search.text.bytes()[at..end]);
            }
            // Where there is one way to go, it is gone without a note of where it began. All else is out of the way of that.
            if to == NONE {
                if node.edges.is_empty() && (node.param == NONE || at == end) {
                    return search.rest(node, at);
                }
                if node.branches {
                    return self.fork::<TYPED, A>(node, to, at..end, search);
                }
                search.suspicious |= first as u8 == b'.';
                search.spans.push(Span::new(at..end));
                to = node.param;
            } else if node.branches || node.param != NONE {
                return self.fork::<TYPED, A>(node, to, at..end, search);
            }
            node = &self.nodes[to as usize];
            if end == search.text.len() {
                return self.end(node, search);
            }
            at = end + 1;
        }
    }

    /// What a node has beside literals and a parameter, and both of them if the literal is there: one after the other.
    #[inline(never)]
    fn fork<const TYPED: bool, A>(
        &self,
        node: &Node,
        literal: u32,
        place: Range<usize>,
        search: &mut Search<'_, '_, A>,
    ) -> Option<u32>
    where
        A: FnMut(u32) -> bool,
    {
        let Range { start: at, end } = place;
        let here = search.spans.len();
        if literal != NONE {
            let found = self.step::<TYPED, A>(literal, end, search);
            if found.is_some() {
                return found;
            }
            search.spans.truncate(here);
        }
        for edge in &node.edges {
            let found = self.follow::<TYPED, A>(edge, at..end, search);
            if found.is_some() {
                return found;
            }
            search.spans.truncate(here);
        }
        if node.param != NONE && at < end {
            search.suspicious |= search.text.bytes()[at] == b'.';
            search.spans.push(Span::new(at..end));
            let found = self.step::<TYPED, A>(node.param, end, search);
            if found.is_some() {
                return found;
            }
            search.spans.truncate(here);
        }
        search.rest(node, at)
    }

    /// Into a node: the segment before it ended at `end`.
    #[inline]
    fn step<const TYPED: bool, A>(&self, node: u32, end: usize, search: &mut Search<'_, '_, A>) -> Option<u32>
    where
        A: FnMut(u32) -> bool,
    {
        let node = &self.nodes[node as usize];
        if end == search.text.len() { self.end(node, search) } else { self.walk::<TYPED, A>(node, end + 1, search) }
    }

    /// The path is at its end.
    #[inline]
    fn end<A>(&self, node: &Node, search: &mut Search<'_, '_, A>) -> Option<u32>
    where
        A: FnMut(u32) -> bool,
    {
        if node.leaf != NONE && search.ends(node.leaf, None) {
            return Some(node.leaf);
        }
        let end = search.text.len();
        (node.empty_rest != NONE && search.ends(node.empty_rest, Some(end..end))).then_some(node.empty_rest)
    }

    /// Leaves parameters behind where it finds nothing.
    fn follow<const TYPED: bool, A>(
        &self,
        edge: &Edge,
        place: Range<usize>,
        search: &mut Search<'_, '_, A>,
    ) -> Option<u32>
    where
        A: FnMut(u32) -> bool,
    {
        let Range { start, end } = place;
        if let Some(ty) = edge.whole {
            if start == end || (TYPED && !ty.accepts_bytes(&search.exact[start..end])) {
                return None;
            }
            // No text of a type begins with a dot.
            search.spans.push(Span::new(start..end));
            return self.step::<TYPED, A>(edge.to, end, search);
        }
        let segment = &search.text.bytes()[start..end];
        match &edge.segment {
            Segment::Params { head, parts } => {
                let behind = segment.strip_prefix(head.as_bytes())?;
                let start = start + head.len();
                let (exact, spans) = (&search.exact[start..end], &mut *search.spans);
                let parts = parts.iter().map(|Part { ty, behind }| (*ty, behind.as_bytes()));
                let mut dots = false;
                let fits = split(behind, parts, |ty, range| {
                    dots |= behind[range.start] == b'.';
                    let accepted = !TYPED || ty.is_none_or(|ty: ParamType| ty.accepts_bytes(&exact[range.clone()]));
                    spans.push(Span::new(start + range.start..start + range.end));
                    accepted
                });
                search.suspicious |= dots;
                if fits { self.step::<TYPED, A>(edge.to, end, search) } else { None }
            }
            Segment::CatchAll { head, empty } => {
                segment.strip_prefix(head.as_bytes())?;
                let rest = start + head.len()..search.text.len();
                let fits = (*empty || !rest.is_empty()) && search.ends(edge.to, Some(rest));
                fits.then_some(edge.to)
            }
            Segment::Text(_) => None,
        }
    }
}

impl<A: FnMut(u32) -> bool> Search<'_, '_, A> {
    /// What is behind `at` is a catch-all's.
    #[inline]
    fn rest(&mut self, node: &Node, at: usize) -> Option<u32> {
        let rest = at..self.text.len();
        if node.rest != NONE && !rest.is_empty() && self.ends(node.rest, Some(rest.clone())) {
            return Some(node.rest);
        }
        (node.rest_or_empty != NONE && self.ends(node.rest_or_empty, Some(rest))).then_some(node.rest_or_empty)
    }

    /// Whether the leaf will do, with this as its last parameter.
    #[inline]
    fn ends(&mut self, leaf: u32, last: Option<Range<usize>>) -> bool {
        let pushed = last.is_some();
        self.spans.extend(last.map(Span::new));
        self.suspicious |= pushed;
        let accepted = (self.accept)(leaf);
        if pushed && !accepted {
            self.spans.pop();
        }
        accepted
    }
}

impl Node {
    fn new() -> Self {
        Self {
            literals: Literals::new(),
            edges: Vec::new(),
            param: NONE,
            rest: NONE,
            rest_or_empty: NONE,
            branches: false,
            leaf: NONE,
            empty_rest: NONE,
        }
    }

    fn edge(&mut self, segment: &Segment) -> &mut u32 {
        self.branches = true;
        let at = match self.edges.iter().position(|edge| edge.segment == *segment) {
            Some(at) => at,
            None => {
                let at = self.edges.partition_point(|edge| edge.segment.precedence(segment).is_le());
                self.edges.insert(at, Edge { segment: segment.clone(), whole: segment.whole_type(), to: NONE });
                at
            }
        };
        &mut self.edges[at].to
    }
}
