//! Constraints: what a request must have beside method and path for a route to answer it.

mod host;
#[cfg(feature = "accept-version")]
mod version;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::request::Request;
use host::HostPattern;
#[cfg(feature = "accept-version")]
use version::RouteVersion;

type Accepts = dyn Fn(&Request) -> bool + Send + Sync;

/// The constraints of one route. Most have none.
#[derive(Clone, Default)]
pub(crate) struct Constraints {
    host: Option<HostPattern>,
    #[cfg(feature = "accept-version")]
    version: Option<RouteVersion>,
    custom: Vec<(String, Arc<Accepts>)>,
    problems: Vec<String>,
}

impl Constraints {
    pub(crate) fn set_host(&mut self, host: String) {
        match HostPattern::parse(&host) {
            Ok(pattern) => self.host = Some(pattern),
            Err(problem) => self.problems.push(problem),
        }
    }

    #[cfg(feature = "accept-version")]
    pub(crate) fn set_version(&mut self, version: &str) {
        match RouteVersion::parse(version) {
            Ok(version) => self.version = Some(version),
            Err(problem) => self.problems.push(problem),
        }
    }

    pub(crate) fn add(&mut self, name: String, accepts: Arc<Accepts>) {
        if name.is_empty() {
            self.problems.push("has a constraint without a name, which could not be told from others: name it".into());
        }
        self.custom.push((name, accepts));
    }

    /// What is wrong with them; each completes the sentence "the route …".
    pub(crate) fn problems(&self) -> impl Iterator<Item = &String> {
        self.problems.iter()
    }

    /// How many there are: a route with more of them is tried before one with fewer.
    pub(crate) fn count(&self) -> u32 {
        let custom = u32::try_from(self.custom.len()).unwrap_or(u32::MAX - 2);
        u32::from(self.host.is_some()) + u32::from(self.vary()) + custom
    }

    /// Whether the answer depends on `accept-version`.
    pub(crate) fn vary(&self) -> bool {
        #[cfg(feature = "accept-version")]
        return self.version.is_some();
        #[cfg(not(feature = "accept-version"))]
        false
    }

    /// What two routes of one path and method differ in; the order in which custom ones were added does not count.
    pub(crate) fn key(&self) -> String {
        let mut sorted = self.clone();
        sorted.custom.sort_by(|(a, _), (b, _)| a.cmp(b));
        sorted.to_string()
    }

    /// Whether the route answers this request.
    pub(crate) fn accept(&self, request: &Request) -> bool {
        #[cfg(feature = "accept-version")]
        if !self.version.as_ref().is_none_or(|version| version.accepts(request)) {
            return false;
        }
        self.host.as_ref().is_none_or(|host| host.accepts(request))
            && self.custom.iter().all(|(_, accepts)| accepts(request))
    }

    /// Which of two routes of one path goes first: that with more constraints, then that with the higher version, then that for fewer
    /// hosts.
    pub(crate) fn precedence(&self, other: &Self) -> Ordering {
        let by_count = other.count().cmp(&self.count());
        #[cfg(feature = "accept-version")]
        let by_count = by_count.then_with(|| other.version.cmp(&self.version));
        let breadth = |constraints: &Self| constraints.host.as_ref().map(HostPattern::breadth);
        by_count.then_with(|| breadth(self).cmp(&breadth(other)))
    }
}

/// As messages and `print_routes()` show them: `host shop.example.com, version 1.2.0, beta`.
impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.host.iter().map(|host| format!("host {host}")));
        #[cfg(feature = "accept-version")]
        parts.extend(self.version.iter().map(|version| format!("version {version}")));
        parts.extend(self.custom.iter().map(|(name, _)| name.clone()));
        f.write_str(&parts.join(", "))
    }
}
