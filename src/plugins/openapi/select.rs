//! Which routes a document describes.

use std::fmt;

use fastweb_core::Route;

/// A part of the routes: see [`OpenApi::only`](super::OpenApi::only) and [`OpenApi::document`](super::OpenApi::document).
///
/// ```
/// use fastweb::openapi::Select;
///
/// let users = Select::tag("users");
/// let second = Select::prefix("/v2");
/// let writing = Select::by(|route| route.methods().any(|method| method != "GET"));
/// # drop((users, second, writing));
/// ```
pub struct Select(Box<Takes>);

type Takes = dyn Fn(&Route) -> bool + Send + Sync;

impl Select {
    /// Routes that stand in a group.
    pub fn tag(tag: impl Into<String>) -> Self {
        let tag = tag.into();
        Self::by(move |route| route.doc().tags.iter().any(|other| *other == tag))
    }

    /// Routes whose paths begin with this one: `/v2` has `/v2` and `/v2/users`, not `/v20`.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        Self::by(move |route| {
            let rest = route.path().strip_prefix(prefix.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Routes that `takes` says yes to.
    pub fn by(takes: impl Fn(&Route) -> bool + Send + Sync + 'static) -> Self {
        Self(Box::new(takes))
    }

    pub(super) fn takes(&self, route: &Route) -> bool {
        (self.0)(route)
    }
}

impl fmt::Debug for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Select").finish_non_exhaustive()
    }
}
