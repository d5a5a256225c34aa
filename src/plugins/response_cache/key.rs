//! Under which key an answer is kept. Two requests have the same key only if what they were given by is the same: no part of a key can be taken for another.

use std::fmt::Write;
use std::sync::Arc;

use fastweb_core::{KeyIn, Request, Route, SecurityScheme};

use super::rule::Cached;

/// What is known of a route when the application is built.
#[derive(Debug)]
pub(super) struct CachedRoute {
    /// Of several routes of one path, by version, host or another constraint, each has its own.
    pub(super) number: usize,
    pub(super) rule: Cached,
    /// The headers by which its answers differ whatever they say, in lower case.
    pub(super) names: Vec<String>,
}

impl CachedRoute {
    pub(super) fn of(route: &Route, number: usize, ignores_cookies: bool, vary_by: &[String]) -> Self {
        let rule = route.get_config::<Cached>().cloned().unwrap_or_default();
        let mut names = Vec::new();
        let mut add = |name: &str| {
            let name = name.to_ascii_lowercase();
            if !names.contains(&name) {
                names.push(name);
            }
        };
        if !ignores_cookies {
            add("cookie");
        }
        vary_by.iter().chain(&rule.vary_by).for_each(|name| add(name));
        // Who asks by a header or a cookie of the application's own. What stands in `authorization` never comes here.
        for requirement in &route.doc().security {
            match requirement.scheme {
                SecurityScheme::ApiKey { place: KeyIn::Header, name } => add(name),
                SecurityScheme::ApiKey { place: KeyIn::Cookie, .. } => add("cookie"),
                _ => {}
            }
        }
        Self { number, rule, names }
    }

    /// The key of what does not differ by headers that only the answers name.
    pub(super) fn key(&self, req: &Request, method: &str) -> Arc<str> {
        let mut key = String::with_capacity(128);
        // None of these has a line end.
        let host = req.host().unwrap_or_default();
        let _ = write!(key, "{method} {}\n{}://{host}\n{}", self.number, req.protocol(), req.target());
        self.names.iter().for_each(|name| add(&mut key, req, name));
        key.into()
    }
}

/// The key of what differs by these headers, too.
pub(super) fn varied(base: &str, req: &Request, names: &[String]) -> Arc<str> {
    let mut key = String::with_capacity(base.len() + 64 * names.len());
    // A base has no such line.
    key.push_str(base);
    key.push_str("\n?");
    names.iter().for_each(|name| add(&mut key, req, name));
    key.into()
}

/// All values of a header. Names are tokens, which have no `=`, `:` or `?`, and values have no line ends, so that each line is what it begins with.
fn add(key: &mut String, req: &Request, name: &str) {
    let _ = write!(key, "\n{name}");
    for (_, value) in req.headers().filter(|(there, _)| there.eq_ignore_ascii_case(name)) {
        match std::str::from_utf8(value) {
            Ok(text) => key.extend(["\n=", text]),
            Err(_) => {
                key.push_str("\n:");
                value.iter().for_each(|byte| {
                    let _ = write!(key, "{byte:02x}");
                });
            }
        }
    }
}

/// The names by which answers can be removed. The first letter says of which kind they are.
pub(super) fn tag_of_target(target: &str) -> String {
    format!("u{target}")
}

pub(super) fn tag_of_route(pattern: &str) -> String {
    format!("r{pattern}")
}

pub(super) fn tag_of_name(name: &str) -> String {
    format!("t{name}")
}
