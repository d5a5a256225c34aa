//! What can be registered as a route.

use super::Route;

/// A route, or what makes one: the item that `#[get("/")]` and its sisters leave in the place of a function.
///
/// ```
/// # use fastweb_core::{App, Route, get};
/// fn health() -> Route {
///     get("/health", "ok").hidden()
/// }
/// let app = App::new().route(health).route(get("/", "hello"));
/// # drop(app);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no route",
    label = "not a route",
    note = "a function becomes one by its attribute, `#[get(\"/path\")]`, or without one: `get(\"/path\", function)`"
)]
pub trait IntoRoute {
    /// The route.
    fn into_route(self) -> Route;
}

impl IntoRoute for Route {
    fn into_route(self) -> Route {
        self
    }
}

/// What a function returns that makes a route. A trait of its own for what it says about functions that return something else.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this function is no route: it returns `{Self}`",
    label = "not a route",
    note = "its attribute makes it one, `#[get(\"/path\")]`; without one it is registered as `get(\"/path\", function)`"
)]
pub trait IsRoute {
    fn route(self) -> Route;
}

impl IsRoute for Route {
    fn route(self) -> Route {
        self
    }
}

impl<F: FnOnce() -> R, R: IsRoute> IntoRoute for F {
    fn into_route(self) -> Route {
        self().route()
    }
}
