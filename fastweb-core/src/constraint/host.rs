//! The `host` constraint.

use std::cmp::Reverse;
use std::fmt;

use crate::request::Request;

/// A host that requests may be for, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPattern {
    /// Of a wildcard, what follows the `*`, dot included.
    name: String,
    is_wildcard: bool,
    /// Requests with any port are meant where there is none.
    port: Option<String>,
}

impl HostPattern {
    /// # Errors
    /// What is wrong, to complete the sentence "the route …".
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "is constrained to the host {text:?}, which is none: write a name (`example.com`), a name with a port (`example.com:8080`), \
                 or `*.example.com`"
            )
        };
        let (name, port) = split_port(text);
        let (name, is_wildcard) = match name.strip_prefix('*') {
            Some(rest) if rest.starts_with('.') => (rest, true),
            Some(_) => return Err(wrong()),
            None => (name, false),
        };
        let bare = if is_wildcard { &name[1..] } else { name };
        let is_address = bare.starts_with('[') && bare.ends_with(']');
        let is_name = bare
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        if !(is_name || (is_address && !is_wildcard)) || !port.is_none_or(is_port) {
            return Err(wrong());
        }
        Ok(Self { name: name.to_ascii_lowercase(), is_wildcard, port: port.map(str::to_owned) })
    }

    /// The less of it, the fewer hosts are meant: `*.example.com` comes behind `www.example.com`, the shorter of two wildcards behind
    /// the longer, and any port behind a certain one.
    pub(super) fn breadth(&self) -> (bool, Reverse<usize>, bool) {
        (self.is_wildcard, Reverse(self.name.len()), self.port.is_none())
    }

    pub(super) fn accepts(&self, request: &Request) -> bool {
        self.accepts_text(request.asked_host().unwrap_or_default())
    }

    fn accepts_text(&self, host: &str) -> bool {
        let (name, port) = split_port(host);
        if self.port.is_some() && self.port.as_deref() != port {
            return false;
        }
        // A trailing dot says that the name is complete, which changes nothing.
        let name = name.strip_suffix('.').unwrap_or(name).as_bytes();
        let wanted = self.name.as_bytes();
        if !self.is_wildcard {
            return name.eq_ignore_ascii_case(wanted);
        }
        name.len().checked_sub(wanted.len()).is_some_and(|at| at > 0 && name[at..].eq_ignore_ascii_case(wanted))
    }
}

/// Name and port; the colons of an IPv6 address are in brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, is_wildcard, port } = self;
        write!(f, "{}{name}", if *is_wildcard { "*" } else { "" })?;
        port.iter().try_for_each(|port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_meant() {
        for (pattern, host, accepted) in [
            ("example.com", "example.com", true),
            ("example.com", "EXAMPLE.com:81", true),
            ("Example.com", "example.com.", true),
            ("example.com", "www.example.com", false),
            ("example.com", "example.co", false),
            ("example.com", "", false),
            ("example.com:8080", "example.com:8080", true),
            ("example.com:8080", "example.com", false),
            ("example.com:8080", "example.com:80", false),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "a.b.EXAMPLE.com:1", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "badexample.com", false),
            ("[::1]", "[::1]:3000", true),
            ("[::1]:80", "[::1]", false),
            ("localhost", "localhost", true),
        ] {
            let parsed = HostPattern::parse(pattern).unwrap();
            assert_eq!(parsed.accepts_text(host), accepted, "{pattern} {host}");
            assert_eq!(HostPattern::parse(&parsed.to_string()), Ok(parsed), "{pattern}");
        }
    }

    #[test]
    fn the_narrower_goes_first() {
        let ordered = [
            "a.b.example.com:80",
            "a.b.example.com",
            "*.b.example.com:80",
            "*.b.example.com",
            "*.example.com",
            "*.com",
        ];
        let breadths = ordered.map(|text| HostPattern::parse(text).unwrap().breadth());
        assert!(breadths.is_sorted_by(|a, b| a < b), "{breadths:?}");
    }

    #[test]
    fn what_is_no_host_is_told() {
        for pattern in ["", "*", "*.", "a..b", ".a", "a b", "http://a", "a/b", "a:", "a:http", "*.[::1]", "*a.b"] {
            let problem = HostPattern::parse(pattern).unwrap_err();
            assert!(problem.contains(&format!("{pattern:?}")), "{problem}");
        }
    }
}
