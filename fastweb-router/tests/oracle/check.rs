//! One case: what the router says, and what the naive one does.

use std::cmp::Ordering;

use fastweb_router::{InsertError, Miss, Params, Router, param_names};
use proptest::prelude::*;

use crate::cases::{Case, METHODS};
use crate::naive::{Route, find, order, unclear};

/// How often the cases reached what they are there for.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    pub(crate) duplicates: usize,
    pub(crate) conflicts: usize,
    pub(crate) not_found: usize,
    pub(crate) bad_escapes: usize,
    pub(crate) dot_segments: usize,
    pub(crate) too_long: usize,
    pub(crate) wrong_types: usize,
    pub(crate) fixed: usize,
    pub(crate) typed: usize,
    pub(crate) catch_alls: usize,
    pub(crate) empty_rests: usize,
    pub(crate) absent: usize,
    pub(crate) escaped: usize,
    pub(crate) changed: usize,
    pub(crate) head_of_get: usize,
    pub(crate) several: usize,
    pub(crate) refused: usize,
}

/// The router, and the routes that it took.
pub(crate) fn build(case: &Case, reached: &mut Reached) -> Result<(Router<usize>, Vec<Route>), TestCaseError> {
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

pub(crate) fn check(case: &Case, reached: &mut Reached) -> Result<(), TestCaseError> {
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
