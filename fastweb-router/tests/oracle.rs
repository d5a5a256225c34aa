//! The router against the slow way that is obviously right: every route is tried by itself, and of those that match the
//! path the most specific one wins.

use std::ops::Range;

use fastweb_router::{InsertError, Params, Router, param_names};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// A path with parameters, as a matcher without a tree would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    // From the most specific to the least: that is the rule.
    Byte(u8),
    Param,
    CatchAll,
}

#[derive(Clone, Debug)]
struct Route {
    method: &'static str,
    path: String,
    tokens: Vec<Token>,
}

/// Reads the syntax in the plainest way; the generator makes no faults.
fn tokens(path: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'{' && after[0] != b'{' {
            tokens.push(if after[0] == b'*' { Token::CatchAll } else { Token::Param });
            let close = after.iter().position(|&byte| byte == b'}').unwrap();
            rest = &after[close + 1..];
        } else {
            tokens.push(Token::Byte(byte));
            rest = if let b'{' | b'}' = byte { &after[1..] } else { after };
        }
    }
    tokens
}

/// The parameters' ranges, if the path matches. A parameter takes at least one byte and no slash; where text follows it
/// in the segment it takes as much as leaves that text.
fn matches(tokens: &[Token], path: &[u8], at: usize) -> Option<Vec<Range<usize>>> {
    let Some((token, after)) = tokens.split_first() else {
        return (at == path.len()).then(Vec::new);
    };
    match token {
        Token::Byte(byte) => {
            if path.get(at) == Some(byte) {
                matches(after, path, at + 1)
            } else {
                None
            }
        }
        Token::CatchAll => (at < path.len()).then(|| std::iter::once(at..path.len()).collect()),
        Token::Param => {
            let segment = path[at..].iter().take_while(|&&byte| byte != b'/').count();
            (1..=segment).rev().find_map(|len| {
                let mut params = matches(after, path, at + len)?;
                params.insert(0, at..at + len);
                Some(params)
            })
        }
    }
}

type Found<'r> = Option<(&'r Route, Vec<Range<usize>>)>;

/// Of the routes that match, the one that has the more specific token where they first differ.
fn find_of<'r>(routes: &'r [Route], method: &str, path: &str) -> Found<'r> {
    let of_method = routes.iter().filter(|route| route.method == method);
    let hits = of_method.filter_map(|route| Some((route, matches(&route.tokens, path.as_bytes(), 0)?)));
    hits.min_by(|(a, _), (b, _)| {
        let differ = a.tokens.iter().zip(&b.tokens).find(|(a, b)| a != b);
        let (a, b) = differ.expect("two routes that match the same path differ before either ends");
        a.cmp(b)
    })
}

fn find<'r>(routes: &'r [Route], method: &str, path: &str) -> Found<'r> {
    let found = find_of(routes, method, path);
    if method == "HEAD" { found.or_else(|| find_of(routes, "GET", path)) } else { found }
}

/// What should become of a route that comes after the others.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    Duplicate,
    Conflict,
}

/// Two routes are the same if all their tokens are, and collide if the first that differ are a parameter and a catch-all.
/// Text behind a parameter has rules of its own (see `soundness`).
fn verdict(routes: &[Route], new: &Route) -> Verdict {
    let mut verdict = Verdict::Taken;
    for old in routes.iter().filter(|old| old.method == new.method) {
        if old.tokens == new.tokens {
            return Verdict::Duplicate;
        }
        if let Some((Token::Param, Token::CatchAll) | (Token::CatchAll, Token::Param)) =
            old.tokens.iter().zip(&new.tokens).find(|(a, b)| a != b)
        {
            verdict = Verdict::Conflict;
        }
    }
    verdict
}

const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PURGE", "M-SEARCH"];
const TEXTS: [&str; 8] = ["a", "b", "ab", "abc", "", "{{", "a}}", "ü"];

/// A path of few different segments, so that routes share beginnings, collide, and leave the search dead ends. With
/// `suffixes`, parameters have text behind them too.
fn path(suffixes: bool) -> impl Strategy<Value = String> {
    let text = || prop::sample::select(&TEXTS[..]);
    let suffix = move || if suffixes { prop_oneof!["", "s", "ts"].boxed() } else { Just(String::new()).boxed() };
    let segment = prop_oneof![
        4 => text().prop_map(str::to_owned),
        3 => suffix().prop_map(|suffix| format!("{{NAME}}{suffix}")),
        1 => (text(), suffix()).prop_map(|(text, suffix)| format!("{text}{{NAME}}{suffix}")),
    ];
    let end = prop_oneof![
        6 => Just(String::new()),
        1 => Just("/{*NAME}".to_owned()),
        1 => text().prop_map(|text| format!("/{text}{{*NAME}}")),
    ];
    (prop::collection::vec(segment, 0..4), end, "[a-c]").prop_map(|(segments, end, name)| {
        let mut path: String = segments.iter().map(|segment| format!("/{segment}")).collect::<String>() + &end;
        if path.is_empty() {
            path.push('/');
        }
        // The names differ within a path, and may differ between paths of one shape.
        for n in 0.. {
            let renamed = path.replacen("NAME", &format!("{name}{n}"), 1);
            if renamed == path {
                return path;
            }
            path = renamed;
        }
        unreachable!()
    })
}

fn route(suffixes: bool) -> impl Strategy<Value = Route> {
    (prop::sample::select(&METHODS[..]), path(suffixes)).prop_map(|(method, path)| Route {
        method,
        tokens: tokens(&path),
        path,
    })
}

/// A request's path: made from a route's, so that many match, and then perhaps damaged; or anything at all.
fn request(routes: Vec<Route>) -> impl Strategy<Value = String> {
    let value = prop_oneof![Just("x".to_owned()), Just("ts".to_owned()), "[abs{}ü]{0,3}"];
    let made =
        (prop::sample::select(routes), prop::collection::vec(value, 4), "/?[ab]?").prop_map(|(route, values, end)| {
            let mut path = Vec::new();
            let mut values = values.iter().cycle();
            for token in route.tokens {
                match token {
                    Token::Byte(byte) => path.push(byte),
                    Token::Param => path.extend(values.next().unwrap().bytes()),
                    Token::CatchAll => path.extend(format!("{}{end}", values.next().unwrap()).bytes()),
                }
            }
            String::from_utf8(path).expect("tokens of whole texts")
        });
    let damaged = (made.clone(), "[/as]{0,2}").prop_map(|(path, end)| path + &end);
    prop_oneof![6 => made, 2 => damaged, 1 => "/[/abs{}ü]{0,8}"]
}

/// Up to 14 routes, and requests for them.
fn case(suffixes: bool) -> impl Strategy<Value = (Vec<Route>, Vec<String>)> {
    let routes = prop::collection::vec(route(suffixes), 1..14);
    routes.prop_flat_map(|routes| {
        let requests = prop::collection::vec(request(routes.clone()), 1..12);
        (Just(routes), requests)
    })
}

fn config() -> ProptestConfig {
    // `PROPTEST_CASES` asks for more. A case that was found becomes a test of its own in the files beside this one.
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(2_000), failure_persistence: None, ..default }
}

/// How often the cases reached what they are there for.
#[derive(Debug, Default)]
struct Reached {
    duplicates: usize,
    conflicts: usize,
    misses: usize,
    fixed: usize,
    params: usize,
    catch_alls: usize,
    head_of_get: usize,
    several: usize,
}

fn check(routes: &[Route], requests: &[String], reached: &mut Reached) -> Result<(), TestCaseError> {
    let mut router = Router::new();
    let mut taken: Vec<Route> = Vec::new();
    for route in routes {
        let expected = verdict(&taken, route);
        match router.insert(route.method, &route.path, taken.len()) {
            Ok(()) => {
                prop_assert_eq!(expected, Verdict::Taken, "{} {}", route.method, &route.path);
                taken.push(route.clone());
            }
            Err(error) => {
                let (got, with) = match &error {
                    InsertError::Duplicate { with, .. } => (Verdict::Duplicate, with),
                    InsertError::Conflict { with, .. } => (Verdict::Conflict, with),
                    other => return Err(TestCaseError::fail(format!("{other}"))),
                };
                reached.duplicates += usize::from(got == Verdict::Duplicate);
                reached.conflicts += usize::from(got == Verdict::Conflict);
                prop_assert_eq!(&got, &expected, "{}", &error);
                let named: Vec<Route> = taken.iter().filter(|route| route.path == *with).cloned().collect();
                prop_assert_eq!(verdict(&named, route), got, "{}, which is not so", error);
            }
        }
    }
    prop_assert_eq!(router.len(), taken.len());

    let mut params = Params::new();
    for path in requests {
        for method in METHODS {
            let expected = find(&taken, method, path);
            let got = router.find(method, path, &mut params).map(|&place| &taken[place]);
            let ranges: Vec<_> = params.iter().collect();
            prop_assert_eq!(
                got.map(|route| &route.path),
                expected.as_ref().map(|(route, _)| &route.path),
                "{} {}",
                method,
                path
            );
            match (&expected, got) {
                (Some((route, _)), Some(got)) => {
                    prop_assert_eq!(route.method, got.method);
                    prop_assert_eq!(param_names(&got.path).len(), ranges.len());
                    reached.fixed += usize::from(ranges.is_empty());
                    reached.params += usize::from(route.tokens.contains(&Token::Param));
                    reached.catch_alls += usize::from(route.tokens.contains(&Token::CatchAll));
                    reached.head_of_get += usize::from(method == "HEAD" && route.method == "GET");
                    let of_method = taken.iter().filter(|other| other.method == route.method);
                    let hits = of_method.filter(|other| matches(&other.tokens, path.as_bytes(), 0).is_some());
                    reached.several += usize::from(hits.count() > 1);
                }
                _ => reached.misses += 1,
            }
            prop_assert_eq!(ranges, expected.map(|(_, params)| params).unwrap_or_default(), "{} {}", method, path);
        }
        let allowed: Vec<&str> = ["GET", "HEAD", "POST", "M-SEARCH", "PURGE"]
            .into_iter()
            .filter(|method| find(&taken, method, path).is_some())
            .collect();
        prop_assert_eq!(router.allowed(path), allowed, "{}", path);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn router_is_the_naive_matcher((routes, requests) in case(false)) {
        check(&routes, &requests, &mut Reached::default())?;
    }

    /// With text behind parameters, which routes collide and which one goes first is not written down here a second time.
    /// But what is found has to match, the order of the routes may not matter, and what some route matches has to be found
    /// unless text behind a parameter leads the search astray (see `dynamic_lane.rs`).
    #[test]
    fn soundness((routes, requests) in case(true)) {
        let mut router = Router::new();
        let mut taken: Vec<Route> = Vec::new();
        for route in &routes {
            if router.insert(route.method, &route.path, taken.len()).is_ok() {
                taken.push(route.clone());
            }
        }
        let mut backwards = Router::new();
        for (place, route) in taken.iter().enumerate().rev() {
            backwards.insert(route.method, &route.path, place).map_err(|error| TestCaseError::fail(error.to_string()))?;
        }
        let mut params = Params::new();
        for path in &requests {
            for method in ["GET", "POST", "PURGE", "M-SEARCH"] {
                let found = router.find(method, path, &mut params).copied();
                let ranges: Vec<_> = params.iter().collect();
                let expected = found.map(|place| matches(&taken[place].tokens, path.as_bytes(), 0));
                prop_assert_eq!(expected.unwrap_or(Some(Vec::new())), Some(ranges), "{} {}", method, path);
                if let Some(place) = found {
                    prop_assert_eq!(taken[place].method, method);
                }
                prop_assert_eq!(backwards.find(method, path, &mut params).copied(), found, "{} {}", method, path);
                let of_method = || taken.iter().filter(|route| route.method == method);
                if found.is_none() && of_method().any(|route| matches(&route.tokens, path.as_bytes(), 0).is_some()) {
                    let astray = |pair: &[Token]| matches!(pair, [Token::Param, Token::Byte(byte)] if *byte != b'/');
                    prop_assert!(of_method().any(|route| route.tokens.windows(2).any(astray)), "{} {}", method, path);
                }
            }
        }
    }

    /// Whatever stands in a pattern, it is refused with a reason or it is a route; a path of any text is found or not.
    #[test]
    fn nothing_panics(patterns in prop::collection::vec("/?[/{}*ab]{0,12}", 1..12), path in "\\PC{0,16}") {
        let mut router = Router::new();
        for pattern in &patterns {
            if let Err(error) = router.insert("GET", pattern, ()) {
                prop_assert!(error.to_string().contains(pattern.as_str()), "{}", error);
            }
        }
        let mut params = Params::new();
        router.find("GET", &path, &mut params);
        for pattern in &patterns {
            router.find("GET", pattern, &mut params);
            router.allowed(pattern);
        }
    }
}

/// A generator that made only misses would prove nothing.
#[test]
fn cases_reach_everything() {
    let mut runner = TestRunner::deterministic();
    let mut reached = Reached::default();
    for _ in 0..1_000 {
        let (routes, requests) = case(false).new_tree(&mut runner).unwrap().current();
        check(&routes, &requests, &mut reached).unwrap();
    }
    let Reached { duplicates, conflicts, misses, fixed, params, catch_alls, head_of_get, several } = reached;
    for count in [duplicates, conflicts, misses, fixed, params, catch_alls, head_of_get, several] {
        assert!(count >= 50, "{reached:?}");
    }
}
