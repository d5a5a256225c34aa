//! Paths without parameters: how they are found, what they win against, and what they may not be.

use fastweb_router::{InsertError, Miss, Params, Router};

fn router(paths: &[&'static str]) -> Router<&'static str> {
    let mut router = Router::new();
    for path in paths {
        router.insert("GET", path, *path).unwrap();
    }
    router
}

fn find(router: &Router<&'static str>, path: &str) -> Option<&'static str> {
    let mut params = Params::new();
    router.find("GET", path, &mut params).ok().copied()
}

#[test]
fn the_whole_path_has_to_be_the_same() {
    let router = router(&["/", "/a", "/a/b", "/a/b/"]);
    for path in ["/", "/a", "/a/b", "/a/b/"] {
        assert_eq!(find(&router, path), Some(path));
    }
    for path in ["", "a", "//", "/a/", "/A", "/a/b//", "/a/bc", "/a/b/c", "/a%2Fb", "/a?b", "*"] {
        assert_eq!(find(&router, path), None, "{path:?}");
    }
}

#[test]
fn static_wins_whatever_came_first() {
    for paths in [["/users/me", "/users/{id}", "/{*all}"], ["/{*all}", "/users/{id}", "/users/me"]] {
        let router = router(&paths);
        assert_eq!(find(&router, "/users/me"), Some("/users/me"));
        assert_eq!(find(&router, "/users/you"), Some("/users/{id}"));
        assert_eq!(find(&router, "/users/me/x"), Some("/{*all}"));
    }
}

#[test]
fn a_static_hit_has_no_params_left_from_before() {
    let mut router = Router::new();
    router.insert("GET", "/users/me", ()).unwrap();
    router.insert("GET", "/users/{id}", ()).unwrap();
    let mut params = Params::new();
    router.find("GET", "/users/you", &mut params).unwrap();
    assert_eq!(params.len(), 1);
    router.find("GET", "/users/me", &mut params).unwrap();
    assert!(params.is_empty());
    router.find("GET", "/users/you", &mut params).unwrap();
    assert_eq!(router.find("GET", "/nobody", &mut params), Err(Miss::NotFound));
    assert!(params.is_empty());
}

#[test]
fn escaped_braces_are_text() {
    let router = router(&["/{{id}}", "/{id}", "/}}{{", "/{{{{"]);
    assert_eq!(find(&router, "/{id}"), Some("/{{id}}"));
    assert_eq!(find(&router, "/}{"), Some("/}}{{"));
    assert_eq!(find(&router, "/{{"), Some("/{{{{"));
    assert_eq!(find(&router, "/{{id}}"), Some("/{id}"));
}

#[test]
fn what_other_frameworks_take_for_parameters_is_text() {
    let router = router(&["/:id", "/*", "/<id>", "/v1/things:batch"]);
    assert_eq!(find(&router, "/:id"), Some("/:id"));
    assert_eq!(find(&router, "/7"), None);
    assert_eq!(find(&router, "/v1/things:batch"), Some("/v1/things:batch"));
}

#[test]
fn duplicates_are_refused_and_change_nothing() {
    let mut router = Router::new();
    router.insert("GET", "/a/{{b}}", 1).unwrap();
    router.insert("POST", "/a/{{b}}", 2).unwrap();
    let error = router.insert("GET", "/a/{{b}}", 3).unwrap_err();
    let (method, path) = ("GET".to_owned(), "/a/{{b}}".to_owned());
    assert_eq!(error, InsertError::Duplicate { method, with: path.clone(), path });
    assert_eq!(router.len(), 2);
    assert_eq!(router.find("GET", "/a/{b}", &mut Params::new()), Ok(&1));
}

/// The lane passes over paths of a length that no route has, by the length modulo 64.
#[test]
fn every_length_is_found() {
    let paths: Vec<String> = (0..300).map(|len| format!("/{}", "x".repeat(len))).collect();
    for only in &paths {
        let mut router = Router::new();
        router.insert("GET", only, ()).unwrap();
        for path in &paths {
            let found = router.find("GET", path, &mut Params::new()).is_ok();
            assert_eq!(found, path == only, "{} in a router with {}", path.len(), only.len());
        }
    }
}

#[test]
fn thousands_of_routes() {
    let paths: Vec<String> = (0..5_000).map(|n| format!("/section-{}/page-{n}", n % 7)).collect();
    let mut router = Router::new();
    for (n, path) in paths.iter().enumerate() {
        router.insert("GET", path, n).unwrap();
    }
    let mut params = Params::new();
    for (n, path) in paths.iter().enumerate() {
        assert_eq!(router.find("GET", path, &mut params), Ok(&n));
    }
    assert!(router.find("GET", "/section-1/page-0", &mut params).is_err());
    assert_eq!(router.len(), 5_000);
}
