//! Routes: what is declared, and the record of it that serves requests.

mod config;
mod doc;
mod document;
mod info;
mod into_route;
mod reply_doc;

pub use doc::{ArgumentDoc, ArgumentSource, RouteDoc};
#[cfg(feature = "schema")]
pub use doc::{BodyDoc, PartDoc};
pub use info::RouteInfo;
pub use into_route::IntoRoute;
pub use reply_doc::{DescribeReply, ReplyDoc};
#[doc(hidden)]
pub use reply_doc::{Described, Probe, Undescribed, Whole};

pub(crate) use config::Configs;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::app::States;
use crate::constraint::Constraints;
use crate::error::Result;
use crate::extract::BodyUse;
use crate::handler::{ErasedErrorHandler, ErasedHandler, Handler, Named};
use crate::hooks::{Hooks, RouteHooks, Timing, hook_methods};
use crate::parser::ContentTypeParser;
use crate::request::Request;
#[cfg(feature = "schema")]
use crate::schema::{AnswerPlan, RequestPlan};
use crate::timeout::{RouteTimeout, Timeout};

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
    pub(crate) methods: Vec<String>,
    /// As it was written; from `on_route` on with the prefixes of its scopes.
    pub(crate) path: String,
    pub(crate) handler: Result<Box<dyn ErasedHandler>>,
    pub(crate) hooks: Hooks,
    pub(crate) error_handler: Option<Arc<dyn ErasedErrorHandler>>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) constraints: Constraints,
    pub(crate) configs: Configs,
    pub(crate) doc: RouteDoc,
    #[cfg(feature = "schema")]
    pub(crate) schemas: crate::schema::RouteSchemas,
    /// The schemas that its scope shares.
    #[cfg(feature = "schema")]
    pub(crate) registry: Option<fastweb_schema::Registry>,
    /// What `on_route` hooks found wrong with it.
    pub(crate) problems: Vec<String>,
    pub(crate) place: &'static Location<'static>,
}

/// One method or several: what [`route`] takes.
///
/// ```
/// # use fastweb_core::{App, route};
/// let app = App::new().route(route(["GET", "POST"], "/search", "found")).route(route("PROPFIND", "/files", "none"));
/// # drop(app);
/// ```
pub trait Methods {
    /// The methods, each a token such as `GET`.
    fn into_methods(self) -> Vec<String>;
}

impl Methods for &str {
    fn into_methods(self) -> Vec<String> {
        vec![self.to_owned()]
    }
}

impl Methods for String {
    fn into_methods(self) -> Vec<String> {
        vec![self]
    }
}

impl Methods for http::Method {
    fn into_methods(self) -> Vec<String> {
        vec![self.to_string()]
    }
}

impl<M: Methods + Clone> Methods for &M {
    fn into_methods(self) -> Vec<String> {
        self.clone().into_methods()
    }
}

impl<M: Methods, const N: usize> Methods for [M; N] {
    fn into_methods(self) -> Vec<String> {
        self.into_iter().flat_map(M::into_methods).collect()
    }
}

impl<M: Methods> Methods for Vec<M> {
    fn into_methods(self) -> Vec<String> {
        self.into_iter().flat_map(M::into_methods).collect()
    }
}

/// A route of any method, or of several: `route("PROPFIND", "/files", handler)`, `route(["GET", "POST"], "/search", handler)`.
#[track_caller]
pub fn route<M>(methods: impl Methods, path: impl Into<String>, handler: impl Handler<M>) -> Route {
    Route::new(methods.into_methods(), path.into(), handler.erase())
}

/// What [`any`] stands for: the standard methods but `CONNECT`. `HEAD` goes with `GET`.
const ANY: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// A route for all standard methods but `CONNECT`.
#[track_caller]
pub fn any<M>(path: impl Into<String>, handler: impl Handler<M>) -> Route {
    route(ANY, path, handler)
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

impl Route {
    #[track_caller]
    pub(crate) fn new(methods: Vec<String>, path: String, handler: Result<Box<dyn ErasedHandler>>) -> Self {
        let mut doc = RouteDoc::default();
        if let Ok(handler) = &handler {
            handler.describe(&mut doc);
        }
        Self {
            methods,
            path,
            handler,
            hooks: Hooks::default(),
            error_handler: None,
            body_limit: None,
            timeout: None,
            constraints: Constraints::default(),
            configs: Configs::default(),
            doc,
            #[cfg(feature = "schema")]
            schemas: Default::default(),
            #[cfg(feature = "schema")]
            registry: None,
            problems: Vec::new(),
            place: Location::caller(),
        }
    }

    hook_methods!();

    /// The most bytes that the request's body may have; more is 413. The default is 1 MiB. `u64::MAX` is no limit.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// How long its requests may take, and what becomes of work that takes longer: a `Duration`, or a [`Timeout`] that says more. The default is
    /// [`Limits::handler_timeout`](crate::Limits::handler_timeout), 60 s.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use fastweb_core::{App, Inject, get};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let slow = get("/slow", async || std::future::pending::<&str>().await).timeout(Duration::from_millis(100));
    /// let reply = App::new().route(slow).build().await?.inject(Inject::get("/slow")).await;
    /// reply.assert_status(503);
    /// assert_eq!(reply.json::<serde_json::Value>()["code"], "FW_ERR_HANDLER_TIMEOUT");
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.timeout = Some(timeout.into());
        self
    }

    /// Tells whoever knows `T` something about this route: a plugin its limit, its cost, that it is public. One value per type; it replaces what
    /// the route's scopes say ([`App::config`](crate::App::config)). Hooks read it by [`Request::route`](crate::Request::route), `on_route` hooks by
    /// [`get_config`](Self::get_config).
    ///
    /// ```
    /// # use fastweb_core::{App, Error, get, Inject, Request, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// struct Public;
    ///
    /// let keys_only = |req: &mut Request| -> Result<()> {
    ///     match req.route().config::<Public>().is_some() || req.header("x-key").is_some() {
    ///         true => Ok(()),
    ///         false => Err(Error::unauthorized("x-key is missing")),
    ///     }
    /// };
    /// let app = App::new().on_request(keys_only).get("/users", "Ada").route(get("/health", "well").config(Public));
    /// let server = app.build().await?;
    /// server.inject(Inject::get("/health")).await.assert_status(200);
    /// server.inject(Inject::get("/users")).await.assert_status(401);
    /// # Ok(())
    /// # }
    /// ```
    pub fn config<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.configs.insert(value);
        self
    }

    /// The [`config`](Self::config) of type `T` that it has. In an `on_route` hook that of its scopes, too.
    pub fn get_config<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.configs.get()
    }

    /// Answers only requests for this host: a name, with a port where that counts (`example.com:8080`), or `*.example.com` for every name below one.
    /// Upper and lower case are the same. Other requests go on to the routes without it.
    ///
    /// ```
    /// # use fastweb_core::{App, get, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let app = App::new().route(get("/", "the shop").host("shop.example.com")).get("/", "everybody else");
    /// let server = app.build().await?;
    /// assert_eq!(server.inject(Inject::get("/").header("host", "shop.example.com")).await.text(), "the shop");
    /// assert_eq!(server.inject(Inject::get("/").header("host", "example.com")).await.text(), "everybody else");
    /// # Ok(())
    /// # }
    /// ```
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.constraints.set_host(host.into());
        self
    }

    /// Answers only requests whose `accept-version` header asks for this version: with the number itself (`1.2.0`), or with a range (`1.x`, `^1.2`,
    /// `>=1, <3`, `*`). Of several versions that fit, the highest answers. Requests without the header go to the route without a
    /// version. Replies have `vary: accept-version`.
    ///
    /// The number is one of [semantic versioning](https://semver.org): `major.minor.patch`.
    #[cfg(feature = "accept-version")]
    pub fn version(mut self, version: impl AsRef<str>) -> Self {
        self.constraints.set_version(version.as_ref());
        self
    }

    /// Answers only requests for which `accepts` says so. The name stands in [`Server::print_routes`](crate::Server::print_routes) and in messages; two routes of one
    /// path and method may differ in it.
    ///
    /// ```
    /// # use fastweb_core::{App, get, Inject, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let asked_for = |req: &Request| req.header("x-beta") == Some("on");
    /// let app = App::new().route(get("/", "new").constraint("beta", asked_for)).get("/", "old");
    /// let server = app.build().await?;
    /// assert_eq!(server.inject(Inject::get("/").header("x-beta", "on")).await.text(), "new");
    /// assert_eq!(server.inject(Inject::get("/")).await.text(), "old");
    /// # Ok(())
    /// # }
    /// ```
    pub fn constraint(
        mut self,
        name: impl Into<String>,
        accepts: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.constraints.add(name.into(), Arc::new(accepts));
        self
    }

    /// The methods.
    pub fn methods(&self) -> impl ExactSizeIterator<Item = &str> {
        self.methods.iter().map(String::as_str)
    }

    /// The path's pattern. In an [`on_route`](crate::App::on_route) hook it has the prefixes of its scopes: `/v1/users/{id}`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name of the handler's function, as the compiler has it: `shop::users::create`.
    pub fn handler_name(&self) -> &str {
        self.handler.as_ref().map_or("?", |handler| handler.name())
    }

    /// Names the handler's function, where that is not what the compiler sees: it is wrapped in another.
    #[doc(hidden)]
    pub fn handled_by(mut self, name: &'static str) -> Self {
        self.handler = self.handler.map(|handler| Box::new(Named { handler, name }) as Box<dyn ErasedHandler>);
        self
    }

    /// Where it was declared.
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }

    /// Makes `build()` fail: what an [`on_route`](crate::App::on_route) hook does with a route that breaks a rule of the house. `problem` completes the
    /// sentence "the route …".
    ///
    /// ```
    /// # use fastweb_core::{App, Route};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let kebab = |route: Route| match route.path().contains('_') {
    ///     true => route.problem("has an underscore in its path: write a hyphen"),
    ///     false => route,
    /// };
    /// let error = App::new().on_route(kebab).get("/my_page", "x").build().await.unwrap_err();
    /// assert!(error.to_string().contains("has an underscore in its path"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn problem(mut self, problem: impl Into<String>) -> Self {
        self.problems.push(problem.into());
        self
    }

    /// It answers what no route matches. Neither method nor path of its own: `*` alone could be a method of the application's.
    pub(crate) fn is_fallback(&self) -> bool {
        self.path == "*" && self.methods == ["*"]
    }

    /// Method, path, handler and place, for messages.
    pub(crate) fn describe(&self, handler: &str) -> String {
        let place = self.place;
        let (file, line) = (place.file(), place.line());
        match self.is_fallback() {
            true => format!("not_found (handler {handler}, {file}:{line})"),
            false => format!("{} {} (handler {handler}, {file}:{line})", self.method_names(), self.path),
        }
    }

    /// `GET`, `GET|POST`, or `ANY` for [`any`].
    pub(crate) fn method_names(&self) -> String {
        if self.methods == ANY { "ANY".to_owned() } else { self.methods.join("|") }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("methods", &self.methods)
            .field("path", &self.path)
            .field("hooks", &self.hooks)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Everything that serving a route needs, resolved at start-up and never changed. Shared by all workers.
pub(crate) struct RouteRecord {
    pub(crate) methods: Box<[String]>,
    pub(crate) pattern: Box<str>,
    pub(crate) param_names: Box<[Box<str>]>,
    pub(crate) handler: Box<dyn ErasedHandler>,
    pub(crate) hooks: RouteHooks,
    /// The nearest first.
    pub(crate) error_handlers: Box<[Arc<dyn ErasedErrorHandler>]>,
    pub(crate) body: BodyPlan,
    /// For bodies of media types that fastweb does not know; the nearest last. Empty where the handler does not want the body whole.
    pub(crate) parsers: Vec<ContentTypeParser>,
    /// What the validation phase does. `None` where the route has no schemas of requests.
    #[cfg(feature = "schema")]
    pub(crate) request_plan: Option<Box<RequestPlan>>,
    /// How answers are written. `None` where the route has no response schemas.
    #[cfg(feature = "schema")]
    pub(crate) answer_plan: Option<AnswerPlan>,
    /// The models that take the slower way, for `print_routes`.
    #[cfg(feature = "schema")]
    pub(crate) slow_models: Vec<String>,
    /// Those of its scope.
    pub(crate) states: Arc<States>,
    pub(crate) constraints: Constraints,
    /// Its own and those of its scopes.
    pub(crate) configs: Configs,
    /// No route: it answers what no route matches.
    pub(crate) is_fallback: bool,
    /// The number of the record that answers other methods of this path.
    pub(crate) fallback: usize,
    /// The number of the record that answers where the handler passes the request on.
    pub(crate) not_found: usize,
    pub(crate) timing: Option<Timing>,
    /// `None` where that of the server holds.
    pub(crate) timeout: Option<RouteTimeout>,
    /// Hooks want to know whether the reply could be written.
    pub(crate) awaits_write: bool,
    /// An `on_response` hook may take its time: it runs beside the connection.
    pub(crate) completes_beside: bool,
    /// Nothing stands between routing and the handler, or between the handler and the write.
    pub(crate) is_direct: bool,
    #[cfg(feature = "tower")]
    pub(crate) layers: crate::tower::Layers,
    /// Method, path, handler and place, for messages.
    pub(crate) description: Box<str>,
}

impl RouteRecord {
    /// The handler has dependencies: they are provided before its arguments are made, and cleaned up when the reply is written, which may
    /// take its time.
    pub(crate) fn await_dependencies(&mut self) {
        self.is_direct = false;
        self.awaits_write = true;
        self.completes_beside = true;
    }
}

/// What a route does with bodies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyPlan {
    pub(crate) body_use: BodyUse,
    /// In bytes.
    pub(crate) limit: u64,
}
