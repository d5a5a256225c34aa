//! The radix tree of the paths with parameters: matchit, behind a rule for conflicts that it keeps.
//!
//! matchit 0.9.2 refuses routes that do not collide, depending on which came first. It takes `/{user}/posts` and then
//! `/@{name}`, but after `/@{name}` it refuses `/{user}/posts`: looking for text behind `{user}`, which would be ambiguous
//! beside text before `{name}`, it looks past the end of the segment. And it takes routes that do collide, if a third one
//! stands between them in the tree. So [`relation`] judges. Where matchit refuses what that takes, it is told all routes
//! anew, in the order of [`Segment`]: whole parameters, then those with text beside them, static segments last. In that order
//! it takes everything: tried in 2026-08 with all 2.2 million pairs of 2,114 patterns, up to three segments of every kind,
//! and with 100,000 sets of 17 of them on average.

use std::collections::HashMap;

use crate::conflict::{Relation, Segment, relation};
use crate::hasher::BuildPathHasher;

/// A tree of shapes, see [`Pattern`](crate::pattern::Pattern). Its values are places, given out from 0, so it is small
/// whatever a route's value is.
pub(crate) struct Tree {
    matchit: matchit::Router<u32>,
    /// The shapes by their places.
    shapes: Vec<Box<str>>,
    /// The places by [`head`]: only shapes with the same one can be the same or collide, so a thousand routes need not each
    /// be compared with all others.
    by_head: HashMap<Box<str>, Vec<usize>, BuildPathHasher>,
}

/// Why the tree does not take a shape.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is there, at this place.
    Same(usize),
    /// It collides with the shape at this place.
    Collides(usize),
    /// In matchit's words. No such shape is known.
    Other(String),
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { matchit: matchit::Router::new(), shapes: Vec::new(), by_head: HashMap::default() }
    }

    /// Gives `shape` the next place.
    pub(crate) fn insert(&mut self, shape: &str) -> Result<(), Refusal> {
        let near = self.by_head.entry(head(shape).into()).or_default();
        let related = |wanted| near.iter().copied().find(|&place| relation(&self.shapes[place], shape) == wanted);
        if let Some(place) = related(Relation::Same) {
            return Err(Refusal::Same(place));
        }
        if let Some(place) = related(Relation::Collide) {
            return Err(Refusal::Collides(place));
        }
        let place = u32::try_from(self.shapes.len()).expect("fewer than 4 billion routes");
        if self.matchit.insert(shape, place).is_err() {
            // As many steps as there are routes, for one route; but few programs have a route of this kind.
            let all = self.shapes.iter().map(|shape| &**shape).chain([shape]);
            self.matchit = in_order(all).map_err(|error| Refusal::Other(error.to_string()))?;
        }
        near.push(self.shapes.len());
        self.shapes.push(shape.into());
        Ok(())
    }

    /// The place of the shape that matches.
    #[inline]
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        self.matchit.at(path).ok().map(|found| *found.value as usize)
    }
}

/// The static segments before the first one with a parameter, of which there is one.
fn head(shape: &str) -> &str {
    let fixed = shape.split('/').take_while(|segment| matches!(Segment::new(segment), Segment::Static(_)));
    &shape[..fixed.map(|segment| segment.len() + 1).sum()]
}

/// The tree of some shapes, told in the order in which matchit takes them.
#[cold]
fn in_order<'s>(shapes: impl IntoIterator<Item = &'s str>) -> Result<matchit::Router<u32>, matchit::InsertError> {
    let mut shapes: Vec<(u32, &str)> = (0..).zip(shapes).collect();
    shapes.sort_by(|(_, a), (_, b)| a.split('/').map(Segment::new).cmp(b.split('/').map(Segment::new)));
    let mut router = matchit::Router::new();
    for (place, shape) in shapes {
        router.insert(shape, place)?;
    }
    Ok(router)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(tree: &Tree, path: &str) -> Option<usize> {
        tree.find(path)
    }

    #[test]
    fn heads() {
        for (shape, expected) in
            [("/{p}", "/"), ("/a/b/{p}/c/{p}", "/a/b/"), ("/a{p}", "/"), ("/{{p}}/{*p}", "/{{p}}/"), ("//{p}s/", "//")]
        {
            assert_eq!(head(shape), expected, "{shape}");
        }
    }

    /// Should a later matchit take the second and refuse the third, this module can be simpler.
    #[test]
    fn what_matchit_makes_of_it() {
        let mut alone = matchit::Router::new();
        alone.insert("/@{p}", 0).unwrap();
        assert!(alone.insert("/{p}/posts", 1).is_err());
        let mut tree = Tree::new();
        tree.insert("/@{p}").unwrap();
        tree.insert("/{p}/posts").unwrap();
        assert_eq!(place(&tree, "/@me"), Some(0));
        assert_eq!(place(&tree, "/@me/posts"), Some(1));

        let mut alone = matchit::Router::new();
        for (number, shape) in ["/{p}s", "/a/x{p}", "/a{p}"].into_iter().enumerate() {
            alone.insert(shape, number).unwrap();
        }
        let mut tree = Tree::new();
        tree.insert("/{p}s").unwrap();
        tree.insert("/a/x{p}").unwrap();
        assert!(matches!(tree.insert("/a{p}"), Err(Refusal::Collides(0))));
    }

    /// Every two of many shapes: what the rule takes, matchit takes in its order, and a tree in either order.
    #[test]
    fn matchit_takes_all_that_the_rule_takes() {
        let segments = ["{p}", "a{p}", "ab{p}", "{{{p}", "{p}s", "{p}ts", "a{p}s", "{*p}", "a{*p}"];
        let mut shapes: Vec<String> = segments.iter().map(|one| format!("/{one}")).collect();
        for first in ["a", "{{"].iter().chain(&segments[..7]) {
            shapes.extend(segments.iter().map(|second| format!("/{first}/{second}")));
        }
        for first in &segments[..7] {
            shapes.extend(["a", "{{", ""].map(|second| format!("/{first}/{second}")));
        }
        for (i, a) in shapes.iter().enumerate() {
            for b in &shapes[i + 1..] {
                let apart = relation(a, b) == Relation::Apart;
                assert!(!apart || in_order([&**a, b]).is_ok(), "{a} {b}");
                for [first, second] in [[a, b], [b, a]] {
                    let mut tree = Tree::new();
                    tree.insert(first).unwrap();
                    assert_eq!(tree.insert(second).is_ok(), apart, "{first} {second}");
                }
            }
        }
    }
}
