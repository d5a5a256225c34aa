//! Methods: their routes are apart, HEAD borrows from GET, and a miss can be told what would hit.

use fastweb_router::{InsertError, Miss, Params, Router};

fn find(router: &Router<&'static str>, method: &str, path: &str) -> Option<&'static str> {
    router.find(method, path, &mut Params::new()).ok().copied()
}

const METHODS: [&str; 12] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "M-SEARCH", "PURGE", "get"];

#[test]
fn every_method_has_its_own_routes() {
    let mut router = Router::new();
    for method in METHODS {
        router.insert(method, "/a", method).unwrap();
        router.insert(method, "/a/{id}", method).unwrap();
    }
    for method in METHODS {
        assert_eq!(find(&router, method, "/a"), Some(method));
        assert_eq!(find(&router, method, "/a/1"), Some(method));
    }
    for method in ["", "Get", "PURG", "PURGES", "M-SEARCH "] {
        assert_eq!(find(&router, method, "/a"), None, "{method:?}");
    }
    assert_eq!(router.len(), 24);
    assert_eq!(format!("{router:?}"), "Router { static: 12, dynamic: 12 }");
}

#[test]
fn head_takes_get_only_where_it_has_no_route() {
    let mut router = Router::new();
    router.insert("GET", "/a", "get a").unwrap();
    router.insert("GET", "/b/{x}", "get b").unwrap();
    router.insert("HEAD", "/b/1", "head b").unwrap();
    router.insert("POST", "/c", "post c").unwrap();
    assert_eq!(find(&router, "HEAD", "/a"), Some("get a"));
    assert_eq!(find(&router, "HEAD", "/b/1"), Some("head b"));
    assert_eq!(find(&router, "HEAD", "/b/2"), Some("get b"));
    assert_eq!(find(&router, "HEAD", "/c"), None);
    assert_eq!(find(&router, "GET", "/b/1"), Some("get b"));

    // Any HEAD route goes before GET, even one with a parameter before a static path.
    router.insert("HEAD", "/{x}", "head any").unwrap();
    assert_eq!(find(&router, "HEAD", "/a"), Some("head any"));
    assert_eq!(find(&router, "GET", "/a"), Some("get a"));

    let mut params = Params::new();
    router.find("HEAD", "/b/22", &mut params).unwrap();
    assert_eq!((params.len(), params.get(0)), (1, Some(3..5)));
}

#[test]
fn allowed_has_one_order() {
    let mut router = Router::new();
    for method in METHODS.iter().rev() {
        router.insert(method, "/a", ()).unwrap();
    }
    assert_eq!(router.allowed("/a"), METHODS);

    router.insert("PURGE", "/{x}/b", ()).unwrap();
    router.insert("HEAD", "/a/{x}", ()).unwrap();
    router.insert("GET", "/{*all}", ()).unwrap();
    assert_eq!(router.allowed("/a/b"), ["GET", "HEAD", "PURGE"]);
    assert_eq!(router.allowed("/"), [""; 0]);
}

/// HEAD is allowed beside GET without a route of its own, and alone where it has one.
#[test]
fn allowed_names_head() {
    let mut router = Router::new();
    router.insert("GET", "/a", ()).unwrap();
    router.insert("HEAD", "/b", ()).unwrap();
    assert_eq!(router.allowed("/a"), ["GET", "HEAD"]);
    assert_eq!(router.allowed("/b"), ["HEAD"]);
}

#[test]
fn a_method_is_a_token() {
    let mut router = Router::new();
    for method in ["", "GET ", "G T", "GET/1", "GÉT", "A\r\nB", "a:b", "\"GET\""] {
        let error = router.insert(method, "/a", ()).unwrap_err();
        assert_eq!(error, InsertError::InvalidMethod { method: method.to_owned(), path: "/a".to_owned() });
    }
    assert!(router.is_empty());
}

/// A method without routes, because its only one was refused, is no method of the router.
#[test]
fn refused_routes_leave_no_method() {
    let mut router = Router::new();
    router.insert("PURGE", "/{a}{b}", ()).unwrap_err();
    assert!(router.is_empty());
    assert!(router.allowed("/x").is_empty());
    assert_eq!(router.find("PURGE", "/x", &mut Params::new()), Err(Miss::NotFound));
}

#[test]
fn can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Router<u8>>();
    shared::<Params>();
    shared::<InsertError>();
}
