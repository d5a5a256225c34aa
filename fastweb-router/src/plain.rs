//! The fast lane of plain routes with parameters: matchit, as far as it finds what the tree of segments finds.
//!
//! Plain are patterns of text, of segments with one parameter of no type, and of a catch-all that takes something. While all of a
//! method's routes with parameters are plain and have no condition, its paths are looked up here, which is faster; whatever else
//! there is to know of them the [tree](crate::tree) knows, which always has them too.
//!
//! matchit 0.9.2 does not find the same in every set of them, so a set has to keep two rules, which hold for the segments with
//! a parameter that stand in one place, behind the same beginning:
//!
//! - One with text behind its parameter stands there alone. Of several texts behind a parameter, matchit goes by the first that
//!   fits, and does not come back from there for another one, or for the parameter without text: beside `/{a}/x` and `/{a}-b/y` it
//!   does not find `/1-b/x`.
//! - The others differ in the text before the parameter. `/{a}/x` and `/{*b}` it does not take at all.
//!
//! And it refuses some sets for the order in which it is told of them: `/{user}/posts` after `/@{name}`. Those are the tree's.

use std::collections::HashMap;

use crate::hasher::BuildPathHasher;
use crate::segment::{Part, Segment};
use crate::spans::Spans;

/// The plain routes of a method, by the paths that they match.
pub(crate) struct Plain {
    /// Of shapes, to places in `held`. A shape is the pattern with every parameter called `p`: matchit needs no names, and forgets
    /// that a brace is text if that stands right behind a parameter with a longer name.
    matchit: matchit::Router<u32>,
    held: Vec<Held>,
    /// By the shape before a segment with a parameter, which of those stand there.
    places: HashMap<String, Place, BuildPathHasher>,
    /// By the shape before a parameter without text behind it, whether it is a catch-all.
    params: HashMap<String, bool, BuildPathHasher>,
}

/// A route, as it is found.
pub(crate) struct Held {
    pub(crate) route: u32,
    pub(crate) spans: Spans,
    /// Whether its last parameter is one.
    pub(crate) catch_all: bool,
}

/// The segments with a parameter in a place.
enum Place {
    /// Text behind its parameter, and so no other one.
    Suffixed(Segment),
    Others,
}

impl Plain {
    pub(crate) fn new() -> Self {
        Self {
            matchit: matchit::Router::new(),
            held: Vec::new(),
            places: HashMap::default(),
            params: HashMap::default(),
        }
    }

    /// Takes a route, if it is plain and the rules hold with it. If not, this is not to be asked for anything any more.
    #[must_use]
    pub(crate) fn hold(&mut self, segments: &[Segment], route: u32) -> bool {
        self.try_hold(segments, route).is_some()
    }

    fn try_hold(&mut self, segments: &[Segment], route: u32) -> Option<()> {
        let mut shape = String::new();
        let mut texts = vec![String::new()];
        let mut catch_all = false;
        for segment in segments {
            let param = parameter(segment)?;
            append(&mut shape, &mut texts, "/");
            let place = shape.clone();
            append(&mut shape, &mut texts, segment.head());
            let Some(Parameter { behind, rest }) = param else { continue };
            self.keep_rules(place, &shape, segment, behind, rest)?;
            shape.push_str(if rest { "{*p}" } else { "{p}" });
            texts.push(String::new());
            append(&mut shape, &mut texts, behind);
            catch_all = rest;
        }
        let spans = Spans::new(&texts)?;
        let place = u32::try_from(self.held.len()).ok()?;
        self.matchit.insert(shape, place).ok()?;
        self.held.push(Held { route, spans, catch_all });
        Some(())
    }

    /// Notes a segment with a parameter, or finds that it breaks one of the two rules.
    fn keep_rules(&mut self, place: String, before: &str, segment: &Segment, behind: &str, rest: bool) -> Option<()> {
        let suffixed = !behind.is_empty();
        let there = self.places.entry(place).or_insert_with(|| match suffixed {
            true => Place::Suffixed(segment.clone()),
            false => Place::Others,
        });
        let kept = match there {
            Place::Suffixed(only) => only == segment,
            Place::Others => !suffixed && *self.params.entry(before.to_owned()).or_insert(rest) == rest,
        };
        kept.then_some(())
    }

    /// The route of a path that is its own normal form.
    #[inline]
    pub(crate) fn find(&self, path: &str) -> Option<&Held> {
        // Most often there is none because the method has no routes at all.
        if self.held.is_empty() {
            return None;
        }
        let found = self.matchit.at(path).ok()?;
        self.held.get(*found.value as usize)
    }
}

/// The parameter of a plain segment.
struct Parameter<'s> {
    /// The text behind it.
    behind: &'s str,
    /// Whether it is a catch-all.
    rest: bool,
}

/// `None` if the segment is not plain; of text it is `Some(None)`.
fn parameter(segment: &Segment) -> Option<Option<Parameter<'_>>> {
    match segment {
        Segment::Text(_) => Some(None),
        Segment::Params { parts, .. } => match &parts[..] {
            [Part { ty: None, behind }] => Some(Some(Parameter { behind, rest: false })),
            _ => None,
        },
        Segment::CatchAll { empty, .. } => (!empty).then_some(Some(Parameter { behind: "", rest: true })),
    }
}

/// Text is in a shape with its braces doubled.
fn append(shape: &mut String, texts: &mut [String], text: &str) {
    shape.push_str(&text.replace('{', "{{").replace('}', "}}"));
    if let Some(last) = texts.last_mut() {
        last.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use crate::pattern::Pattern;

    /// Whether the lane holds these, told in this order.
    fn holds(patterns: &[&str]) -> bool {
        let mut plain = Plain::new();
        patterns.iter().enumerate().all(|(number, path)| {
            let pattern = Pattern::parse(path, &Options::default()).unwrap();
            plain.hold(&pattern.segments, number as u32)
        })
    }

    #[test]
    fn plain_patterns_are_held() {
        for patterns in [
            &["/{a}", "/{a}/", "/{a}/{b}", "/{a}/b", "/b/{a}"][..],
            &["/{a}", "/x{a}", "/xy{a}", "/x/{*a}"],
            &["/{*a}", "/x{*a}", "/xy{a}", "/y/{*a}"],
            &["/{a}.json", "/{b}.json/x", "/x/{a}.json", "/z/y-{a}.png"],
            &["/{{{a}/x", "/{{{b}/{{x}}"],
            &["/{a}{{x}}", "/ü/{a}ü"],
        ] {
            assert!(holds(patterns), "{patterns:?}");
        }
    }

    #[test]
    fn what_matchit_does_not_find_is_not_held() {
        for patterns in [
            &["/{a:u8}"][..],
            &["/{a}-{b}"],
            &["/{*a?}"],
            &["/about"],
            &["/{a}", "/{*b}"],
            &["/x{a}/y", "/x{*b}"],
            &["/{a}/x", "/{a}-b/y"],
            &["/{a}-b/y", "/{a}/x"],
            &["/{a}-b", "/{a}-c"],
            &["/x{a}-b", "/x{a}"],
            &["/x{a}-b", "/y{a}"],
            &["/x/{a}-b", "/x/{*a}"],
        ] {
            assert!(!holds(patterns), "{patterns:?}");
        }
    }

    /// Should a later matchit do all of this, this module can be simpler.
    #[test]
    fn what_matchit_makes_of_it() {
        let mut alone = matchit::Router::new();
        alone.insert("/{p}/x", 0).unwrap();
        alone.insert("/{p}-b/y", 1).unwrap();
        assert!(alone.at("/1-b/y").is_ok());
        assert!(alone.at("/1-b/x").is_err());

        let mut alone = matchit::Router::new();
        alone.insert("/@{p}", 0).unwrap();
        assert!(alone.insert("/{p}/posts", 1).is_err());
        assert!(!holds(&["/@{p}", "/{p}/posts"]));
        assert!(holds(&["/{p}/posts", "/@{p}"]));
    }
}
