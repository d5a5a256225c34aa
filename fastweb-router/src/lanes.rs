//! The routes of one method: a lane for static paths, a lane for those with parameters.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::hasher::BuildPathHasher;
use crate::pattern::Pattern;
use crate::spans::Spans;
use crate::tree::{Refusal, Tree};
use crate::{InsertError, Params};

/// The routes of one method.
pub(crate) struct Lanes<T> {
    /// Routes without parameters, by the path that they match.
    fixed: HashMap<Box<str>, T, BuildPathHasher>,
    /// The lengths of `fixed`'s keys, each as its [`length_bit`]. No key may have the length of a path, and then it need not
    /// be hashed; that is so of most paths with parameters, and of all paths where there is no static route.
    fixed_lengths: u64,
    /// Routes with parameters. No static path is among them, so there are fewer branches to try and to come back from.
    tree: Tree,
    /// They themselves, by their places in `tree`.
    dynamic: Vec<Dynamic<T>>,
}

/// A route with parameters.
struct Dynamic<T> {
    value: T,
    spans: Spans,
    /// As it was registered; only error messages read it.
    path: Box<str>,
}

impl<T> Lanes<T> {
    pub(crate) fn new() -> Self {
        Self { fixed: HashMap::with_hasher(BuildPathHasher), fixed_lengths: 0, tree: Tree::new(), dynamic: Vec::new() }
    }

    /// How many static routes, and how many with parameters.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.fixed.len(), self.dynamic.len())
    }

    pub(crate) fn insert(&mut self, method: &str, path: &str, pattern: Pattern, value: T) -> Result<(), InsertError> {
        match pattern {
            Pattern::Static(text) => match self.fixed.entry(text.into()) {
                Entry::Vacant(entry) => {
                    self.fixed_lengths |= length_bit(entry.key());
                    entry.insert(value);
                }
                // Two paths with the same text are the same path: there is but one way to write an escape.
                Entry::Occupied(_) => {
                    let (method, path) = (method.to_owned(), path.to_owned());
                    return Err(InsertError::Duplicate { method, with: path.clone(), path });
                }
            },
            Pattern::Dynamic { shape, texts } => {
                self.tree.insert(&shape).map_err(|refusal| self.explain(method, path, refusal))?;
                let spans = Spans::new(&texts);
                self.dynamic.push(Dynamic { value, spans, path: path.into() });
            }
        }
        Ok(())
    }

    #[cold]
    fn explain(&self, method: &str, path: &str, refusal: Refusal) -> InsertError {
        let (method, path) = (method.to_owned(), path.to_owned());
        let registered = |place: usize| self.dynamic[place].path.to_string();
        match refusal {
            Refusal::Same(place) => InsertError::Duplicate { method, path, with: registered(place) },
            Refusal::Collides(place) => InsertError::Conflict { method, path, with: registered(place) },
            Refusal::Other(reason) => InsertError::Invalid { path, reason },
        }
    }

    /// The route of a path; `params`, which is empty, gets its parameters, and stays so where there is none.
    #[inline]
    pub(crate) fn find(&self, path: &str, params: &mut Params) -> Option<&T> {
        if self.fixed_lengths & length_bit(path) != 0
            && let Some(value) = self.fixed.get(path)
        {
            return Some(value);
        }
        // The limit of a span, see `Params`.
        if self.dynamic.is_empty() || path.len() > u32::MAX as usize {
            return None;
        }
        let route = &self.dynamic[self.tree.find(path)?];
        params.fill(path, &route.spans);
        Some(&route.value)
    }

    /// Whether there is a route for this path.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.fixed.contains_key(path) || self.tree.find(path).is_some()
    }
}

/// One of 64 bits by the length of a path; lengths that differ by 64 share one.
#[inline]
fn length_bit(path: &str) -> u64 {
    1 << (path.len() % 64)
}
