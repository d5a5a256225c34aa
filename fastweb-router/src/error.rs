//! Why a route was refused.

use std::error::Error;
use std::fmt;

/// Why [`Router::insert`](crate::Router::insert) refused a route. The router is then as it was before.
///
/// Every message names the method, the path, what is wrong and how to mend it, for somebody who did not write either
/// of the routes:
///
/// ```
/// use fastweb_router::Router;
///
/// let mut router = Router::new();
/// router.insert("GET", "/users/{id}", "show")?;
///
/// let error = router.insert("GET", "/users/{name}", "find").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the route GET /users/{name} exists already, as GET /users/{id}: both match the same path, and the names of their \
///      parameters do not tell them apart; remove one of them, or give it another path or method"
/// );
/// # Ok::<(), fastweb_router::InsertError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InsertError {
    /// The method is no token (RFC 9110 section 5.6.2), so no request can carry it.
    ///
    /// ```
    /// use fastweb_router::{InsertError, Router};
    ///
    /// let error = Router::new().insert("GET /", "/", ()).unwrap_err();
    /// assert_eq!(error, InsertError::InvalidMethod { method: "GET /".into(), path: "/".into() });
    /// ```
    InvalidMethod {
        /// The method as it was given.
        method: String,
        /// The path it was given with.
        path: String,
    },

    /// The path is not in the router's syntax.
    ///
    /// ```
    /// use fastweb_router::{InsertError, Router};
    ///
    /// let error = Router::new().insert("GET", "/{from}{to}", ()).unwrap_err();
    /// assert!(matches!(error, InsertError::Invalid { ref reason, .. } if reason.contains("nothing stands between")));
    /// ```
    Invalid {
        /// The path as it was given.
        path: String,
        /// What is wrong with it, and what to write instead.
        reason: String,
    },

    /// A route of this method matches the same path in the same way: at most the names of parameters differ, or one of the two has an
    /// optional parameter that is absent there, or the paths are the same by the router's [`Options`](crate::Options).
    ///
    /// ```
    /// use fastweb_router::{InsertError, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/users/{id}", ())?;
    /// let error = router.insert("GET", "/users/{name}", ()).unwrap_err();
    /// assert!(matches!(error, InsertError::Duplicate { with, .. } if with == "/users/{id}"));
    /// # Ok::<(), InsertError>(())
    /// ```
    Duplicate {
        /// The method of both routes.
        method: String,
        /// The path that was refused.
        path: String,
        /// The path that is there, as it was registered.
        with: String,
    },

    /// A route of this method has other parameters in the same place, some text may fit both, and neither is the more specific one
    /// (see [conflicts](crate#conflicts)).
    ///
    /// ```
    /// use fastweb_router::{InsertError, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/at/{lat}-{lng}", ())?;
    /// let error = router.insert("GET", "/at/{lat}.{lng}", ()).unwrap_err();
    /// assert!(matches!(error, InsertError::Conflict { with, .. } if with == "/at/{lat}-{lng}"));
    /// # Ok::<(), InsertError>(())
    /// ```
    Conflict {
        /// The method of both routes.
        method: String,
        /// The path that was refused.
        path: String,
        /// The path it collides with, as it was registered.
        with: String,
    },

    /// The route could never be reached: one of this method goes before it and matches every path that it matches.
    ///
    /// That is so of the types whose texts have dashes or an end in common, beside text that is just that.
    ///
    /// ```
    /// use fastweb_router::{InsertError, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/log/{from}-{to}", ())?;
    /// let error = router.insert("GET", "/log/{day:date}", ()).unwrap_err();
    /// assert!(matches!(error, InsertError::Shadowed { with, .. } if with == "/log/{from}-{to}"));
    /// # Ok::<(), InsertError>(())
    /// ```
    Shadowed {
        /// The method of both routes.
        method: String,
        /// The path that was refused.
        path: String,
        /// The path that takes all of its paths, as it was registered.
        with: String,
    },

    /// The same the other way round: a route that is there could no longer be reached.
    ///
    /// ```
    /// use fastweb_router::{InsertError, Router};
    ///
    /// let mut router = Router::new();
    /// router.insert("GET", "/log/{day:date}", ())?;
    /// let error = router.insert("GET", "/log/{from}-{to}", ()).unwrap_err();
    /// assert!(matches!(error, InsertError::Shadows { with, .. } if with == "/log/{day:date}"));
    /// # Ok::<(), InsertError>(())
    /// ```
    Shadows {
        /// The method of both routes.
        method: String,
        /// The path that was refused.
        path: String,
        /// The path whose paths it would all take, as it was registered.
        with: String,
    },
}

impl fmt::Display for InsertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidMethod { method, path } => write!(
                f,
                "the route {method:?} {path}: {method:?} is not an HTTP method; write a token such as GET or PURGE, \
                 without blanks and separators"
            ),
            Self::Invalid { path, reason } => write!(f, "the path {path:?} is not valid: {reason}"),
            Self::Duplicate { method, path, with } if path == with => write!(
                f,
                "the route {method} {path} exists already; remove one of the two, or give it another path or method"
            ),
            Self::Duplicate { method, path, with } => write!(
                f,
                "the route {method} {path} exists already, as {method} {with}: both match the same path, and the names of \
                 their parameters do not tell them apart; remove one of them, or give it another path or method"
            ),
            Self::Conflict { method, path, with } => write!(
                f,
                "the route {method} {path} collides with {method} {with}: both have parameters in the same place, some text \
                 may fit both, and neither is the more specific one; put a static segment before one of them, or give them \
                 types of which one holds the other"
            ),
            Self::Shadowed { method, path, with } => write!(
                f,
                "the route {method} {path} could never be reached: {method} {with} matches every path that it matches, and goes \
                 first because of the text beside its parameter; put a static segment before one of them, or remove one"
            ),
            Self::Shadows { method, path, with } => write!(
                f,
                "the route {method} {path} would hide {method} {with}: it matches every path that that one matches, and goes \
                 first because of the text beside its parameter; put a static segment before one of them, or remove one"
            ),
        }
    }
}

impl Error for InsertError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_everything() {
        let (method, path) = ("GET".to_owned(), "/a/{x}".to_owned());
        let with = "/a/{y}".to_owned();
        for error in [
            InsertError::Duplicate { method: method.clone(), path: path.clone(), with: with.clone() },
            InsertError::Conflict { method: method.clone(), path: path.clone(), with: with.clone() },
        ] {
            let message = error.to_string();
            assert!(message.contains("GET /a/{x}") && message.contains("GET /a/{y}"), "{message}");
        }
        let error = InsertError::Invalid { path: path.clone(), reason: "too blue".to_owned() };
        assert_eq!(error.to_string(), "the path \"/a/{x}\" is not valid: too blue");
        let error = InsertError::Duplicate { method, path: path.clone(), with: path };
        assert_eq!(
            error.to_string(),
            "the route GET /a/{x} exists already; remove one of the two, or give it another path or method"
        );
        // Control characters of a method are shown, not sent to the terminal.
        let error = InsertError::InvalidMethod { method: "A\x1b[2J".to_owned(), path: "/".to_owned() };
        assert!(error.to_string().starts_with("the route \"A\\u{1b}[2J\" /: "), "{error}");
    }
}
