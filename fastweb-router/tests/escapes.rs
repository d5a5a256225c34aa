//! Escapes in a path, and dots.

mod support;

use fastweb_router::{Miss, Params, Router};
use support::Routes;

#[test]
fn escaped_text_is_text() {
    let routes = Routes::new(&["/about", "/café", "/{page}", "/a/{x}/é", "/100%", "/v{n}.json", "/a b/{x}"]);
    routes.hit("/%61bout", "/about", &[]);
    routes.hit("/%61%62out", "/about", &[]);
    routes.hit("/caf%C3%A9", "/café", &[]);
    routes.hit("/caf%c3%a9", "/café", &[]);
    routes.hit("/a/%78/%C3%A9", "/a/{x}/é", &["x=%78"]);
    routes.hit("/%76%37%2ejson", "/v{n}.json", &["n=%37"]);
    routes.hit("/a%20b/c%20d", "/a b/{x}", &["x=c%20d"]);
    routes.hit("/100%25", "/100%", &[]);
    routes.hit("/a%62out-us", "/{page}", &["page=a%62out-us"]);
}

#[test]
fn an_escaped_slash_ends_no_segment() {
    let routes = Routes::new(&["/a/b", "/{x}", "/a/{x}", "/f/{*rest}"]);
    routes.hit("/a%2Fb", "/{x}", &["x=a%2Fb"]);
    routes.hit("/a/b%2fc", "/a/{x}", &["x=b%2fc"]);
    routes.hit("/f/a%2Fb/c", "/f/{*rest}", &["rest=a%2Fb/c"]);
    routes.miss("/%2Fa/b/c", Miss::NotFound);
    routes.miss("%2Fa", Miss::NotFound);
}

#[test]
fn escapes_are_undone_once() {
    let routes = Routes::new(&["/%", "/{x}/a"]);
    routes.hit("/%25", "/%", &[]);
    routes.hit("/%252e/a", "/{x}/a", &["x=%252e"]);
    routes.hit("/%252F/a", "/{x}/a", &["x=%252F"]);
    routes.hit("/%25zz/a", "/{x}/a", &["x=%25zz"]);
}

#[test]
fn what_is_no_escape_of_utf8_is_refused() {
    let routes = Routes::new(&["/a", "/{x}", "/100%", "/f/{*rest}"]);
    for path in [
        "/%",
        "/%4",
        "/%zz",
        "/%4g",
        "/a%",
        "/%+1",
        "/%-1",
        "/% 1",
        "/%é",
        "/f/%/b",
        "/100%",
        "/%C0%AF",
        "/%C3",
        "/%A9",
        "/%FF",
        "/%ED%A0%80",
        "/%F4%90%80%80",
        "/%C3é",
        "/nowhere/%zz",
        "%",
        "/%C3%2F%A9",
    ] {
        routes.miss(path, Miss::BadEscape);
        // Whatever the method is, and if there is no route at all.
        for method in ["POST", "HEAD", "PURGE"] {
            assert_eq!(routes.0.find(method, path, &mut Params::new()), Err(Miss::BadEscape), "{method} {path}");
        }
        assert_eq!(Router::<()>::new().find("GET", path, &mut Params::new()), Err(Miss::BadEscape));
        assert!(routes.0.allowed(path).is_empty());
    }
}

#[test]
fn bytes_that_are_no_ascii_are_text() {
    let routes = Routes::new(&["/grüße", "/{x}ü"]);
    routes.hit("/grüße", "/grüße", &[]);
    routes.hit("/gr%C3%BCße", "/grüße", &[]);
    routes.hit("/üü", "/{x}ü", &["x=ü"]);
    routes.hit("/%C3%BCü", "/{x}ü", &["x=%C3%BC"]);
}

#[test]
fn dots_lead_nowhere() {
    let routes = Routes::new(&["/u/{id}", "/f/{*rest}", "/g{*rest}", "/v{n}", "/{a}.{b}.x", "/u/{id}/e", "/static"]);
    for path in [
        "/u/.",
        "/u/..",
        "/u/%2e",
        "/u/%2E%2e",
        "/u/.%2E",
        "/u/../e",
        "/f/..",
        "/f/.",
        "/f/a/..",
        "/f/a/../b",
        "/f/../a",
        "/f/a/./b",
        "/f/a%2F..",
        "/f/..%2Fa",
        "/f/a%2f%2e%2e%2fb",
        "/u/..%2Fa",
        "/u/a%2F..",
        "/u/a%2F..%2Fb",
        "/u/a%2f%2e%2fb/e",
        "/va%2F..",
        "/g..",
        "/ga/../b",
        "/v..",
        "/v.",
        "/....x",
        "/f/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/..",
    ] {
        routes.miss(path, Miss::DotSegment);
        assert!(routes.0.allowed(path).is_empty(), "{path}");
    }
    routes.hit("/u/...", "/u/{id}", &["id=..."]);
    routes.hit("/u/.a", "/u/{id}", &["id=.a"]);
    routes.hit("/u/a..", "/u/{id}", &["id=a.."]);
    routes.hit("/u/a%2F..b%2F.c", "/u/{id}", &["id=a%2F..b%2F.c"]);
    routes.hit("/u/%252e", "/u/{id}", &["id=%252e"]);
    routes.hit("/f/.a/..b/c./...", "/f/{*rest}", &["rest=.a/..b/c./..."]);
    // Where no parameter takes them they are text that no route has.
    routes.miss("/static/..", Miss::NotFound);
    routes.miss("/..", Miss::NotFound);
}
