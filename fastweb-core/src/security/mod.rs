//! Credentials as arguments of handlers and dependencies: who asks.
//!
//! They are taken from the request and not judged: whether a password or a token is right is the application's to say, best in a
//! [`Dependency`](crate::Dependency). What is missing is 401 with the challenge that RFC 9110 asks for, and the scheme stands in the documentation of
//! every route that takes it, itself or by a dependency.

mod api_key;
mod base64;
mod basic;
mod bearer;

pub use api_key::{ApiKey, ApiKeyScheme, KeyIn};
pub use basic::Basic;
pub use bearer::Bearer;

use crate::error::Error;
use crate::request::Request;

/// How a route wants to know who asks: an entry of OpenAPI's `securitySchemes`.
///
/// ```
/// # use fastweb_core::{Basic, Bearer, SecurityScheme, get};
/// let route = get("/", |_: Bearer, _: Option<Basic>| ());
/// let security = &route.doc().security;
/// assert_eq!((security[0].scheme, security[0].is_required), (SecurityScheme::Bearer, true));
/// assert_eq!((security[1].scheme, security[1].is_required), (SecurityScheme::Basic, false));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecurityScheme {
    /// Name and password (RFC 7617).
    Basic,
    /// A token (RFC 6750).
    Bearer,
    /// A key in a place and under a name of the application's own.
    ApiKey {
        /// Where it stands.
        place: KeyIn,
        /// The name of the header, the parameter or the cookie.
        name: &'static str,
    },
}

/// A scheme that a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecurityRequirement {
    /// The scheme.
    pub scheme: SecurityScheme,
    /// The route does not do without it. One that is an `Option` or `Result` is not required.
    pub is_required: bool,
}

/// What stands behind the name of the scheme in the `authorization` header. Of two such headers nobody could say which one counts.
fn credentials<'r>(request: &'r Request, scheme: &str) -> Option<&'r str> {
    let mut fields = request.headers().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let (Some((_, value)), None) = (fields.next(), fields.next()) else { return None };
    // RFC 9110, 11.1: the scheme's letters may have any case.
    let (name, rest) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| rest.trim_matches(' '))
}

fn unauthorized(message: impl Into<std::borrow::Cow<'static, str>>, challenge: String) -> Error {
    Error::unauthorized(message).with_header("www-authenticate", challenge)
}

/// Compares without telling by the time it takes how much of a secret was right. Its length is no secret.
fn same(given: &str, secret: &str) -> bool {
    let different = given.bytes().zip(secret.bytes()).fold(0, |different, (a, b)| different | (a ^ b));
    std::hint::black_box(different) == 0 && given.len() == secret.len()
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same("", "") && same("abc", "abc"));
        for (given, secret) in [("abc", "abd"), ("ab", "abc"), ("abc", "ab"), ("", "a")] {
            assert!(!same(given, secret), "{given} {secret}");
        }
    }
}
