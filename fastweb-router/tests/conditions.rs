//! Several values for one pattern.

use fastweb_router::{InsertError, Miss, Params, Router};

fn find<'r>(router: &'r Router<&'static str>, path: &str, accepted: &[&str]) -> Result<&'r str, Miss> {
    router.find_where("GET", path, &mut Params::new(), |value| accepted.contains(value)).copied()
}

#[test]
fn more_weight_first_and_no_condition_last() {
    let mut router = Router::new();
    router.insert("GET", "/a/{x}", "plain").unwrap();
    assert!(!router.has_conditions());
    for (weight, value) in [(1, "one"), (3, "three"), (2, "two"), (3, "three again")] {
        router.insert_conditional("GET", "/a/{y}", weight, value).unwrap();
    }
    assert!(router.has_conditions());
    assert_eq!(router.len(), 5);
    let all = ["plain", "one", "two", "three", "three again"];
    assert_eq!(find(&router, "/a/1", &all), Ok("three"));
    assert_eq!(find(&router, "/a/1", &["plain", "one", "three again"]), Ok("three again"));
    assert_eq!(find(&router, "/a/1", &["plain", "one", "two"]), Ok("two"));
    assert_eq!(find(&router, "/a/1", &["plain"]), Ok("plain"));
    assert_eq!(find(&router, "/a/1", &[]), Err(Miss::NotFound));
    // The same patterns, static.
    router.insert_conditional("GET", "/b", 0, "zero").unwrap();
    router.insert("GET", "/b", "plain").unwrap();
    router.insert_conditional("GET", "/b", 7, "seven").unwrap();
    assert_eq!(find(&router, "/b", &["plain", "zero", "seven"]), Ok("seven"));
    assert_eq!(find(&router, "/b", &["plain", "zero"]), Ok("zero"));
    assert_eq!(find(&router, "/b", &["plain"]), Ok("plain"));
    assert_eq!(find(&router, "/%62", &["plain"]), Ok("plain"));
    assert!(matches!(router.insert("GET", "/b", ""), Err(InsertError::Duplicate { .. })));
    assert!(matches!(router.insert("GET", "/a/{z}", ""), Err(InsertError::Duplicate { .. })));
}

/// The pattern decides first, then the weight; and what no value of a pattern is accepted for goes on to the next one.
#[test]
fn the_next_pattern_is_tried() {
    let mut router = Router::new();
    router.insert_conditional("GET", "/u/me", 0, "me").unwrap();
    router.insert_conditional("GET", "/u/{id:u8}", 9, "typed").unwrap();
    router.insert_conditional("GET", "/u/{id}", 5, "param").unwrap();
    router.insert_conditional("GET", "/{a}/me", 5, "wide").unwrap();
    router.insert_conditional("GET", "/{*all}", 99, "rest").unwrap();
    router.insert_conditional("HEAD", "/u/{id}", 5, "head").unwrap();
    let mut params = Params::new();
    for (path, accepted, found, taken) in [
        ("/u/me", &["me", "param", "rest", "wide"][..], "me", &[][..]),
        ("/u/me", &["param", "rest", "wide"], "param", &["me"]),
        ("/u/me", &["rest", "wide"], "wide", &["u"]),
        ("/u/me", &["rest"], "rest", &["u/me"]),
        ("/u/7", &["typed", "param"], "typed", &["7"]),
        ("/u/7", &["param"], "param", &["7"]),
        ("/%75/%6de", &["param", "rest", "wide"], "param", &["%6de"]),
    ] {
        let got = router.find_where("GET", path, &mut params, |value| accepted.contains(value));
        assert_eq!(got, Ok(&found), "{path} {accepted:?}");
        let values: Vec<_> = params.iter().map(|range| &path[range]).collect();
        assert_eq!(values, taken, "{path} {accepted:?}");
    }
    assert_eq!(find(&router, "/u/7", &["me"]), Err(Miss::NotFound));
    assert!(
        params.len() == 1 && router.find_where("GET", "/u/7", &mut params, |_| false).is_err() && params.is_empty()
    );
    // HEAD takes what GET has where its own are not accepted.
    let head = |accepted: &[&str]| {
        router.find_where("HEAD", "/u/7", &mut Params::new(), |value| accepted.contains(value)).copied()
    };
    assert_eq!((head(&["head", "param"]), head(&["param"])), (Ok("head"), Ok("param")));
    // Without conditions: what would go first.
    assert_eq!(router.find("GET", "/u/me", &mut params), Ok(&"me"));
    assert_eq!(router.matching("/u/7").collect::<Vec<_>>(), [("GET", &"typed"), ("HEAD", &"head")]);
}

/// A type is wrong only for a route that would have been accepted.
#[test]
fn wrong_types_of_what_is_accepted() {
    let mut router = Router::new();
    router.insert_conditional("GET", "/{id:u8}", 0, "typed").unwrap();
    assert!(matches!(find(&router, "/x", &["typed"]), Err(Miss::WrongType { .. })));
    assert_eq!(find(&router, "/x", &[]), Err(Miss::NotFound));
}

/// A refused parameter is refused only in the route that is taken.
#[test]
fn dots_of_what_is_accepted() {
    let mut router = Router::new();
    router.insert_conditional("GET", "/f/{name}", 0, "param").unwrap();
    router.insert_conditional("GET", "/{a}/..x", 0, "static").unwrap();
    router.insert_conditional("GET", "/{a}.{b}/{c}", 0, "several").unwrap();
    assert_eq!(find(&router, "/f/..", &["param"]), Err(Miss::DotSegment));
    assert_eq!(find(&router, "/f/..", &[]), Err(Miss::NotFound));
}

#[test]
fn an_absent_parameter_and_a_path_of_its_own_share_a_place() {
    let mut router = Router::new();
    router.insert("GET", "/opt/{id?}", "optional").unwrap();
    router.insert_conditional("GET", "/opt", 1, "beta").unwrap();
    assert_eq!(find(&router, "/opt", &["optional", "beta"]), Ok("beta"));
    assert_eq!(find(&router, "/opt", &["optional"]), Ok("optional"));
    assert_eq!(find(&router, "/opt/", &["optional", "beta"]), Ok("optional"));
}
