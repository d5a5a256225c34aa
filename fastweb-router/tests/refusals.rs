//! Routes that are refused: which, with what words, and that the router is none the worse for it.

use fastweb_router::{InsertError, Params, Router};

/// Inserts all but the last path, and gives the refusal of the last.
fn refusal(paths: &[&str]) -> InsertError {
    let mut router = Router::new();
    let (last, first) = paths.split_last().unwrap();
    for path in first {
        router.insert("GET", path, *path).unwrap_or_else(|error| panic!("{error}"));
    }
    let error = router.insert("GET", last, *last).expect_err(last);
    assert_eq!(router.len(), first.len());
    error
}

#[test]
fn same_paths_are_duplicates() {
    for [first, second] in [
        ["/u/{id}", "/u/{name}"],
        ["/u/{id}", "/u/{id}"],
        ["/{*a}", "/{*b}"],
        ["/x/img-{n}.png/{y}", "/x/img-{m}.png/{z}"],
        ["/{{a}}/{b}", "/{{a}}/{c}"],
    ] {
        let (method, path, with) = ("GET".to_owned(), second.to_owned(), first.to_owned());
        assert_eq!(refusal(&[first, second]), InsertError::Duplicate { method, path, with });
    }
}

/// The other route is named as it was registered, and it is one that does collide, though others stand near.
#[test]
fn conflicts_name_the_other_route() {
    let near = ["/a/b/{c}", "/a/{x}/b/{y}", "/files/static", "/zoo/{name}/{*rest}", "/m/{id}", "/m/pre{id}"];
    for [first, second] in [
        ["/x/{a}-{b}", "/x/{a}.{b}"],
        ["/x/{a:i32}", "/x/{b:u64}"],
        ["/x/{a:hex}.txt", "/x/{b:alpha}.txt"],
        ["/x/pre{a:f64}/{b}", "/x/pre{b:alnum}/y"],
        ["/{{a}}/{a}-{b:u8}", "/{{a}}/{a}-{b:i8}"],
        ["/y/{a:u8}/{b}-{c}/{*d}", "/y/{a:u8}/{b}_{c}/x/{e?}"],
        // The rest may be a slash.
        ["/z/{a:i8}/{*b}", "/z/{a:u8}//"],
    ] {
        let mut paths = near.to_vec();
        paths.extend([first, second]);
        let (method, path, with) = ("GET".to_owned(), second.to_owned(), first.to_owned());
        assert_eq!(refusal(&paths), InsertError::Conflict { method, path, with });
    }
}

#[test]
fn static_text_keeps_routes_apart() {
    let mut router = Router::new();
    for path in ["/f/{*rest}", "/f/x/{id}", "/f/x/{id}/", "/f/x/{id}/{*rest}", "/f/pre{id}", "/{a}/x/{b}", "/f/x/y"] {
        router.insert("GET", path, path).unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(router.find("GET", "/f/x/1/2", &mut Params::new()), Ok(&"/f/x/{id}/{*rest}"));
}

#[test]
fn bad_paths_are_explained() {
    for (path, message) in [
        ("users", r#"the path "users" is not valid: it has to begin with a slash; write "/users""#),
        ("", r#"the path "" is not valid: it is empty; write "/" for the root"#),
        (
            "/{from}{to}",
            "the path \"/{from}{to}\" is not valid: nothing stands between the parameters `from` and `to`, so nobody could say \
             where one ends; put text or a slash between them",
        ),
        (
            "/{*all}/x",
            "the path \"/{*all}/x\" is not valid: `{*all}` takes all that follows, so nothing can stand behind it",
        ),
    ] {
        let error = refusal(&[path]);
        assert!(matches!(error, InsertError::Invalid { .. }), "{error:?}");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn messages_say_how_to_mend_it() {
    assert_eq!(
        refusal(&["/at/{a}-{b}", "/at/{a}.{b}"]).to_string(),
        "the route GET /at/{a}.{b} collides with GET /at/{a}-{b}: both have parameters in the same place, some text may fit \
         both, and neither is the more specific one; put a static segment before one of them, or give them types of which \
         one holds the other"
    );
    assert_eq!(
        refusal(&["/a", "/a"]).to_string(),
        "the route GET /a exists already; remove one of the two, or give it another path or method"
    );
}

/// All forms of a route are looked at before the first one goes in.
#[test]
fn the_router_is_as_before() {
    let mut router = Router::new();
    let routes = ["/api/v1/{id}", "/api/v1/{id}/x", "/api/v2/{*rest}", "/api/v1beta/{id}.json"];
    for path in routes {
        router.insert("GET", path, path).unwrap();
    }
    for refused in ["/api/v2/{*all}", "/api/v2/{a:blue}", "/api/v1/{no}", "/api/v1/{id?}", "/api/{a}{b}", "/api/v1/{"] {
        router.insert("GET", refused, refused).unwrap_err();
    }
    let mut params = Params::new();
    for (path, route) in [
        ("/api/v1/7", routes[0]),
        ("/api/v1/7/x", routes[1]),
        ("/api/v2/7/x", routes[2]),
        ("/api/v1beta/7.json", routes[3]),
    ] {
        assert_eq!(router.find("GET", path, &mut params), Ok(&route));
    }
    for path in ["/api/v1/7/y", "/api/v2/", "/api/", "/api/v1beta/pre7", "/api/7"] {
        assert!(router.find("GET", path, &mut params).is_err(), "{path}");
    }
    assert_eq!(router.len(), routes.len());
    // And takes routes beside the refused ones.
    router.insert("GET", "/api/v1/{id}/{*all}", "late").unwrap();
    assert_eq!(router.find("GET", "/api/v1/7/y", &mut params), Ok(&"late"));
}
