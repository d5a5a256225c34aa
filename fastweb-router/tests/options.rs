//! What a router may take for the same path.

mod support;

use fastweb_router::{InsertError, Miss, Options, Router};
use support::Routes;

fn options(set: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::default();
    set(&mut options);
    options
}

fn duplicates(options: &Options, pairs: &[[&str; 2]]) {
    for [first, second] in pairs {
        let mut router = Router::with_options(options.clone());
        router.insert("GET", first, ()).unwrap();
        let error = router.insert("GET", second, ()).unwrap_err();
        assert!(matches!(&error, InsertError::Duplicate { with, .. } if with == first), "{error}");
        // By default they are different.
        let mut router = Router::new();
        router.insert("GET", first, ()).unwrap();
        router.insert("GET", second, ()).unwrap();
    }
}

#[test]
fn case_is_ignored_but_in_parameters() {
    let options = options(|options| options.case_sensitive = false);
    let routes = Routes::with(options.clone(), &["/About", "/Users/{Name}", "/V{n}.JSON", "/t/{flag:bool}", "/Ü"]);
    routes.hit("/aBOUT", "/About", &[]);
    routes.hit("/%41bout", "/About", &[]);
    routes.hit("/users/Alice", "/Users/{Name}", &["Name=Alice"]);
    routes.hit("/users/%41lice", "/Users/{Name}", &["Name=%41lice"]);
    routes.hit("/vX.json", "/V{n}.JSON", &["n=X"]);
    // A type sees the case.
    routes.hit("/T/true", "/t/{flag:bool}", &["flag=true"]);
    assert!(matches!(routes.0.find("GET", "/T/TRUE", &mut fastweb_router::Params::new()), Err(Miss::WrongType { .. })));
    // Only ASCII has it.
    routes.hit("/Ü", "/Ü", &[]);
    routes.miss("/ü", Miss::NotFound);
    duplicates(
        &options,
        &[["/A", "/a"], ["/a/{x}", "/A/{x}"], ["/v{x}", "/V{y}"], ["/{x}.A", "/{x}.a"], ["/A{*x}", "/a{*x}"]],
    );
}

#[test]
fn one_slash_at_the_end_is_ignored() {
    let options = options(|options| options.ignore_trailing_slash = true);
    let routes =
        Routes::with(options.clone(), &["/", "/a", "/b/", "/u/{id}/", "/opt/{id?}", "/w/{*rest?}", "/f/{*rest}"]);
    routes.hit("/", "/", &[]);
    for path in ["/a", "/a/"] {
        routes.hit(path, "/a", &[]);
    }
    for path in ["/b", "/b/"] {
        routes.hit(path, "/b/", &[]);
    }
    routes.hit("/u/7", "/u/{id}/", &["id=7"]);
    routes.hit("/u/7/", "/u/{id}/", &["id=7"]);
    routes.hit("/u/%37/", "/u/{id}/", &["id=%37"]);
    routes.hit("/opt/", "/opt/{id?}", &[]);
    routes.hit("/opt", "/opt/{id?}", &[]);
    routes.hit("/opt/7/", "/opt/{id?}", &["id=7"]);
    routes.hit("/w", "/w/{*rest?}", &["rest="]);
    routes.hit("/w/", "/w/{*rest?}", &["rest="]);
    routes.hit("/w/a/", "/w/{*rest?}", &["rest=a"]);
    routes.hit("/f/a/b/", "/f/{*rest}", &["rest=a/b"]);
    routes.miss("/f/", Miss::NotFound);
    routes.miss("/a//", Miss::NotFound);
    // An escaped slash is no slash.
    routes.miss("/a%2F", Miss::NotFound);
    duplicates(&options, &[["/a", "/a/"], ["/{x}/", "/{x}"], ["/a-{x}/", "/a-{y}"]]);
}

#[test]
fn slashes_behind_slashes_are_ignored() {
    let options = options(|options| options.ignore_duplicate_slashes = true);
    let routes = Routes::with(options.clone(), &["/", "/a/b", "//c///{x}", "/f/{*rest}", "/d/"]);
    routes.hit("///", "/", &[]);
    routes.hit("//a///b", "/a/b", &[]);
    routes.hit("/c/7", "//c///{x}", &["x=7"]);
    routes.hit("///c//%37", "//c///{x}", &["x=%37"]);
    routes.hit("/f//a//b", "/f/{*rest}", &["rest=a//b"]);
    routes.hit("/d//", "/d/", &[]);
    routes.miss("/a//b/", Miss::NotFound);
    routes.miss("/a/%2Fb", Miss::NotFound);
    duplicates(&options, &[["/a/b", "/a//b"], ["//{x}", "/{x}"], ["/a/", "/a//"]]);
}

#[test]
fn all_of_them_together() {
    let routes = Routes::with(
        options(|options| {
            options.case_sensitive = false;
            options.ignore_trailing_slash = true;
            options.ignore_duplicate_slashes = true;
        }),
        &["/Users/{name}", "/w/{*rest?}"],
    );
    routes.hit("//USERS//Bob%20B//", "/Users/{name}", &["name=Bob%20B"]);
    routes.hit("//W//A//B//", "/w/{*rest?}", &["rest=A//B"]);
}

#[test]
fn parameters_may_be_too_long() {
    let routes = Routes::with(
        options(|options| options.max_param_length = Some(5)),
        &["/u/{id}", "/m/{a}-{b}", "/f/{*rest}", "/longer-than-five", "/t/{id:uuid}"],
    );
    let long = |param: &str| Miss::ParamTooLong { param: param.into(), limit: 5 };
    routes.hit("/u/12345", "/u/{id}", &["id=12345"]);
    routes.miss("/u/123456", long("id"));
    // Of what the escapes stand for.
    routes.hit("/u/%31%32%33%34%35", "/u/{id}", &["id=%31%32%33%34%35"]);
    routes.miss("/u/%C3%A9%C3%A9%C3%A9", long("id"));
    routes.miss("/m/1-123456", long("b"));
    routes.hit("/f/1234567/8", "/f/{*rest}", &["rest=1234567/8"]);
    routes.hit("/longer-than-five", "/longer-than-five", &[]);
    routes.miss("/u/123456/7", Miss::NotFound);
    assert_eq!(long("id").to_string(), "the path's parameter `id` is longer than 5 bytes");
}
