//! fastweb's router beside matchit alone, over a small and a large set of routes.
//!
//! matchit alone is one `matchit::Router` per method behind a switch over the method, static paths in the same tree as
//! the others, and its parameters left as they are: nobody asks it for their text. fastweb's lookup ends with the ranges
//! of the parameters in `Params`. The times of `mixed` are of one lookup of every route of the set, so its rate is what
//! tells lookups apart.
//!
//! ```text
//! cargo bench --bench router              # a minute
//! cargo bench --bench router -- --test    # each body once
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use fastweb_router::{Params, Router};

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
    // Both have to give each request to its own route; a bench of wrong answers would be worth nothing.
    let mut params = Params::new();
    for (number, (method, path)) in requests.iter().enumerate() {
        assert_eq!(fastweb.find(method, path, &mut params), Ok(&number), "{method} {path}");
        assert_eq!(alone.at(method, path).map(|found| *found.value), Some(number), "{method} {path}");
    }
    let [_, param, miss] = paths;
    assert!(fastweb.find("GET", param, &mut params).is_ok() && !params.is_empty());
    assert!(fastweb.find("GET", miss, &mut params).is_err());

    let mut group = criterion.benchmark_group(name);
    for (kind, path) in ["static", "param", "miss"].into_iter().zip(paths) {
        group.throughput(Throughput::Elements(1));
        pair(&mut group, kind, &fastweb, &alone, &[("GET", path.to_owned())]);
    }
    group.throughput(Throughput::Elements(requests.len() as u64));
    pair(&mut group, "mixed", &fastweb, &alone, &requests);
    group.finish();
}

fn pair(
    group: &mut BenchmarkGroup<'_, WallTime>,
    kind: &str,
    fastweb: &Router<usize>,
    alone: &Matchit,
    requests: &[(&str, String)],
) {
    group.bench_function(format!("{kind}/fastweb"), |bencher| {
        let mut params = Params::new();
        bencher.iter(|| {
            for (method, path) in requests {
                black_box(fastweb.find(black_box(method), black_box(path), &mut params).ok());
                black_box(&params);
            }
        });
    });
    group.bench_function(format!("{kind}/matchit"), |bencher| {
        bencher.iter(|| {
            for (method, path) in requests {
                black_box(alone.at(black_box(method), black_box(path)));
            }
        });
    });
}
