//! Paths made to be slow. Time is not asserted: were one of these not linear, the test would not end.

use fastweb_router::{Miss, Options, Params, Router};

const LEN: usize = 8 * 1024;

/// Every segment may be text or a parameter, and only the last one tells that neither way leads anywhere.
#[test]
fn all_ways_through_overlapping_routes() {
    let mut router = Router::new();
    for bits in 0..1 << 9u32 {
        let segments = (0..9).map(|n| if bits >> n & 1 == 1 { "/a".to_owned() } else { format!("/{{p{n}}}") });
        let pattern: String = segments.collect();
        router.insert("GET", &format!("{pattern}/end"), bits).unwrap();
        router.insert("GET", &format!("{pattern}/x{{q:u8}}-{{r}}"), bits).unwrap();
    }
    let mut params = Params::new();
    assert_eq!(router.find("GET", &format!("{}/end", "/a".repeat(9)), &mut params), Ok(&511));
    assert_eq!(router.find("GET", &format!("{}/end", "/b".repeat(9)), &mut params), Ok(&0));
    for path in [format!("{}/no", "/a".repeat(9)), "/a".repeat(LEN / 2), format!("/{}", "a/".repeat(LEN / 2))] {
        for _ in 0..20 {
            assert_eq!(router.find("GET", &path, &mut params), Err(Miss::NotFound));
        }
    }
    let long = format!("{}/{}", "/a".repeat(9), "x1-".repeat(LEN / 3));
    assert!(router.find("GET", &long, &mut params).is_ok());
}

#[test]
fn as_deep_as_routes_can_be() {
    let mut router = Router::new();
    let params_of = |n: usize| (0..n).map(|n| format!("/{{p{n}}}")).collect::<String>();
    for n in 0..25 {
        let text = "/a".repeat(250 - n);
        router.insert("GET", &format!("{}{text}/{{last}}/x", params_of(n)), n).unwrap();
        router
            .insert("GET", &format!("{text}{}/y", params_of(n)), n)
            .unwrap_or_else(|error| assert_eq!(n, 0, "{error}"));
    }
    let mut params = Params::new();
    assert!(router.find("GET", &format!("{}/x", "/a".repeat(251)), &mut params).is_ok());
    for path in ["/a".repeat(LEN / 2), "/a".repeat(252), "/".repeat(LEN), format!("{}/z", "/a".repeat(251))] {
        assert_eq!(router.find("GET", &path, &mut params), Err(Miss::NotFound));
    }
}

#[test]
fn long_segments() {
    let mut router = Router::new();
    for n in 0..200 {
        let behind = "-".repeat(n + 1);
        router.insert("GET", &format!("/s/{{a}}{behind}x{{b}}y{n}"), n).unwrap();
    }
    router.insert("GET", "/d/{a:u64}", 0).unwrap();
    router.insert("GET", "/f/{a:f64}", 0).unwrap();
    router.insert("GET", "/w/{*a}", 0).unwrap();
    let mut params = Params::new();
    for path in [
        format!("/s/{}", "-".repeat(LEN)),
        format!("/s/{}", "-x".repeat(LEN / 2)),
        format!("/d/{}x", "0".repeat(LEN)),
        format!("/d/{}", "9".repeat(LEN)),
        format!("/f/{}", "9".repeat(LEN)),
        format!("/f/1e{}", "9".repeat(LEN)),
        format!("/f/0.{}x", "9".repeat(LEN)),
    ] {
        assert!(router.find("GET", &path, &mut params).is_err());
    }
    assert!(router.find("GET", &format!("/d/{}1", "0".repeat(LEN)), &mut params).is_ok());
    assert!(router.find("GET", &format!("/w/{}", "./a".repeat(LEN / 3)), &mut params).is_err());
    assert!(router.find("GET", &format!("/w/{}", "/.a".repeat(LEN / 3)), &mut params).is_ok());
}

#[test]
fn nothing_but_escapes_and_slashes() {
    let mut options = Options::default();
    options.case_sensitive = false;
    options.ignore_duplicate_slashes = true;
    options.ignore_trailing_slash = true;
    let mut router = Router::with_options(options);
    router.insert("GET", "/{a}", ()).unwrap();
    router.insert("GET", "/w/{*a}", ()).unwrap();
    let mut params = Params::new();
    let escapes = "%C3%A9%2F".repeat(LEN / 9);
    for (path, range) in [
        (format!("/{escapes}"), 1..1 + escapes.len()),
        (format!("//W//{escapes}//"), 5..5 + escapes.len()),
        (format!("/w/{}b", "a//".repeat(LEN / 3)), 3..4 + LEN / 3 * 3),
    ] {
        assert!(router.find("GET", &path, &mut params).is_ok());
        assert_eq!(params.get(0), Some(range));
    }
    assert!(router.find("GET", &"/".repeat(LEN), &mut params).is_err());
}
