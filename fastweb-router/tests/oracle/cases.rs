//! Routes and paths at random: few different segments, so that routes share beginnings, collide, and leave the search dead ends.

use fastweb_router::{Options, ParamType, params};
use proptest::prelude::*;

pub(crate) const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PURGE", "M-SEARCH"];

/// A route as it is registered.
pub(crate) type Registered = (&'static str, String, Option<u32>);

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) options: Options,
    pub(crate) routes: Vec<Registered>,
    pub(crate) paths: Vec<String>,
    /// A bit for every route that is accepted.
    pub(crate) accepted: u32,
}

fn param() -> impl Strategy<Value = String> {
    const TYPES: [&str; 13] =
        ["", "", "", "", ":u8", ":u16", ":i8", ":hex", ":alpha", ":alnum", ":bool", ":date", ":f64"];
    prop::sample::select(&TYPES[..]).prop_map(|ty| format!("{{NAME{ty}}}"))
}

fn segment() -> impl Strategy<Value = String> {
    let text = || prop::sample::select(&["a", "b", "ab", "A", "abc", "", "{{", "ü", "7", "100%"][..]);
    let behind = || prop::sample::select(&["-", ".", "s", "ts", "-b", "--"][..]);
    prop_oneof![
        8 => text().prop_map(str::to_owned),
        6 => param(),
        2 => (text(), param()).prop_map(|(text, param)| format!("{text}{param}")),
        2 => (param(), behind()).prop_map(|(param, text)| format!("{param}{text}")),
        1 => (text(), param(), behind()).prop_map(|(text, param, behind)| format!("{text}{param}{behind}")),
        2 => (param(), behind(), param()).prop_map(|(a, text, b)| format!("{a}{text}{b}")),
        1 => (text(), param(), behind(), param(), behind(), param())
            .prop_map(|(text, a, b, c, d, e)| format!("{text}{a}{b}{c}{d}{e}")),
    ]
}

/// Of the patterns that have a faster lane while they are among themselves.
fn plain_segment() -> impl Strategy<Value = String> {
    let segments =
        ["a", "b", "ab", "{{", "", "{NAME}", "{NAME}", "{NAME}", "a{NAME}", "ab{NAME}", "{NAME}s", "a{NAME}s"];
    prop::sample::select(segments.to_vec()).prop_map(str::to_owned)
}

fn plain_pattern() -> impl Strategy<Value = String> {
    let end = prop::sample::select(&["", "", "", "/", "/{*NAME}", "/a{*NAME}", "/b{*NAME}"][..]);
    (prop::collection::vec(plain_segment(), 1..5), end.prop_map(str::to_owned), "[a-c]").prop_map(named)
}

fn pattern() -> impl Strategy<Value = String> {
    let end = prop_oneof![
        8 => Just(String::new()),
        1 => Just("/".to_owned()),
        2 => Just("/{*NAME}".to_owned()),
        2 => Just("/{*NAME?}".to_owned()),
        1 => Just("/a{*NAME}".to_owned()),
        1 => Just("/ab{*NAME?}".to_owned()),
        2 => Just("/{NAME?}".to_owned()),
        1 => Just("/{NAME:u8?}".to_owned()),
    ];
    (prop::collection::vec(segment(), 0..4), end, "[a-c]").prop_map(named)
}

fn named((segments, end, name): (Vec<String>, String, String)) -> String {
    let mut path: String = segments.iter().map(|segment| format!("/{segment}")).collect::<String>() + &end;
    if path.is_empty() {
        path.push('/');
    }
    // The names differ within a path, and may differ between paths of one form.
    for n in 0.. {
        let renamed = path.replacen("NAME", &format!("{name}{n}"), 1);
        if renamed == path {
            return path;
        }
        path = renamed;
    }
    unreachable!()
}

fn route(conditions: bool, plain: bool) -> impl Strategy<Value = Registered> {
    let method = prop_oneof![6 => Just("GET"), 1 => prop::sample::select(&METHODS[..])];
    let weight = if conditions { prop::option::weighted(0.4, 0..3u32).boxed() } else { Just(None).boxed() };
    let pattern = if plain { plain_pattern().boxed() } else { pattern().boxed() };
    (method, pattern, weight)
}

/// A path made from a pattern, so that it may match.
fn made(pattern: &str, values: &[String]) -> String {
    let specs = params(pattern);
    let mut path = String::new();
    let mut rest = pattern;
    let mut given = 0;
    while let Some(c) = rest.chars().next() {
        let mut take = c.len_utf8();
        if c == '{' && !rest.starts_with("{{") {
            take = rest.find('}').unwrap() + 1;
            let value = &values[given % values.len()];
            // Half of the values are of the type.
            let fitting = match specs[given].ty.filter(|_| value.len().is_multiple_of(2)) {
                Some(ParamType::U8 | ParamType::U16 | ParamType::F64) => "7",
                Some(ParamType::I8) => "-5",
                Some(ParamType::Hex | ParamType::Alpha | ParamType::Alnum) => "ab",
                Some(ParamType::Bool) => "true",
                Some(ParamType::Date) => "2026-11-21",
                _ => value,
            };
            path.push_str(fitting);
            given += 1;
        } else {
            path.push(c);
            take += usize::from(matches!(c, '{' | '}'));
        }
        rest = &rest[take..];
    }
    path
}

fn value() -> impl Strategy<Value = String> {
    const VALUES: [&str; 16] = [
        "x",
        "ts",
        "7",
        "300",
        "-5",
        "ab",
        "true",
        "TRUE",
        "2026-11-21",
        "1e5",
        ".",
        "..",
        "a/../b",
        "%2F..",
        "a-b-c",
        "",
    ];
    prop_oneof![4 => prop::sample::select(&VALUES[..]).prop_map(str::to_owned), 1 => "[abs7ü.-]{0,4}"]
}

/// Something done to a path: where, and what.
fn change(path: String, what: u32, at: usize, text: &str) -> String {
    let at =
        (0..=path.len()).rev().find(|&place| place <= at % (path.len() + 1) && path.is_char_boundary(place)).unwrap();
    let (before, after) = path.split_at(at);
    let next = after.chars().next().map_or(0, char::len_utf8);
    match what {
        // One character escaped.
        0 | 1 => {
            let escaped: String = after[..next].bytes().map(|byte| format!("%{byte:02x}")).collect();
            format!("{before}{escaped}{}", &after[next..])
        }
        2 => path.bytes().map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02X}") }).collect(),
        3 => format!("{before}{}{}", after[..next].to_ascii_uppercase(), &after[next..]),
        4 => path.to_ascii_uppercase(),
        5 => path.replacen('/', "//", 1 + at % 3),
        6 => path + "/",
        7 => path + "//",
        8 => format!("{before}{}", &after[next..]),
        _ => format!("{before}{text}{after}"),
    }
}

fn path(routes: &[Registered]) -> impl Strategy<Value = String> + use<> {
    let patterns: Vec<String> = routes.iter().map(|(_, pattern, _)| pattern.clone()).collect();
    let made =
        (prop::sample::select(patterns), prop::collection::vec(value(), 4)).prop_map(|(p, values)| made(&p, &values));
    let text = prop::sample::select(
        &["/", "a", "s", "%2F", "%2f", "%zz", "%", "%4", "%C0%AF", "%25", "%252e", "%FF", "%2e", "-"][..],
    );
    let changes = prop::collection::vec((0..14u32, 0..40usize, text), 0..3);
    let changed = (made, changes)
        .prop_map(|(path, changes)| changes.iter().fold(path, |path, (what, at, text)| change(path, *what, *at, text)));
    prop_oneof![12 => changed, 1 => "/[/abs{}ü7.-]{0,8}"]
}

/// Up to 14 routes, and requests for them.
pub(crate) fn case(conditions: bool) -> impl Strategy<Value = Case> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), prop::option::weighted(0.3, 2..6usize));
    let default = || Just((true, false, false, None));
    let routes = |plain, most| prop::collection::vec(route(conditions, plain), 1..most);
    // Few of the plain ones fit the faster lane where there are many.
    let sets = prop_oneof![
        2 => (prop_oneof![default(), flags], routes(false, 14)),
        1 => (default(), routes(true, 7)),
        1 => (default(), routes(true, 14)),
    ];
    let accepted = if conditions { any::<u32>().boxed() } else { Just(u32::MAX).boxed() };
    (sets, accepted).prop_flat_map(|(((case_sensitive, trailing, duplicate, most), routes), accepted)| {
        let mut options = Options::default();
        options.case_sensitive = case_sensitive;
        options.ignore_trailing_slash = trailing;
        options.ignore_duplicate_slashes = duplicate;
        options.max_param_length = most;
        prop::collection::vec(path(&routes), 1..16).prop_map(move |paths| Case {
            options: options.clone(),
            routes: routes.clone(),
            paths,
            accepted,
        })
    })
}
