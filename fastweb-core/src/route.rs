//! Routes: what is declared, and the record of it that serves requests.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::error::Result;
use crate::extract::BodyUse;
use crate::handler::{ErasedErrorHandler, ErasedHandler, Handler};
use crate::hooks::{Hooks, RouteHooks, Timing};

/// A route and its options: method, path, handler, hooks, limits.
///
/// Made by [`get`], [`post`] and their sisters, registered with [`App::route`](crate::App::route). `app.get(path, handler)` is the short form for a
/// route without options.
///
/// ```
/// # use fastweb_core::{App, Body, post};
/// let upload = post("/upload", async |_: Body| "stored").body_limit(64 * 1024 * 1024);
/// let app = App::new().route(upload);
/// # drop(app);
/// ```
#[must_use = "a route does nothing until it is registered with `App::route`"]
pub struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) handler: Result<Box<dyn ErasedHandler>>,
    pub(crate) hooks: Hooks,
    pub(crate) error_handler: Option<Arc<dyn ErasedErrorHandler>>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) place: &'static Location<'static>,
}

/// A route of any method: `route("PROPFIND", "/files", handler)`.
#[track_caller]
pub fn route<M>(method: impl AsRef<str>, path: impl Into<String>, handler: impl Handler<M>) -> Route {
    Route {
        method: method.as_ref().to_owned(),
        path: path.into(),
        handler: handler.erase(),
        hooks: Hooks::default(),
        error_handler: None,
        body_limit: None,
        place: Location::caller(),
    }
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:literal,)+) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<M>(path: impl Into<String>, handler: impl Handler<M>) -> Route {
            route($method, path, handler)
        }
    )+};
}

methods! {
    /// A `GET` route. It answers `HEAD` too, without the body, unless the path has a `HEAD` route of its own.
    get "GET",
    /// A `POST` route.
    post "POST",
    /// A `PUT` route.
    put "PUT",
    /// A `PATCH` route.
    patch "PATCH",
    /// A `DELETE` route.
    delete "DELETE",
    /// A `HEAD` route.
    head "HEAD",
    /// An `OPTIONS` route.
    options "OPTIONS",
    /// A `TRACE` route.
    trace "TRACE",
}

/// The methods that add hooks: the same for the application and for a route.
macro_rules! hook_methods {
    () => {
        /// Adds a hook that runs when the route is known and the body has not been read.
        pub fn on_request<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.hooks.on_request.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs before the body is read. It may replace the body: [`Request::set_body`](crate::Request::set_body).
        pub fn pre_parsing<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.hooks.pre_parsing.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs when the body has been read, before arguments are made of the request.
        pub fn pre_validation<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.hooks.pre_validation.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs when the request is valid, before the handler.
        pub fn pre_handler<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.hooks.pre_handler.push(hook.erase().into());
            self
        }

        /// Adds a hook that may replace the value that a handler answered with, before it becomes bytes.
        pub fn pre_serialization<M>(mut self, hook: impl $crate::hooks::SerializationHook<M>) -> Self {
            self.hooks.pre_serialization.push(hook.erase().into());
            self
        }

        /// Adds a hook that sees every reply, those for errors included, before it is sent, and may change it.
        pub fn on_send<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.hooks.on_send.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs after the reply was handed to the operating system.
        pub fn on_response<M>(mut self, hook: impl $crate::hooks::ResponseHook<M>) -> Self {
            self.hooks.on_response.push(hook.erase().into());
            self
        }

        /// Adds a hook that observes errors, before the error handler answers them.
        pub fn on_error<M>(mut self, hook: impl $crate::hooks::ErrorHook<M>) -> Self {
            self.hooks.on_error.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs when a handler took longer than it may, before 503 is answered.
        pub fn on_timeout<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.hooks.on_timeout.push(hook.erase().into());
            self
        }

        /// Adds a hook that runs once when a client is gone before its answer; `on_response` does not run then.
        pub fn on_request_abort<M>(mut self, hook: impl $crate::hooks::Hook<M>) -> Self {
            self.hooks.on_request_abort.push(hook.erase().into());
            self
        }

        /// Answers errors with `handler` instead of fastweb's JSON.
        pub fn error_handler<M>(mut self, handler: impl $crate::handler::ErrorHandler<M>) -> Self {
            self.error_handler = Some(handler.erase().into());
            self
        }
    };
}
pub(crate) use hook_methods;

impl Route {
    hook_methods!();

    /// The most bytes that the request's body may have; more is 413. The default is 1 MiB. `u64::MAX` is no limit.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = Some(bytes);
        self
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("hooks", &self.hooks)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Everything that serving a route needs, resolved at start-up and never changed. Shared by all workers.
pub(crate) struct RouteRecord {
    pub(crate) pattern: Box<str>,
    pub(crate) param_names: Box<[Box<str>]>,
    pub(crate) handler: Box<dyn ErasedHandler>,
    pub(crate) hooks: RouteHooks,
    pub(crate) error_handler: Option<Arc<dyn ErasedErrorHandler>>,
    pub(crate) body: BodyPlan,
    pub(crate) timing: Option<Timing>,
    /// Hooks want to know whether the reply could be written.
    pub(crate) awaits_write: bool,
    /// An `on_response` hook may take its time: it runs beside the connection.
    pub(crate) completes_beside: bool,
    /// Nothing stands between routing and the handler, or between the handler and the write.
    pub(crate) is_direct: bool,
    /// Method, path, handler and place, for messages.
    pub(crate) description: Box<str>,
}

/// What a route does with bodies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyPlan {
    pub(crate) body_use: BodyUse,
    /// In bytes.
    pub(crate) limit: u64,
}
