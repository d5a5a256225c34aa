//! Why a path found no route.

use std::error::Error;
use std::fmt;

use crate::ParamType;

/// Why [`Router::find`](crate::Router::find) found nothing.
///
/// None of the texts repeats what the client sent.
///
/// ```
/// use fastweb_router::{Miss, ParamType, Params, Router};
///
/// let mut router = Router::new();
/// router.insert("GET", "/users/{id:u64}", ())?;
///
/// let mut find = |path| router.find("GET", path, &mut Params::new()).err();
/// assert_eq!(find("/users/42"), None);
/// assert_eq!(find("/teams/42"), Some(Miss::NotFound));
/// assert_eq!(find("/users/%zz"), Some(Miss::BadEscape));
/// let miss = find("/users/me").unwrap();
/// assert_eq!(miss, Miss::WrongType { param: "id".into(), expected: ParamType::U64 });
/// assert_eq!(miss.to_string(), "the path's parameter `id` has to be of the type u64");
/// # Ok::<(), fastweb_router::InsertError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Miss {
    /// No route matches.
    NotFound,
    /// The path has a `%` without two hexadecimal digits behind it, or escapes that make no UTF-8.
    BadEscape,
    /// What a parameter or a catch-all takes has a segment that is `.` or `..`, escapes undone, those of slashes too. Clients resolve
    /// these before they send a path (RFC 3986 section 5.2.4), so somebody wants to leave a folder.
    DotSegment,
    /// A parameter is longer than [`Options::max_param_length`](crate::Options::max_param_length).
    ParamTooLong {
        /// Its name.
        param: Box<str>,
        /// The most bytes that it may have.
        limit: usize,
    },
    /// A route would match, were this parameter of its type.
    WrongType {
        /// Its name.
        param: Box<str>,
        /// Its type.
        expected: ParamType,
    },
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no route matches the path"),
            Self::BadEscape => f.write_str(
                "the path has a `%` that is no escape of UTF-8; two hexadecimal digits follow a `%`, and `%25` is the \
                 character itself",
            ),
            Self::DotSegment => f.write_str("the path has a `.` or `..` where a name is expected"),
            Self::ParamTooLong { param, limit } => {
                write!(f, "the path's parameter `{param}` is longer than {limit} bytes")
            }
            Self::WrongType { param, expected } => {
                write!(f, "the path's parameter `{param}` has to be of the type {expected}")
            }
        }
    }
}

impl Error for Miss {}
