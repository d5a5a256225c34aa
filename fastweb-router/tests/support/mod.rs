//! What the tests of one theme share: a router of GET routes whose values are their patterns.

use fastweb_router::{Miss, Options, Params, Router, param_names};

pub(crate) struct Routes(pub(crate) Router<&'static str>);

impl Routes {
    #[allow(dead_code, reason = "not every test file makes one without options")]
    pub(crate) fn new(patterns: &[&'static str]) -> Self {
        Self::with(Options::default(), patterns)
    }

    pub(crate) fn with(options: Options, patterns: &[&'static str]) -> Self {
        let mut router = Router::with_options(options);
        for pattern in patterns {
            router.insert("GET", pattern, *pattern).unwrap_or_else(|error| panic!("{error}"));
        }
        Self(router)
    }

    /// The pattern that matches, and the parameters as `name=value`.
    #[track_caller]
    pub(crate) fn hit(&self, path: &str, pattern: &str, named: &[&str]) {
        let mut params = Params::new();
        let found = self.0.find("GET", path, &mut params).unwrap_or_else(|miss| panic!("{path}: {miss}"));
        let values = param_names(found).into_iter().zip(params.iter());
        let values: Vec<String> = values.map(|(name, range)| format!("{name}={}", &path[range])).collect();
        assert_eq!((*found, values.iter().map(String::as_str).collect()), (pattern, named.to_vec()), "{path}");
    }

    #[track_caller]
    pub(crate) fn miss(&self, path: &str, expected: Miss) {
        let mut params = Params::new();
        assert_eq!(self.0.find("GET", path, &mut params), Err(expected), "{path}");
        assert!(params.is_empty());
    }
}
