//! The routes of one method: a lane for static paths, a tree for all others, and a faster way to the plain ones of those.

use std::collections::HashMap;

use crate::hasher::BuildPathHasher;
use crate::normal::{Normal, has_dot_segment, is_normal, with_normal};
use crate::order::{Relation, relation};
use crate::pattern::{Form, Pattern};
use crate::plain::Plain;
use crate::segment::Segment;
use crate::syntax::params as specs_of;
use crate::text::{Text, has_behind_slash};
use crate::tree::{NONE, Search, Tree};
use crate::{InsertError, Miss, Options, Params};

/// The routes of one method.
pub(crate) struct Lanes<T> {
    /// The leaves of paths without parameters, by the path that they match.
    fixed: HashMap<Box<str>, u32, BuildPathHasher>,
    /// The lengths of `fixed`'s keys, each as its [`length_bit`]. No key may have the length of a path, and then it need not
    /// be hashed; that is so of most paths with parameters, and of all paths where there is no static route.
    fixed_lengths: u64,
    /// All other forms of patterns. No static path is among them, so there are fewer branches to try and to come back from.
    tree: Tree,
    /// The same forms once more, if all are plain, no route has a condition, and the options are the default ones.
    plain: Option<Plain>,
    leaves: Vec<Leaf>,
    /// In the order in which they were registered.
    routes: Vec<Route<T>>,
    /// The forms in `tree` by their [`head`]: only those with the same one can be the same, collide, or hide one another, so a
    /// thousand routes need not each be compared with all others.
    by_head: HashMap<String, Vec<(Form, u32)>, BuildPathHasher>,
    /// Whether some parameter has a type.
    typed: bool,
}

struct Route<T> {
    value: T,
    /// As it was registered; only errors and misses read it.
    path: Box<str>,
    /// `None` of the one that has no condition.
    weight: Option<u32>,
    fixed: bool,
    /// How many its pattern has.
    forms: usize,
}

/// Which routes would never be asked for a form of a pattern, were it there.
#[derive(Default)]
struct Shadows {
    /// This one goes before it, and matches all that it matches.
    hidden_by: Option<u32>,
    /// So does it with one of their forms.
    hides: Vec<u32>,
}

/// The routes of one form of a pattern.
struct Leaf {
    /// The one that goes first.
    first: u32,
    /// The others, in order.
    more: Vec<u32>,
    /// Whether its last parameter is a catch-all.
    catch_all: bool,
}

impl Leaf {
    fn routes(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }
}

impl<T> Lanes<T> {
    pub(crate) fn new() -> Self {
        Self {
            fixed: HashMap::with_hasher(BuildPathHasher),
            fixed_lengths: 0,
            tree: Tree::new(),
            plain: Some(Plain::new()),
            leaves: Vec::new(),
            routes: Vec::new(),
            by_head: HashMap::default(),
            typed: false,
        }
    }

    /// How many static routes, and how many with parameters.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let fixed = self.routes.iter().filter(|route| route.fixed).count();
        (fixed, self.routes.len() - fixed)
    }

    pub(crate) fn insert(
        &mut self,
        method: &str,
        path: &str,
        weight: Option<u32>,
        value: T,
        options: &Options,
    ) -> Result<(), InsertError> {
        let invalid = |reason| InsertError::Invalid { path: path.to_owned(), reason };
        let pattern = Pattern::parse(path, options).map_err(invalid)?;
        let forms = pattern.forms(options);
        // First all that may be wrong, for nothing is taken back.
        let (mut hidden_by, mut hides) = (Vec::new(), Vec::new());
        for form in &forms {
            let shadows = self.check(method, path, weight, form, options)?;
            hidden_by.extend(shadows.hidden_by);
            hides.extend(shadows.hides);
        }
        let named = |with: u32| (method.to_owned(), path.to_owned(), self.routes[with as usize].path.to_string());
        if let Some(&by) = hidden_by.first()
            && hidden_by.len() == forms.len()
        {
            let (method, path, with) = named(by);
            return Err(InsertError::Shadowed { method, path, with });
        }
        let all_forms =
            |&&with: &&u32| hides.iter().filter(|&&other| other == with).count() >= self.routes[with as usize].forms;
        if let Some(&with) = hides.iter().find(all_forms) {
            let (method, path, with) = named(with);
            return Err(InsertError::Shadows { method, path, with });
        }
        let number = u32::try_from(self.routes.len()).expect("fewer than 4 billion routes");
        let (typed, catch_all) = (
            pattern.params.iter().any(|param| param.ty.is_some()),
            pattern.params.last().is_some_and(|param| param.catch_all),
        );
        self.typed |= typed;
        let fixed = pattern.params.is_empty();
        self.routes.push(Route { value, path: path.into(), weight, fixed, forms: forms.len() });
        if weight.is_some() || *options != Options::default() {
            self.plain = None;
        }
        for form in forms {
            let next = self.leaves.len() as u32;
            let (leaf, key) = match fixed_path(&form, options) {
                Some(key) => {
                    self.fixed_lengths |= length_bit(&key);
                    (self.fixed.entry(key.into()).or_insert(NONE), None)
                }
                None => {
                    // Once it cannot hold one of them, it is gone for good.
                    self.plain.take_if(|plain| !plain.hold(&form.segments, number));
                    (self.tree.leaf(&form.segments, form.empty_rest), Some(head(&form.segments)))
                }
            };
            if *leaf != NONE {
                let leaf = *leaf;
                self.add(leaf, number);
                continue;
            }
            *leaf = next;
            self.leaves.push(Leaf { first: number, more: Vec::new(), catch_all });
            if let Some(key) = key {
                self.by_head.entry(key).or_default().push((form, next));
            }
        }
        Ok(())
    }

    /// Puts a route where its weight has it.
    fn add(&mut self, leaf: u32, number: u32) {
        let weight = |number: u32| self.routes[number as usize].weight;
        let mut all: Vec<u32> = self.leaves[leaf as usize].routes().collect();
        // Higher first, and `None`, which has no condition, is less than all.
        let at = all.partition_point(|&other| weight(other) >= weight(number));
        all.insert(at, number);
        let leaf = &mut self.leaves[leaf as usize];
        (leaf.first, leaf.more) = (all[0], all[1..].to_vec());
    }

    /// The route of a leaf that has no condition.
    fn unconditional(&self, leaf: u32) -> Option<u32> {
        self.leaves[leaf as usize].routes().find(|&route| self.routes[route as usize].weight.is_none())
    }

    fn check(
        &self,
        method: &str,
        path: &str,
        weight: Option<u32>,
        form: &Form,
        options: &Options,
    ) -> Result<Shadows, InsertError> {
        let names = |with: u32| (method.to_owned(), path.to_owned(), self.routes[with as usize].path.to_string());
        let duplicate = |with: u32| {
            let (method, path, with) = names(with);
            Err(InsertError::Duplicate { method, path, with })
        };
        let mut shadows = Shadows::default();
        if let Some(key) = fixed_path(form, options) {
            return match self.fixed.get(&*key).and_then(|&leaf| self.unconditional(leaf)) {
                Some(with) if weight.is_none() => duplicate(with),
                _ => Ok(shadows),
            };
        }
        let near = self.by_head.get(&head(&form.segments)).map_or(&[][..], Vec::as_slice);
        for (other, leaf) in near {
            let relation = relation(&other.segments, &form.segments);
            // One that ends where the rest of it would begin leaves a path to whoever else has it.
            if (other.empty_rest || form.empty_rest) && relation != Relation::Conflict {
                continue;
            }
            match (relation, self.unconditional(*leaf)) {
                (Relation::Same, Some(with)) if weight.is_none() => return duplicate(with),
                (Relation::Conflict, _) => {
                    let (method, path, with) = names(self.leaves[*leaf as usize].first);
                    return Err(InsertError::Conflict { method, path, with });
                }
                (Relation::Hides, Some(with)) => shadows.hidden_by = Some(with),
                (Relation::Hidden, _) if weight.is_none() => shadows.hides.extend(self.leaves[*leaf as usize].routes()),
                _ => {}
            }
        }
        Ok(shadows)
    }

    /// The route of a path that is none for [`find_fixed`](Self::find_fixed); `params`, which is empty, gets its parameters, and
    /// stays so where there is none.
    #[inline(always)]
    pub(crate) fn find(
        &self,
        path: &str,
        params: &mut Params,
        options: &Options,
        mut accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        // The limit of a span, see `Params`.
        if path.len() > u32::MAX as usize {
            return Err(Miss::NotFound);
        }
        if !is_normal(path.as_bytes(), options) {
            return self.find_normal(path, params, options, accept);
        }
        if let Some(plain) = &self.plain {
            let Some(held) = plain.find(path) else { return Err(Miss::NotFound) };
            let value = &self.routes[held.route as usize].value;
            if accept(value) {
                let bytes = path.as_bytes();
                let dots = held.spans.locate(bytes, &mut params.spans);
                if (dots || held.catch_all)
                    && let Some(miss) = self.refusal(bytes, false, held.catch_all, held.route, params, options)
                {
                    params.clear();
                    return Err(miss);
                }
                return Ok(value);
            }
            // The next one that matches only the tree finds.
        }
        self.find_in_tree(Text::new(path.as_bytes()), None, params, options, accept)
    }

    /// The same for a path that is not its own normal form.
    #[cold]
    fn find_normal(
        &self,
        path: &str,
        params: &mut Params,
        options: &Options,
        accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        with_normal(path, options, |normal| {
            let value = self.find_in_normal(normal, params, options, accept)?;
            params.spans.iter_mut().for_each(|span| *span = normal.in_path(*span));
            Ok(value)
        })?
    }

    fn find_in_normal(
        &self,
        normal: &Normal,
        params: &mut Params,
        options: &Options,
        mut accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        if let Some(path) = normal.as_static()
            && let Some(value) = self.find_fixed(path, &mut accept)
        {
            return Ok(value);
        }
        self.find_in_tree(Text::new(normal.text()), Some(normal), params, options, accept)
    }

    /// The first acceptable route of a static path. Whatever the options are: a path that is a key is its own normal form.
    #[inline]
    pub(crate) fn find_fixed(&self, path: &str, accept: &mut impl FnMut(&T) -> bool) -> Option<&T> {
        if self.fixed_lengths & length_bit(path) == 0 {
            return None;
        }
        let leaf = &self.leaves[*self.fixed.get(path)? as usize];
        let route = self.first_accepted(leaf, accept)?;
        Some(&self.routes[route as usize].value)
    }

    #[inline]
    fn first_accepted(&self, leaf: &Leaf, accept: &mut impl FnMut(&T) -> bool) -> Option<u32> {
        if accept(&self.routes[leaf.first as usize].value) {
            return Some(leaf.first);
        }
        leaf.more.iter().copied().find(|&route| accept(&self.routes[route as usize].value))
    }

    #[inline]
    fn find_in_tree(
        &self,
        text: Text<'_>,
        normal: Option<&Normal>,
        params: &mut Params,
        options: &Options,
        mut accept: impl FnMut(&T) -> bool,
    ) -> Result<&T, Miss> {
        let exact = normal.map_or(text.bytes(), |normal| &normal.exact);
        let mut route = NONE;
        let mut search = Search {
            text,
            exact,
            spans: &mut params.spans,
            // A dot segment may stand behind an escaped slash, in the middle of a parameter.
            suspicious: options.max_param_length.is_some() || normal.is_some_and(Normal::has_escaped_slash),
            accept: |leaf| match self.first_accepted(&self.leaves[leaf as usize], &mut accept) {
                Some(accepted) => {
                    route = accepted;
                    true
                }
                None => false,
            },
        };
        let found = self.tree.find::<true, _>(&mut search);
        let (text, suspicious) = (search.text, search.suspicious);
        let Some(leaf) = found else {
            params.clear();
            return Err(if self.typed { self.wrong_type(text, exact, params, &mut accept) } else { Miss::NotFound });
        };
        if suspicious
            && let catch_all = self.leaves[leaf as usize].catch_all
            && let Some(miss) = self.refusal(text.bytes(), normal.is_some(), catch_all, route, params, options)
        {
            params.clear();
            return Err(miss);
        }
        Ok(&self.routes[route as usize].value)
    }

    /// Why what a parameter takes is refused, though its route was found: the first with which something is wrong. With `normal`,
    /// slashes may have been escaped.
    #[inline(never)]
    fn refusal(
        &self,
        bytes: &[u8],
        normal: bool,
        catch_all: bool,
        route: u32,
        params: &Params,
        options: &Options,
    ) -> Option<Miss> {
        let (rest, single) = match params.spans.split_last() {
            Some((last, before)) if catch_all => (Some(*last), before),
            _ => (None, &params.spans[..]),
        };
        for (param, span) in single.iter().enumerate() {
            let text = &bytes[span.range()];
            if matches!(text, [b'.'] | [b'.', b'.']) || (normal && has_dot_segment(text)) {
                return Some(Miss::DotSegment);
            }
            if let Some(limit) = options.max_param_length.filter(|&limit| span.range().len() > limit) {
                let specs = specs_of(&self.routes[route as usize].path);
                return Some(Miss::ParamTooLong { param: specs.get(param).map_or("", |spec| spec.name).into(), limit });
            }
        }
        let rest = rest?.range();
        // Nearly always no segment begins with a dot; but where slashes were escaped they do not show.
        let begins = bytes.get(rest.start) == Some(&b'.') || has_behind_slash(bytes, b'.');
        ((begins || normal) && has_dot_segment(&bytes[rest])).then_some(Miss::DotSegment)
    }

    /// Whether nothing was found because of a parameter's type. `params` is empty, before and afterwards.
    #[cold]
    fn wrong_type(
        &self,
        text: Text<'_>,
        exact: &[u8],
        params: &mut Params,
        mut accept: &mut dyn FnMut(&T) -> bool,
    ) -> Miss {
        let mut route = NONE;
        let mut search = Search {
            text,
            exact,
            spans: &mut params.spans,
            suspicious: false,
            accept: |leaf| match self.first_accepted(&self.leaves[leaf as usize], &mut accept) {
                Some(accepted) => {
                    route = accepted;
                    true
                }
                None => false,
            },
        };
        if self.tree.find::<false, _>(&mut search).is_none() {
            params.clear();
            return Miss::NotFound;
        }
        let specs = specs_of(&self.routes[route as usize].path);
        let wrong = specs.iter().zip(params.iter()).find_map(|(spec, range)| {
            let expected = spec.ty.filter(|ty| !ty.accepts_bytes(&exact[range]))?;
            Some(Miss::WrongType { param: spec.name.into(), expected })
        });
        params.clear();
        wrong.unwrap_or(Miss::NotFound)
    }

    /// The best route of a path, conditions ignored, as [`find`](Self::find) would find it.
    pub(crate) fn best(&self, path: &str, normal: &Normal, params: &mut Params, options: &Options) -> Result<&T, Miss> {
        params.clear();
        match self.find_fixed(path, &mut any) {
            Some(value) => Ok(value),
            None => self.find_in_normal(normal, params, options, &mut any),
        }
    }
}

/// Every value will do. One function, and `&mut` of it everywhere below [`Router`](crate::Router): all that searches is compiled anew for each type of what is asked.
pub(crate) fn any<T>(_: &T) -> bool {
    true
}

/// The path of a form without parameters, if it is its own normal form: no other path may be found as it comes.
fn fixed_path(form: &Form, options: &Options) -> Option<String> {
    let mut path = String::new();
    for segment in &form.segments {
        let Segment::Text(text) = segment else { return None };
        path.push('/');
        path.push_str(text);
    }
    (!form.empty_rest && is_normal(path.as_bytes(), options)).then_some(path)
}

/// The segments of text before the first one with a parameter.
fn head(segments: &[Segment]) -> String {
    let mut head = String::new();
    for segment in segments {
        let Segment::Text(text) = segment else { break };
        head.push_str(text);
        head.push('/');
    }
    head
}

/// One of 64 bits by the length of a path; lengths that differ by 64 share one.
#[inline]
fn length_bit(path: &str) -> u64 {
    1 << (path.len() % 64)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    const OPTIONS: Options = Options {
        case_sensitive: true,
        ignore_trailing_slash: false,
        ignore_duplicate_slashes: false,
        max_param_length: None,
    };

    fn lanes(patterns: &[String]) -> Option<Lanes<usize>> {
        let mut lanes = Lanes::new();
        let mut all = patterns.iter().enumerate();
        all.try_for_each(|(number, path)| lanes.insert("GET", path, None, number, &OPTIONS)).ok()?;
        Some(lanes)
    }

    fn in_turn(parts: &[&str], most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = 0;
        for _ in 0..most {
            let longer: Vec<_> =
                all[last..].iter().flat_map(|path| parts.iter().map(move |part| format!("{path}/{part}"))).collect();
            last = all.len();
            all.extend(longer);
        }
        all.split_off(1)
    }

    fn pattern() -> impl Strategy<Value = String> {
        let segments = ["{p}", "{p}", "a", "ab", "x", "a{p}", "ab{p}", "{p}s", "{p}ts", "a{p}s", "", "s"];
        let segments = prop::collection::vec(prop::sample::select(segments.to_vec()), 0..4);
        let end = prop::sample::select(vec!["/{p}", "/{p}", "/a{p}", "/{p}s", "/{*p}", "/a{*p}", "/ab{*p}", "/x", "/"]);
        (segments, end).prop_map(|(segments, end)| {
            let path: String = segments.iter().map(|segment| format!("/{segment}")).collect::<String>() + end;
            (0..5).fold(path, |path, n| path.replacen("p}", &format!("q{n}}}"), 1))
        })
    }

    proptest! {
        // Each case looks up a thousand paths.
        #![proptest_config(ProptestConfig {
            cases: ProptestConfig::default().cases.div_ceil(4),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// Sets that the fast lane holds, every short path in it and in the tree.
        #[test]
        fn the_fast_lane_finds_what_the_tree_finds(candidates in prop::collection::vec(pattern(), 1..16)) {
            let mut patterns = Vec::new();
            for pattern in candidates {
                patterns.push(pattern);
                if lanes(&patterns).is_none_or(|lanes| lanes.plain.is_none()) {
                    patterns.pop();
                }
            }
            let fast = lanes(&patterns).unwrap();
            let mut slow = lanes(&patterns).unwrap();
            slow.plain = None;
            let (mut one, mut other) = (Params::new(), Params::new());
            for path in in_turn(&["a", "ab", "abs", "as", "s", "x", "", "..", "a.", "%2e"], 3) {
                one.clear();
                other.clear();
                let found = fast.find(&path, &mut one, &OPTIONS, |_| true);
                prop_assert_eq!(found, slow.find(&path, &mut other, &OPTIONS, |_| true), "{} in {:?}", path, patterns);
                prop_assert_eq!(&one, &other, "{} in {:?}", path, patterns);
            }
        }
    }

    #[test]
    fn what_is_not_plain_ends_the_fast_lane_for_good() {
        let plain = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            lanes(&patterns).unwrap().plain.is_some()
        };
        assert!(plain(&["/a/{b}", "/static", "/a/{b}/{*c}"]));
        assert!(!plain(&["/a/{b}", "/c/{d:u8}", "/e/{f}"]));
        let options = Options { ignore_trailing_slash: true, ..OPTIONS };
        let mut lanes = Lanes::new();
        lanes.insert("GET", "/a/{b}", None, 0, &options).unwrap();
        assert!(lanes.plain.is_none());
        let mut lanes = Lanes::new();
        lanes.insert("GET", "/a/{b}", Some(1), 0, &OPTIONS).unwrap();
        assert!(lanes.plain.is_none());
    }

    /// A set that a refused route was no part of stays as it was.
    #[test]
    fn a_refused_route_leaves_the_fast_lane() {
        let mut lanes = Lanes::new();
        lanes.insert("GET", "/a/{b}", None, 0, &OPTIONS).unwrap();
        for path in ["/a/{c}", "/{x}{y}", "/a/{"] {
            lanes.insert("GET", path, None, 1, &OPTIONS).unwrap_err();
        }
        assert!(lanes.plain.is_some());
    }

    /// What the fast lane found may not be accepted, and then the next one that matches is asked.
    #[test]
    fn what_is_not_accepted_is_passed_over() {
        let lanes = lanes(&["/a/{b}".to_owned(), "/{c}/{d}".to_owned()]).unwrap();
        let asked = Cell::new(0);
        let mut params = Params::new();
        let found = lanes.find("/a/x", &mut params, &OPTIONS, |&number| {
            asked.set(asked.get() + 1);
            number == 1
        });
        assert_eq!(found, Ok(&1));
        assert_eq!(params.iter().collect::<Vec<_>>(), [1..2, 3..4]);
        assert!(asked.get() >= 2);
    }
}
