//! The `version` constraint: a route has a version, a request asks for one or for a range of them.

use std::fmt;

use semver::{Version, VersionReq};

use crate::request::Request;

/// The header by which a request asks, as in Fastify.
pub(crate) const HEADER: &str = "accept-version";

/// No range that a request asks with is longer than this.
const LONGEST_RANGE: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RouteVersion(Version);

impl RouteVersion {
    /// # Errors
    /// What is wrong, to complete the sentence "the route …".
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Version::parse(text).map(Self).map_err(|error| {
            format!("has the version {text:?}, which is none ({error}): write major, minor and patch, as in `1.2.0`")
        })
    }

    /// A request without the header asks for no version. One whose header is no range gets none.
    pub(super) fn accepts(&self, request: &Request) -> bool {
        request.header(HEADER).is_some_and(|asked| self.fits(asked))
    }

    fn fits(&self, asked: &str) -> bool {
        let asked = asked.trim();
        if asked.len() > LONGEST_RANGE {
            return false;
        }
        // `1.2.0` alone means just that, and to semver's ranges "1.2.0 or whatever is compatible".
        if let Ok(version) = Version::parse(asked) {
            return version == self.0;
        }
        // `1.2` means any patch of it, as in Fastify, and to semver's ranges any later minor too.
        let is_partial = asked.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let range = if is_partial { VersionReq::parse(&format!("{asked}.*")) } else { VersionReq::parse(asked) };
        range.is_ok_and(|range| range.matches(&self.0))
    }
}

impl fmt::Display for RouteVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (version, asked, fits) in [
            ("1.2.3", "1.2.3", true),
            ("1.2.3", " 1.2.3 ", true),
            ("1.2.4", "1.2.3", false),
            ("1.2.3", "1.2.x", true),
            ("1.2.3", "1.2.*", true),
            ("1.2.3", "1.2", true),
            ("1.3.0", "1.2", false),
            ("1.3.0", "1.x", true),
            ("1.3.0", "1", true),
            ("2.0.0", "1", false),
            ("2.0.0", "*", true),
            ("1.9.0", "^1.2", true),
            ("2.0.0", "^1.2", false),
            ("1.2.9", "~1.2.3", true),
            ("1.3.0", "~1.2.3", false),
            ("2.5.0", ">=1, <3", true),
            ("3.0.0", ">=1, <3", false),
            ("1.0.0-beta.1", "1.0.0-beta.1", true),
            ("1.0.0-beta.1", "1.x", false),
            ("1.0.0", "", false),
            ("1.0.0", "one", false),
            ("1.0.0", "1.0.0.0", false),
            ("1.0.0", ">=", false),
        ] {
            assert_eq!(RouteVersion::parse(version).unwrap().fits(asked), fits, "{version} {asked:?}");
        }
        assert!(!RouteVersion::parse("1.0.0").unwrap().fits(&"1,".repeat(LONGEST_RANGE)));
    }

    #[test]
    fn what_is_no_version_is_told() {
        for text in ["", "1", "1.2", "v1.2.3", "1.x"] {
            let problem = RouteVersion::parse(text).unwrap_err();
            assert!(problem.contains(&format!("{text:?}")) && problem.contains("`1.2.0`"), "{problem}");
        }
    }
}
