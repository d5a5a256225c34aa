//! The route of a request, as hooks see it.

use std::fmt;

use super::RouteRecord;

/// The route that a request is for: [`Request::route`](crate::Request::route). Where no route matched, it stands for what answers in the place of one, and
/// has the settings of its scope.
#[derive(Clone, Copy)]
pub struct RouteInfo<'r>(&'r RouteRecord);

impl<'r> RouteInfo<'r> {
    pub(crate) fn of(record: &'r RouteRecord) -> Self {
        Self(record)
    }

    /// The pattern of its path with the prefixes of its scopes: `/v1/users/{id}`. `*` where no route matched.
    pub fn pattern(&self) -> &'r str {
        &self.0.pattern
    }

    /// Its methods. `HEAD` goes with `GET`.
    pub fn methods(&self) -> impl ExactSizeIterator<Item = &'r str> {
        self.0.methods.iter().map(String::as_str)
    }

    /// Whether a route matched.
    pub fn is_matched(&self) -> bool {
        !self.0.is_fallback
    }

    /// The most bytes that the request's body may have.
    pub fn body_limit(&self) -> u64 {
        self.0.body.limit
    }

    /// What the route was told for whoever knows `T`: by [`Route::config`](crate::Route::config), or by the [`config`](crate::App::config) of the nearest
    /// scope that has one.
    pub fn config<T: 'static>(&self) -> Option<&'r T> {
        self.0.configs.get()
    }
}

impl fmt::Debug for RouteInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteInfo")
            .field("methods", &self.0.methods)
            .field("pattern", &self.0.pattern)
            .field("configs", &self.0.configs)
            .finish_non_exhaustive()
    }
}
