//! Paths of any text against tables of routes that do not change: what fuzzers feed, and what they have found.

use fastweb_router::Options;

use crate::cases::Case;
use crate::check::{Reached, check};

/// Every form of segment, with neighbours that it could be taken for.
const TABLES: [&[&str]; 4] = [
    &[
        "/",
        "/a",
        "/a/",
        "/a/b",
        "/{x}",
        "/{x}/b",
        "/a/{x}",
        "/a/{x}/{y}",
        "/files/{*rest}",
        "/files/a",
        "/ab{x}",
        "/{x}s",
    ],
    &["/v{x:u8}", "/v{x}", "/{x:date}", "/{x:i8}/{y:hex}", "/{x:bool}", "/{a}-{b}", "/{a}-{b}.{c}", "/t/{x:alpha}/z"],
    &["/w/{*rest?}", "/o/{x}", "/o/{x}/{y?}", "/{{x}}", "/ü/{x}", "/100%/{x}", "/A/{x}", "/a/{x:f64}", "//", "//{x}"],
    &["/{x}", "/{x}/", "/{x}/{y}", "/{x}/{y}/{z}", "/a{x}/b", "/a/b{x}s", "/c/{*x}", "/c/d/{*x}", "/c/d/e"],
];

/// The slow way tries everything; more than this shows nothing new.
const LONGEST: usize = 64;
const MOST: usize = 8;

/// The first byte picks table and options; behind it are paths, one a line. `None` if that is no text.
fn case_of(input: &[u8]) -> Option<Case> {
    let (&first, paths) = input.split_first()?;
    let paths = std::str::from_utf8(paths).ok()?;
    let mut options = Options::default();
    options.case_sensitive = first & 4 == 0;
    options.ignore_trailing_slash = first & 8 != 0;
    options.ignore_duplicate_slashes = first & 16 != 0;
    options.max_param_length = (first & 32 != 0).then_some(3);
    let conditional = first & 64 != 0;
    let routes = TABLES[usize::from(first & 3)].iter().enumerate();
    let routes = routes.map(|(at, path)| {
        let method = if at % 5 == 4 { "POST" } else { "GET" };
        (method, (*path).to_owned(), (conditional && at % 3 == 0).then_some(at as u32))
    });
    let paths = paths.split('\n').take(MOST).filter(|path| path.len() <= LONGEST).map(str::to_owned);
    Some(Case {
        options,
        routes: routes.collect(),
        paths: paths.collect(),
        accepted: u32::from(first).wrapping_mul(0x0101_0101),
    })
}

/// Panics where the router and the slow way differ.
pub(crate) fn run(input: &[u8]) {
    if let Some(case) = case_of(input) {
        check(&case, &mut Reached::default()).unwrap();
    }
}

#[test]
fn inputs_of_the_fuzzer() {
    let mut count = 0;
    for file in std::fs::read_dir("fuzz/seeds/path").unwrap() {
        run(&std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0, "tests run in the folder of their package");
}

/// All options with every table, and paths that most of them care for.
#[test]
fn every_table_with_every_option() {
    for first in 0..128 {
        run(&[&[first][..], "/a/b\n//a//b/\n/A/%2F\n/v300\n/2026-02-30\n/c/d/e/f\n/a/%ff\n/../x\n/x-y.z".as_bytes()]
            .concat());
    }
}
