//! fastweb's router beside matchit and wayfind alone, over a small and a large set of routes; and its own forms of patterns that
//! those do not have, options and escapes, beside the same lookup without them.
//!
//! matchit alone is one `matchit::Router` per method behind a switch over the method, static paths in the same tree as
//! the others, and its parameters left as they are: nobody asks it for their text. wayfind alone is the same. fastweb's lookup
//! looks for escapes and dots too, and ends with the ranges of the parameters in `Params`. The times of `mixed` are of one lookup
//! of every route of the set, so its rate is what tells lookups apart.
//!
//! The large set and its paths are also those of `find-my-way.mjs`, which is Fastify's router.
//!
//! ```text
//! cargo bench --bench router                        # two minutes
//! cargo bench --bench router -- --test              # each body once
//! cargo bench --bench router -- --print-requests    # pattern, method and path of the large set, for find-my-way.mjs
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use fastweb_router::{Options, Params, Router};

#[path = "support/github_routes.rs"]
mod github_routes;

use github_routes::GITHUB_ROUTES;

/// What a small service has.
const SMALL_ROUTES: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/health"),
    ("GET", "/posts"),
    ("POST", "/posts"),
    ("GET", "/posts/{id}"),
    ("PUT", "/posts/{id}"),
    ("DELETE", "/posts/{id}"),
    ("GET", "/posts/{id}/comments"),
    ("GET", "/posts/{id}/comments/{comment_id}"),
    ("GET", "/assets/{*path}"),
];

/// One `matchit::Router` per method.
#[derive(Default)]
struct Matchit([matchit::Router<usize>; 5]);

impl Matchit {
    fn slot(method: &str) -> Option<usize> {
        match method {
            "GET" => Some(0),
            "POST" => Some(1),
            "PUT" => Some(2),
            "PATCH" => Some(3),
            "DELETE" => Some(4),
            _ => None,
        }
    }

    fn at<'p>(&self, method: &str, path: &'p str) -> Option<matchit::Match<'_, 'p, &usize>> {
        self.0[Self::slot(method)?].at(path).ok()
    }
}

/// The same of wayfind, whose parameters have other brackets.
struct Wayfind(Vec<wayfind::Router<usize>>);

impl Wayfind {
    fn new(routes: &[(&str, &str)]) -> Self {
        let mut builders: Vec<_> = (0..5).map(|_| wayfind::RouterBuilder::new()).collect();
        for (number, (method, path)) in routes.iter().enumerate() {
            let slot = Matchit::slot(method).expect("one of the five methods");
            builders[slot].insert(&path.replace('{', "<").replace('}', ">"), number).expect("nor do they in wayfind");
        }
        Self(builders.into_iter().map(wayfind::RouterBuilder::build).collect())
    }

    fn search<'p>(&self, method: &str, path: &'p str) -> Option<wayfind::Match<'_, 'p, usize>> {
        self.0[Matchit::slot(method)?].search(path)
    }
}

/// A path of the pattern, with values of the length that GitHub's have.
fn request_path(pattern: &str) -> String {
    let segments = pattern.split('/').map(|segment| match segment.strip_prefix('{') {
        None => segment,
        Some("owner}" | "org}" | "username}" | "target_user}") => "rust-lang",
        Some("repo}") => "rust-analyzer",
        Some(param) if param.starts_with('*') => "src/bin/main.rs",
        Some(param) if param.ends_with("sha}") => "6dcb09b5b57875f334f61aebed695e2e4193db5e",
        Some(param) if param.ends_with("id}") || param.ends_with("number}") => "1048576",
        Some(_) => "release",
    });
    segments.collect::<Vec<_>>().join("/")
}

fn main() {
    if std::env::args().any(|arg| arg == "--print-requests") {
        for (method, pattern) in GITHUB_ROUTES {
            println!("{pattern} {method} {}", request_path(pattern));
        }
        return;
    }
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    compare(
        &mut criterion,
        "router/10",
        SMALL_ROUTES,
        ["/health", "/posts/1048576/comments/4096", "/posts/1048576/likes"],
    );
    compare(
        &mut criterion,
        "router/250",
        GITHUB_ROUTES,
        [
            "/user/following",
            "/repos/rust-lang/rust-analyzer/pulls/1048576/commits",
            "/repos/rust-lang/rust-analyzer/pulls/1048576/nothing",
        ],
    );
    forms(&mut criterion);
    criterion.final_summary();
}

fn compare(criterion: &mut Criterion, name: &str, routes: &[(&'static str, &str)], paths: [&str; 3]) {
    let mut fastweb = Router::new();
    let mut alone = Matchit::default();
    let mut requests = Vec::new();
    for (number, &(method, path)) in routes.iter().enumerate() {
        fastweb.insert(method, path, number).expect("the routes do not collide");
        let slot = Matchit::slot(method).expect("one of the five methods");
        alone.0[slot].insert(path, number).expect("nor do they in matchit");
        requests.push((method, request_path(path)));
    }
    let wayfind = Wayfind::new(routes);
    // All have to give each request to its own route; a bench of wrong answers would be worth nothing.
    let mut params = Params::new();
    for (number, (method, path)) in requests.iter().enumerate() {
        assert_eq!(fastweb.find(method, path, &mut params), Ok(&number), "{method} {path}");
        assert_eq!(alone.at(method, path).map(|found| *found.value), Some(number), "{method} {path}");
        assert_eq!(wayfind.search(method, path).map(|found| *found.data()), Some(number), "{method} {path}");
    }
    let [_, param, miss] = paths;
    assert!(fastweb.find("GET", param, &mut params).is_ok() && !params.is_empty());
    assert!(fastweb.find("GET", miss, &mut params).is_err());

    let mut group = criterion.benchmark_group(name);
    for (kind, path) in ["static", "param", "miss"].into_iter().zip(paths) {
        group.throughput(Throughput::Elements(1));
        rivals(&mut group, kind, &fastweb, &alone, &wayfind, &[("GET", path.to_owned())]);
    }
    group.throughput(Throughput::Elements(requests.len() as u64));
    rivals(&mut group, "mixed", &fastweb, &alone, &wayfind, &requests);
    group.finish();
}

fn rivals(
    group: &mut BenchmarkGroup<'_, WallTime>,
    kind: &str,
    fastweb: &Router<usize>,
    alone: &Matchit,
    wayfind: &Wayfind,
    requests: &[(&str, String)],
) {
    find_all(group, &format!("{kind}/fastweb"), fastweb, requests);
    group.bench_function(format!("{kind}/matchit"), |bencher| {
        bencher.iter(|| {
            for (method, path) in requests {
                black_box(alone.at(black_box(method), black_box(path)));
            }
        });
    });
    group.bench_function(format!("{kind}/wayfind"), |bencher| {
        bencher.iter(|| {
            for (method, path) in requests {
                black_box(wayfind.search(black_box(method), black_box(path)));
            }
        });
    });
}

fn find_all(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, router: &Router<usize>, requests: &[(&str, String)]) {
    group.bench_function(name, |bencher| {
        let mut params = Params::new();
        bencher.iter(|| {
            for (method, path) in requests {
                black_box(router.find(black_box(method), black_box(path), &mut params).ok());
                black_box(&params);
            }
        });
    });
}

/// What only fastweb has: one lookup each, beside the plain one.
fn forms(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("router/forms");
    group.throughput(Throughput::Elements(1));
    let mut one = |name: &str, options: Options, patterns: &[&str], path: &str| {
        let mut router = Router::with_options(options);
        for (number, pattern) in patterns.iter().enumerate() {
            router.insert("GET", pattern, number).expect("the routes do not collide");
        }
        let mut params = Params::new();
        assert_eq!(router.find("GET", path, &mut params), Ok(&0), "{path}");
        find_all(&mut group, name, &router, &[("GET", path.to_owned())]);
    };
    let plain = Options::default;
    let folding = || {
        let mut options = Options::default();
        options.case_sensitive = false;
        options.ignore_trailing_slash = true;
        options.ignore_duplicate_slashes = true;
        options
    };
    let path = "/teams/blue/members/1048576";
    one("plain", plain(), &["/teams/{team}/members/{id}"], path);
    one("typed", plain(), &["/teams/{team}/members/{id:u64}"], path);
    one("typed before untyped", plain(), &["/teams/{team}/members/{id:u64}", "/teams/{team}/members/{name}"], path);
    one("optional", plain(), &["/teams/{team}/members/{id?}"], path);
    one("several", plain(), &["/teams/{team}/members/{a}-{b}.{c}"], "/teams/blue/members/104-8576.json");
    let overlapping = ["/{a}/{b}/{c}/{d}", "/teams/{b}/members/x", "/teams/{b}/{c}/y"];
    one("back through three routes", plain(), &overlapping, path);
    one("options, nothing to fold", folding(), &["/teams/{team}/members/{id}"], path);
    one("options, all folded", folding(), &["/teams/{team}/members/{id}"], "//Teams/Blue/members/1048576/");
    one("escapes", plain(), &["/teams/{team}/members/{id}"], "/teams/bl%C3%BCe/members/1048576");
    group.finish();
}
