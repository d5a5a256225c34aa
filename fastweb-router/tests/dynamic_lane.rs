//! Paths with parameters: what a parameter takes, and which route wins.

use fastweb_router::{Params, Router, param_names};

/// The winner for a path, and its parameters as `name=value`.
fn find(patterns: &[&'static str], path: &str) -> Option<(&'static str, Vec<String>)> {
    let mut router = Router::new();
    for pattern in patterns {
        router.insert("GET", pattern, *pattern).unwrap();
    }
    let mut params = Params::new();
    let pattern = *router.find("GET", path, &mut params).ok()?;
    let names = param_names(pattern);
    assert_eq!(names.len(), params.len(), "{pattern}");
    let named = names.iter().zip(params.iter()).map(|(name, range)| format!("{name}={}", &path[range]));
    Some((pattern, named.collect()))
}

#[track_caller]
fn hit(patterns: &[&'static str], path: &str, winner: &str, params: &[&str]) {
    let (pattern, named) = find(patterns, path).unwrap_or_else(|| panic!("{path} is not found"));
    assert_eq!((pattern, named.iter().map(String::as_str).collect()), (winner, params.to_vec()), "{path}");
}

#[track_caller]
fn miss(patterns: &[&'static str], path: &str) {
    assert_eq!(find(patterns, path), None, "{path}");
}

#[test]
fn a_parameter_is_one_segment_and_not_empty() {
    let all = ["/users/{id}"];
    hit(&all, "/users/42", "/users/{id}", &["id=42"]);
    hit(&all, "/users/%2F", "/users/{id}", &["id=%2F"]);
    hit(&all, "/users/Grüße", "/users/{id}", &["id=Grüße"]);
    hit(&all, "/users/{id}", "/users/{id}", &["id={id}"]);
    for path in ["/users", "/users/", "/users//", "/users/42/", "/users/4/2", "/Users/42", "//users/42"] {
        miss(&all, path);
    }
}

#[test]
fn a_trailing_slash_is_another_path() {
    let all = ["/a/{x}", "/a/{x}/"];
    hit(&all, "/a/1", "/a/{x}", &["x=1"]);
    hit(&all, "/a/1/", "/a/{x}/", &["x=1"]);
    miss(&all, "/a/1//");
}

#[test]
fn catch_all_takes_the_rest_and_not_nothing() {
    let all = ["/files/{*path}"];
    hit(&all, "/files/a", "/files/{*path}", &["path=a"]);
    hit(&all, "/files/a/b/", "/files/{*path}", &["path=a/b/"]);
    hit(&all, "/files//", "/files/{*path}", &["path=/"]);
    miss(&all, "/files/");
    miss(&all, "/files");
    hit(&["/files{*path}"], "/files/", "/files{*path}", &["path=/"]);
}

#[test]
fn text_before_and_behind() {
    hit(&["/img-{n}"], "/img-7", "/img-{n}", &["n=7"]);
    miss(&["/img-{n}"], "/img-");
    hit(&["/{n}.png"], "/a.png.png", "/{n}.png", &["n=a.png"]);
    miss(&["/{n}.png"], "/.png");
    miss(&["/{n}.png"], "/a.jpg");
    hit(&["/v{n}.x/{y}-z/w"], "/v1.2.x/3-z-z/w", "/v{n}.x/{y}-z/w", &["n=1.2", "y=3-z"]);
    hit(&["/{a}ü/ü{b}/{*c}"], "/üü/üü/ü", "/{a}ü/ü{b}/{*c}", &["a=ü", "b=ü", "c=ü"]);
    hit(&["/a/b/c/{n}.png"], "/a/b/c/d.png", "/a/b/c/{n}.png", &["n=d"]);
}

#[test]
fn longest_text_wins() {
    let behind = ["/{a}.gz", "/{a}.tar.gz", "/{a}"];
    hit(&behind, "/x.tar.gz", "/{a}.tar.gz", &["a=x"]);
    hit(&behind, "/x.gz", "/{a}.gz", &["a=x"]);
    hit(&behind, "/x.zip", "/{a}", &["a=x.zip"]);
    hit(&behind, "/.tar.gz", "/{a}.gz", &["a=.tar"]);
    let before = ["/re{a}", "/rest{a}", "/{a}"];
    hit(&before, "/resting", "/rest{a}", &["a=ing"]);
    hit(&before, "/rest", "/re{a}", &["a=st"]);
    hit(&before, "/re", "/{a}", &["a=re"]);
}

#[test]
fn static_beats_parameter_beats_catch_all() {
    let all = ["/{a}/{b}/c", "/x/{b}/{c}", "/x/y/c"];
    hit(&all, "/x/y/c", "/x/y/c", &[]);
    hit(&all, "/x/z/c", "/x/{b}/{c}", &["b=z", "c=c"]);
    hit(&["/{a}/b/c", "/x/{*rest}"], "/x/b/c", "/x/{*rest}", &["rest=b/c"]);
}

/// The first place where two routes differ decides, but a branch that leads nowhere is left again.
#[test]
fn search_comes_back() {
    let all = ["/{a}/{b}/c", "/x/{b}/d", "/x/y/e"];
    hit(&all, "/x/y/e", "/x/y/e", &[]);
    hit(&all, "/x/y/d", "/x/{b}/d", &["b=y"]);
    hit(&all, "/x/y/c", "/{a}/{b}/c", &["a=x", "b=y"]);
    miss(&all, "/x/y/f");
}

/// The names of parameters are the route's own, though routes share the places.
#[test]
fn names_may_differ_where_paths_do() {
    let all = ["/{user}/a", "/{id}/b", "/{id}/b/{user}"];
    hit(&all, "/1/a", "/{user}/a", &["user=1"]);
    hit(&all, "/1/b", "/{id}/b", &["id=1"]);
    hit(&all, "/1/b/2", "/{id}/b/{user}", &["id=1", "user=2"]);
}

#[test]
fn escapes_beside_parameters() {
    hit(&["/{{{id}"], "/{7", "/{{{id}", &["id=7"]);
    hit(&["/{id}{{x}}"], "/7{x}", "/{id}{{x}}", &["id=7"]);
    hit(&["/{{a}}/{id}/{{b}}"], "/{a}/7/{b}", "/{{a}}/{id}/{{b}}", &["id=7"]);
    miss(&["/{{a}}/{id}"], "/a/7");
    let all = ["/{{a}}/{id}", "/{a}/x"];
    hit(&all, "/{a}/x", "/{{a}}/{id}", &["id=x"]);
    hit(&all, "/a/x", "/{a}/x", &["a=a"]);
}

/// Text behind a parameter does not lead the search astray.
#[test]
fn search_comes_back_to_a_shorter_suffix() {
    let all = ["/{a}/x", "/{a}-b/y", "/{a}.tar.gz/z", "/{a}.gz/y", "/v{a}/w"];
    hit(&all, "/1-b/y", "/{a}-b/y", &["a=1"]);
    hit(&all, "/1/x", "/{a}/x", &["a=1"]);
    hit(&all, "/1-b/x", "/{a}/x", &["a=1-b"]);
    hit(&all, "/1.tar.gz/y", "/{a}.gz/y", &["a=1.tar"]);
    hit(&all, "/1.tar.gz/x", "/{a}/x", &["a=1.tar.gz"]);
    hit(&all, "/v1-b/y", "/{a}-b/y", &["a=v1"]);
    hit(&all, "/v1-b/w", "/v{a}/w", &["a=1-b"]);
    miss(&all, "/1-b/w");
}

#[test]
fn most_params_and_longest_path() {
    let pattern: String = (0..25).map(|n| format!("/{{p{n}}}")).collect();
    let path = "/value".repeat(25);
    let mut router = Router::new();
    router.insert("GET", &pattern, ()).unwrap();
    let mut params = Params::new();
    router.find("GET", &path, &mut params).unwrap();
    assert_eq!(params.len(), 25);
    assert!(params.iter().all(|range| &path[range] == "value"));

    router.insert("GET", "/long/{x}/{*rest}", ()).unwrap();
    let path = format!("/long/{}/{}", "x".repeat(100_000), "/".repeat(100_000));
    router.find("GET", &path, &mut params).unwrap();
    assert_eq!(params.iter().collect::<Vec<_>>(), [6..100_006, 100_007..200_007]);
}
