//! The router against the slow way that is obviously right.

mod cases;
mod naive;

use std::cmp::Ordering;

use cases::{Case, METHODS, case};
use fastweb_router::{InsertError, Miss, Params, Router, param_names};
use naive::{Route, find, order, unclear};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn config() -> ProptestConfig {
    // `PROPTEST_CASES` asks for more. A case that was found becomes a test of its own in the files beside this one.
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(400), failure_persistence: None, ..default }
}

/// How often the cases reached what they are there for.
#[derive(Debug, Default)]
struct Reached {
    duplicates: usize,
    conflicts: usize,
    not_found: usize,
    bad_escapes: usize,
    dot_segments: usize,
    too_long: usize,
    wrong_types: usize,
    fixed: usize,
    typed: usize,
    catch_alls: usize,
    empty_rests: usize,
    absent: usize,
    escaped: usize,
    changed: usize,
    head_of_get: usize,
    several: usize,
    refused: usize,
}

/// The router, and the routes that it took.
fn build(case: &Case, reached: &mut Reached) -> Result<(Router<usize>, Vec<Route>), TestCaseError> {
    let mut router = Router::with_options(case.options.clone());
    let mut taken: Vec<Route> = Vec::new();
    for (method, path, weight) in &case.routes {
        let route = Route::new(method, path, *weight, &case.options);
        let same = |other: &Route| other.forms.iter().any(|form| route.forms.contains(form));
        let both_plain = |other: &Route| other.weight.is_none() && weight.is_none();
        let duplicate = taken.iter().any(|other| other.method == *method && both_plain(other) && same(other));
        let inserted = match weight {
            None => router.insert(method, path, taken.len()),
            Some(weight) => router.insert_conditional(method, path, *weight, taken.len()),
        };
        let Err(error) = inserted else {
            prop_assert!(!duplicate, "{} {}", method, path);
            taken.push(route);
            continue;
        };
        let named =
            |with: &str| taken.iter().filter(|other| other.method == *method && other.path == with).collect::<Vec<_>>();
        let orders = |other: &Route| order(&other.forms[0], &route.forms[0]);
        match &error {
            InsertError::Duplicate { with, .. } => {
                reached.duplicates += 1;
                prop_assert!(duplicate && named(with).into_iter().any(same), "{}", error);
            }
            // One of the forms; the absent ones differ in earlier segments than the whole.
            InsertError::Conflict { with, .. } => {
                reached.conflicts += 1;
                let collides = |other: &Route| other.forms.iter().any(|a| route.forms.iter().any(|b| unclear(a, b)));
                prop_assert!(named(with).into_iter().any(collides), "{}", error);
            }
            InsertError::Shadowed { with, .. } => {
                prop_assert!(named(with).into_iter().any(|other| orders(other) == Ordering::Less), "{}", error);
            }
            InsertError::Shadows { with, .. } => {
                prop_assert!(named(with).into_iter().any(|other| orders(other) == Ordering::Greater), "{}", error);
            }
            other => return Err(TestCaseError::fail(format!("{other}"))),
        }
    }
    prop_assert_eq!(router.len(), taken.len());
    prop_assert_eq!(router.has_conditions(), taken.iter().any(|route| route.weight.is_some()));
    Ok((router, taken))
}

fn check(case: &Case, reached: &mut Reached) -> Result<(), TestCaseError> {
    let (router, taken) = build(case, reached)?;
    let accept = |number: usize| case.accepted >> number & 1 == 1;
    let mut params = Params::new();
    for path in &case.paths {
        for method in METHODS {
            let expected = find(&taken, method, path, &case.options, accept);
            let got = router.find_where(method, path, &mut params, |&number| accept(number));
            let ranges: Vec<_> = params.iter().collect();
            match (expected, got) {
                (Ok(hit), Ok(&got)) => {
                    let route = &taken[got];
                    prop_assert_eq!(&route.path, &hit.route.path, "{} {}", method, path);
                    prop_assert!(std::ptr::eq(route, hit.route), "{} {}", method, path);
                    prop_assert_eq!(&ranges, &hit.ranges, "{} {} by {}", method, path, &route.path);
                    let names = param_names(&route.path).len();
                    reached.fixed += usize::from(names == 0);
                    reached.absent += usize::from(names > ranges.len());
                    reached.typed += usize::from(route.path.contains(':') && !ranges.is_empty());
                    reached.catch_alls += usize::from(route.path.contains('*'));
                    reached.empty_rests += usize::from(ranges.iter().any(|range| range.is_empty()));
                    reached.escaped += usize::from(path.contains('%'));
                    reached.changed += usize::from(path.contains("//") || path.contains('A'));
                    reached.head_of_get += usize::from(method == "HEAD" && route.method == "GET");
                    reached.several += usize::from(hit.of > 1);
                }
                (Err(expected), Err(got)) => {
                    prop_assert_eq!(&got, &expected, "{} {}", method, path);
                    prop_assert!(ranges.is_empty());
                    match got {
                        Miss::NotFound => reached.not_found += 1,
                        Miss::BadEscape => reached.bad_escapes += 1,
                        Miss::DotSegment => reached.dot_segments += 1,
                        Miss::ParamTooLong { .. } => reached.too_long += 1,
                        Miss::WrongType { .. } => reached.wrong_types += 1,
                        _ => {}
                    }
                    reached.refused += usize::from(find(&taken, method, path, &case.options, |_| true).is_ok());
                }
                (expected, got) => {
                    let expected = expected.map(|hit| hit.route.path.clone());
                    let got = got.map(|&got| &taken[got].path);
                    return Err(TestCaseError::fail(format!("{method} {path}: {got:?} and not {expected:?}")));
                }
            }
        }
        let all = |method: &'static str| find(&taken, method, path, &case.options, |_| true);
        let expected = ["GET", "HEAD", "POST", "M-SEARCH", "PURGE"]
            .into_iter()
            .filter_map(|method| Some((method, all(method).ok()?.route)));
        let got = router.matching(path).map(|(method, &number)| (method, &taken[number]));
        for pair in expected.map(Some).zip(got.map(Some)) {
            prop_assert_eq!(
                pair.0.map(|(method, route)| (method, &route.path)),
                pair.1.map(|(method, route)| (method, &route.path))
            );
        }
        let allowed: Vec<_> = METHODS.into_iter().filter(|method| all(method).is_ok()).collect();
        let mut got = router.allowed(path);
        got.sort_by_key(|method| METHODS.iter().position(|other| other == method));
        prop_assert_eq!(got, allowed, "{}", path);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn router_is_the_naive_matcher(case in case(false)) {
        check(&case, &mut Reached::default())?;
    }

    #[test]
    fn and_with_conditions(case in case(true)) {
        check(&case, &mut Reached::default())?;
    }

    /// In which order routes are registered does not matter.
    #[test]
    fn order_of_registration(case in case(false)) {
        let (router, taken) = build(&case, &mut Reached::default())?;
        let mut backwards = Router::with_options(case.options.clone());
        for (number, route) in taken.iter().enumerate().rev() {
            backwards.insert(route.method, &route.path, number).map_err(|error| TestCaseError::fail(error.to_string()))?;
        }
        let (mut one, mut other) = (Params::new(), Params::new());
        for path in &case.paths {
            for method in METHODS {
                prop_assert_eq!(router.find(method, path, &mut one), backwards.find(method, path, &mut other), "{} {}", method, path);
                prop_assert_eq!(&one, &other);
            }
        }
    }

    /// Whatever stands in a pattern, it is refused with a reason or it is a route; a path of any text is found or not.
    #[test]
    fn nothing_panics(patterns in prop::collection::vec("/?[/{}*?:u8ab%.-]{0,14}", 1..12), path in "\\PC{0,16}") {
        let mut router = Router::new();
        for pattern in &patterns {
            if let Err(error) = router.insert("GET", pattern, ()) {
                prop_assert!(error.to_string().contains(pattern.as_str()), "{}", error);
            }
        }
        let mut params = Params::new();
        for path in patterns.iter().chain([&path]) {
            let _ = router.find("GET", path, &mut params);
            router.allowed(path);
        }
    }
}

/// A generator that made only misses would prove nothing.
#[test]
fn cases_reach_everything() {
    let mut runner = TestRunner::deterministic();
    let mut reached = Reached::default();
    for n in 0..600 {
        check(&case(n % 3 == 0).new_tree(&mut runner).unwrap().current(), &mut reached).unwrap();
    }
    let Reached { duplicates, conflicts, not_found, bad_escapes, dot_segments, too_long, wrong_types, .. } = reached;
    let Reached {
        fixed, typed, catch_alls, empty_rests, absent, escaped, changed, head_of_get, several, refused, ..
    } = reached;
    let misses = [not_found, bad_escapes, dot_segments, too_long, wrong_types, refused];
    let hits = [fixed, typed, catch_alls, empty_rests, absent, escaped, changed, head_of_get, several];
    for count in [duplicates, conflicts].iter().chain(&misses).chain(&hits) {
        assert!(*count >= 8, "{reached:#?}");
    }
}
