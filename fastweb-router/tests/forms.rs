//! The forms that a pattern may have, and which of them goes first.

mod support;

use fastweb_router::{InsertError, Miss, ParamType, Router};
use support::Routes;

#[test]
fn several_parameters_in_a_segment() {
    let routes = Routes::new(&["/{lat}-{lng}", "/{a}.{b}.json", "/x{a}--{b}_{c}"]);
    routes.hit("/1-2", "/{lat}-{lng}", &["lat=1", "lng=2"]);
    // Each takes the shortest text, the last one the rest.
    routes.hit("/1-2-3", "/{lat}-{lng}", &["lat=1", "lng=2-3"]);
    routes.hit("/--1", "/{lat}-{lng}", &["lat=-", "lng=1"]);
    routes.hit("/a.b.json", "/{a}.{b}.json", &["a=a", "b=b"]);
    routes.hit("/a.b.c.json", "/{a}.{b}.json", &["a=a", "b=b.c"]);
    routes.hit("/x1--2_3", "/x{a}--{b}_{c}", &["a=1", "b=2", "c=3"]);
    routes.hit("/x1---2_3_4", "/x{a}--{b}_{c}", &["a=1", "b=-2", "c=3_4"]);
    for path in ["/-", "/1-", "/-1", "/1.json", "/.b.json", "/a..json", "/1-2/", "/1/-2"] {
        routes.miss(path, Miss::NotFound);
    }
}

/// A split that was found is not looked for again if a type does not fit.
#[test]
fn types_do_not_move_the_split() {
    let routes = Routes::new(&["/{name}-{number:u8}"]);
    routes.hit("/a-1", "/{name}-{number:u8}", &["name=a", "number=1"]);
    routes.miss("/a-b-1", Miss::WrongType { param: "number".into(), expected: ParamType::U8 });
}

#[test]
fn an_optional_parameter_may_be_absent() {
    let routes = Routes::new(&["/opt/{id?}", "/{year:u16}/{month:u8?}", "/deep/{a}/{b}/{c?}"]);
    routes.hit("/opt", "/opt/{id?}", &[]);
    routes.hit("/opt/", "/opt/{id?}", &[]);
    routes.hit("/opt/7", "/opt/{id?}", &["id=7"]);
    routes.hit("/2026", "/{year:u16}/{month:u8?}", &["year=2026"]);
    routes.hit("/2026/", "/{year:u16}/{month:u8?}", &["year=2026"]);
    routes.hit("/2026/11", "/{year:u16}/{month:u8?}", &["year=2026", "month=11"]);
    routes.miss("/2026/x", Miss::WrongType { param: "month".into(), expected: ParamType::U8 });
    routes.hit("/deep/1/2", "/deep/{a}/{b}/{c?}", &["a=1", "b=2"]);
    routes.miss("/opt/7/", Miss::NotFound);
    routes.miss("/opt//", Miss::NotFound);
    let root = Routes::new(&["/{id?}"]);
    root.hit("/", "/{id?}", &[]);
    root.hit("/7", "/{id?}", &["id=7"]);
    root.miss("", Miss::NotFound);
}

#[test]
fn a_catch_all_may_be_empty() {
    let routes = Routes::new(&["/w/{*rest?}", "/files{*rest?}", "/v/{*a}", "/v/{*b?}"]);
    routes.hit("/w/", "/w/{*rest?}", &["rest="]);
    routes.hit("/w/a/b", "/w/{*rest?}", &["rest=a/b"]);
    routes.miss("/w", Miss::NotFound);
    routes.hit("/files", "/files{*rest?}", &["rest="]);
    routes.hit("/files/x", "/files{*rest?}", &["rest=/x"]);
    // What may not be empty goes first.
    routes.hit("/v/1", "/v/{*a}", &["a=1"]);
    routes.hit("/v/", "/v/{*b?}", &["b="]);
    let static_first = Routes::new(&["/{*all?}", "/", "/about"]);
    static_first.hit("/", "/", &[]);
    static_first.hit("/about/", "/{*all?}", &["all=about/"]);
}

/// What could not be held before.
#[test]
fn parameters_of_all_kinds_in_one_place() {
    let patterns =
        ["/u/{id}", "/u/{*all}", "/u/{id:u64}", "/u/{id}.json", "/u/v{n}", "/u/v{n}.json", "/u/v{*rest}", "/u/{id}/x"];
    for patterns in [patterns.to_vec(), patterns.iter().rev().copied().collect()] {
        let routes = Routes::new(&patterns);
        routes.hit("/u/7", "/u/{id:u64}", &["id=7"]);
        routes.hit("/u/a", "/u/{id}", &["id=a"]);
        routes.hit("/u/a.json", "/u/{id}.json", &["id=a"]);
        routes.hit("/u/v7", "/u/v{n}", &["n=7"]);
        routes.hit("/u/v7.json", "/u/v{n}.json", &["n=7"]);
        routes.hit("/u/v7/8", "/u/v{*rest}", &["rest=7/8"]);
        routes.hit("/u/a/x", "/u/{id}/x", &["id=a"]);
        routes.hit("/u/a/y", "/u/{*all}", &["all=a/y"]);
        routes.hit("/u/v/x", "/u/v{*rest}", &["rest=/x"]);
        routes.hit("/u/v", "/u/{id}", &["id=v"]);
        routes.hit("/u//", "/u/{*all}", &["all=/"]);
    }
}

#[test]
fn narrower_types_first() {
    let routes =
        Routes::new(&["/{x}", "/{x:u64}", "/{x:u8}", "/{x:alnum}", "/{x:bool}", "/{x:hex}", "/{x:uuid}", "/{x:date}"]);
    for (path, pattern) in [
        ("/7", "/{x:u8}"),
        ("/256", "/{x:u64}"),
        ("/18446744073709551616", "/{x:hex}"),
        ("/cafe", "/{x:hex}"),
        ("/coffee7", "/{x:alnum}"),
        ("/true", "/{x:bool}"),
        ("/2026-11-21", "/{x:date}"),
        ("/2026-11-31", "/{x}"),
        ("/6ba7b810-9dad-11d1-80b4-00c04fd430c8", "/{x:uuid}"),
        ("/-1", "/{x}"),
    ] {
        routes.hit(path, pattern, &[&format!("x={}", &path[1..])]);
    }
}

#[test]
fn a_type_beside_text_and_under_other_routes() {
    let routes = Routes::new(&["/v{n:u8}", "/v{name}", "/{a:u8}.{b:hex}.x", "/p/{id:u64}/edit", "/p/{slug}/show"]);
    routes.hit("/v7", "/v{n:u8}", &["n=7"]);
    routes.hit("/v700", "/v{name}", &["name=700"]);
    routes.hit("/1.ff.x", "/{a:u8}.{b:hex}.x", &["a=1", "b=ff"]);
    routes.hit("/p/7/edit", "/p/{id:u64}/edit", &["id=7"]);
    // The search comes back from a type that fits and leads nowhere.
    routes.hit("/p/7/show", "/p/{slug}/show", &["slug=7"]);
}

/// Only where a route would match but for the type, and the first of them in the order of routes.
#[test]
fn wrong_types_are_told() {
    let routes = Routes::new(&["/a/{n:u8}/x", "/a/{n:hex}/{m:u8}", "/b/{d:date}.{e:u8}"]);
    let wrong = |param: &str, expected| Miss::WrongType { param: param.into(), expected };
    routes.miss("/a/z/x", wrong("n", ParamType::U8));
    routes.miss("/a/z/y", wrong("n", ParamType::Hex));
    routes.miss("/a/ff/y", wrong("m", ParamType::U8));
    routes.miss("/b/2026-02-30.7", wrong("d", ParamType::Date));
    routes.miss("/b/2026-02-28.256", wrong("e", ParamType::U8));
    routes.miss("/a/1/x/y", Miss::NotFound);
    routes.miss("/a/1%2F/x", wrong("n", ParamType::U8));
    let text = wrong("n", ParamType::U8).to_string();
    assert!(text.contains("`n`") && text.contains("u8"), "{text}");
}

#[test]
fn what_could_never_be_reached_is_refused() {
    for (first, second) in [
        ("/{from}-{to}", "/{day:date}"),
        ("/{a}-{b}", "/{id:uuid}"),
        ("/{y:u16}-{m:u8}-{d:u8}", "/{day:date}"),
        ("/x/{flag}e", "/x/{flag:bool}"),
        ("/{a}-{b}/{*rest?}", "/{day:date}/{page}"),
        ("/{a}-{b}/{page}", "/{day:date}/{page:u8}"),
    ] {
        let mut router = Router::new();
        router.insert("GET", first, ()).unwrap();
        let (method, path, with) = ("GET".to_owned(), second.to_owned(), first.to_owned());
        let error = router.insert("GET", second, ()).unwrap_err();
        assert_eq!(error, InsertError::Shadowed { method, path, with });
        let text = error.to_string();
        assert!(text.contains("could never be reached") && text.contains(first) && text.contains(second), "{text}");

        let mut router = Router::new();
        router.insert("GET", second, ()).unwrap();
        let (method, path, with) = ("GET".to_owned(), first.to_owned(), second.to_owned());
        let error = router.insert("GET", first, ()).unwrap_err();
        assert_eq!(error, InsertError::Shadows { method, path, with });
        assert!(error.to_string().contains("would hide"), "{error}");
    }
    // Something is left for the second: a year of five digits, an id without the dash, a path that goes on.
    for (first, second) in [
        ("/{y:u8}-{rest}", "/{day:date}"),
        ("/{a}t{b}", "/{flag:bool}"),
        ("/{a}-{b}/x", "/{day:date}/{page}"),
        ("/{a}-{b}", "/{day:date}/x"),
        ("/{a}-{b}/{*rest}", "/{day:date}/{page?}"),
    ] {
        let mut router = Router::new();
        router.insert("GET", first, ()).unwrap();
        router.insert("GET", second, ()).unwrap_or_else(|error| panic!("{error}"));
    }
    // With a condition it may be passed over.
    let mut router = Router::new();
    router.insert_conditional("GET", "/{from}-{to}", 0, ()).unwrap();
    router.insert("GET", "/{day:date}", ()).unwrap();
    assert!(matches!(router.insert("GET", "/{a}-{b}", ()), Err(InsertError::Shadows { .. })));
}

#[test]
fn absent_parameters_are_paths_of_their_own() {
    for [first, second] in [
        ["/opt/{id?}", "/opt"],
        ["/opt", "/opt/{id?}"],
        ["/opt/", "/opt/{id?}"],
        ["/opt/{id?}", "/opt/{name}"],
        ["/opt/{id:u8?}", "/opt/{name?}"],
        ["/{a}/{b?}", "/{c}"],
        ["/{b?}", "/"],
    ] {
        let mut router = Router::new();
        router.insert("GET", first, ()).unwrap();
        let (method, path, with) = ("GET".to_owned(), second.to_owned(), first.to_owned());
        let error = router.insert("GET", second, ()).unwrap_err();
        assert_eq!(error, InsertError::Duplicate { method, path, with });
        assert_eq!(router.len(), 1);
    }
    let beside = Routes::new(&["/opt/{id?}", "/opt/{id:u8}", "/opt/{*rest?}"]);
    beside.hit("/opt/", "/opt/{id?}", &[]);
    beside.hit("/opt/7", "/opt/{id:u8}", &["id=7"]);
    beside.hit("/opt/7/8", "/opt/{*rest?}", &["rest=7/8"]);
}

#[test]
fn types_that_overlap_conflict() {
    for (first, second, conflict) in [
        ("/{a:i32}", "/{b:u64}", true),
        ("/{a:u8}", "/{b:i8}", true),
        ("/{a:alpha}", "/{b:hex}", true),
        ("/{a:f64}", "/{b:hex}", true),
        ("/{a:u32}", "/{b:i64}", false),
        ("/{a:i128}", "/{b:f64}", false),
        ("/{a:alpha}", "/{b:u8}", false),
        ("/{a:date}", "/{b:uuid}", false),
        // No path is of both, or some place before it decides.
        ("/{a:i32}/x", "/{b:u64}/y", false),
        ("/{a:i32}", "/{b:u64}/y", false),
        ("/{a:i32}-{b:alpha}", "/{a:u64}-{b:u8}", false),
        ("/{a:i32}/{b}", "/{a:u64}/{b}", true),
        ("/x/{a:i32}", "/{x}/{a:u64}", false),
    ] {
        let mut router = Router::new();
        router.insert("GET", first, ()).unwrap();
        let got = matches!(router.insert("GET", second, ()), Err(InsertError::Conflict { with, .. }) if with == first);
        assert_eq!(got, conflict, "{first} {second}");
    }
}

#[test]
fn faults_are_explained() {
    for (path, reason) in [
        ("/{id:int}", "has the unknown type `int`; the types are u8, u16,"),
        ("/{id:int}", "hex, date"),
        ("/{id:}", "has the unknown type ``"),
        ("/{*id:u8}", "a catch-all takes any text"),
        ("/{:u8}", "has no name"),
        ("/{?}", "has no name; write `{name?}`"),
        ("/{id?:u8}", "write `{id:u8?}`"),
        ("/{id?}/x", "the optional parameter `id` is not the last thing in it"),
        ("/{id?}/", "the optional parameter `id` is not the last thing in it"),
        ("/{id?}x", "the optional parameter `id` is not the last thing in it"),
        ("/x{id?}", "shares its segment with other text"),
        ("/{a}-{id?}", "shares its segment with other text"),
        ("/{a}-{*b}", "`{*b}` and the parameter `a` are in one segment"),
        ("/a/../b", "it has the segment `..`, which clients resolve"),
        ("/./{b}", "it has the segment `.`"),
        ("/caf%C3%A9", "the `%C3` in it would never match"),
        ("/{a}%2f", "the `%2f` in it would never match"),
    ] {
        let error = Router::new().insert("GET", path, ()).unwrap_err();
        assert!(matches!(error, InsertError::Invalid { .. }), "{error}");
        assert!(error.to_string().contains(reason) && error.to_string().contains(path), "{error}");
    }
    let deep = format!("/{{x}}{}", "/a".repeat(300));
    let error = Router::new().insert("GET", &deep, ()).unwrap_err().to_string();
    assert!(error.contains("it has 301 segments, and 256 is the most"), "{error}");
}
