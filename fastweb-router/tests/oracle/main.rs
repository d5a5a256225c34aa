//! The router against the slow way that is obviously right.

mod cases;
mod check;
mod fuzzed;
mod naive;

use cases::{METHODS, case};
use check::{Reached, build, check};
use fastweb_router::{Params, Router};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn config() -> ProptestConfig {
    // `PROPTEST_CASES` asks for more. A case that was found becomes a test of its own in the files beside this one.
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(400), failure_persistence: None, ..default }
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
