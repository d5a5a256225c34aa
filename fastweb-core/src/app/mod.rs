//! The application: what is declared, and what it becomes at start-up.

mod frozen;
mod states;

pub(crate) use frozen::{BoundApp, FrozenApp};
pub(crate) use states::States;

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use crate::error::{Error, ErrorFormat, Result};
use crate::handler::Handler;
use crate::hooks::{CloseHook, ListenHook};
use crate::route::{self, Route, hook_methods};
use crate::scope::ScopeSettings;
use crate::server::{Limits, Server};

/// An application: routes, hooks, state and settings. Everything on it is declared first; [`build`](App::build) then resolves it into
/// one immutable record per route, and says all that is wrong in one go.
///
/// ```no_run
/// use fastweb_core::App;
///
/// fn main() -> fastweb_core::Result<()> {
///     App::new().get("/", async || "Hello, World!").run("127.0.0.1:3000")
/// }
/// ```
#[must_use = "an application does nothing until it is built, run or listens"]
pub struct App {
    pub(crate) routes: Vec<Route>,
    /// The hooks of the root scope. Named so for `hook_methods!`.
    hooks: crate::hooks::Hooks,
    error_handler: Option<Arc<dyn crate::handler::ErasedErrorHandler>>,
    not_found: Option<Route>,
    pub(crate) states: States,
    pub(crate) settings: Settings,
    pub(crate) on_listen: Vec<ListenHook>,
    pub(crate) on_close: Vec<CloseHook>,
}

/// What holds for the whole server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    pub(crate) workers: Option<usize>,
    pub(crate) server_header: Option<Box<str>>,
    pub(crate) error_format: ErrorFormat,
    pub(crate) reuse_port: bool,
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! route_methods {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[track_caller]
        pub fn $name<M>(self, path: impl Into<String>, handler: impl Handler<M>) -> Self {
            self.route(route::$name(path, handler))
        }
    )+};
}

impl App {
    /// An application without routes.
    pub fn new() -> Self {
        Self {
            routes: Vec::new(),
            hooks: Default::default(),
            error_handler: None,
            not_found: None,
            states: States::default(),
            settings: Settings::default(),
            on_listen: Vec::new(),
            on_close: Vec::new(),
        }
    }

    hook_methods!();

    route_methods! {
        /// Adds a `GET` route. It answers `HEAD` too.
        get,
        /// Adds a `POST` route.
        post,
        /// Adds a `PUT` route.
        put,
        /// Adds a `PATCH` route.
        patch,
        /// Adds a `DELETE` route.
        delete,
        /// Adds a `HEAD` route.
        head,
        /// Adds an `OPTIONS` route.
        options,
    }

    /// Adds a route with options: `app.route(get("/", handler).body_limit(10))`.
    pub fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// Answers requests that no route matches, instead of fastweb's 404. The hooks of the application run for them.
    #[track_caller]
    pub fn not_found<M>(mut self, handler: impl Handler<M>) -> Self {
        self.not_found = Some(route::route("*", "*", handler));
        self
    }

    /// Gives the application a value that handlers take as [`State<T>`](crate::State). One per type: a second one replaces the first.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        self.states.insert(Arc::new(value));
        self
    }

    /// As [`state`](Self::state), for a value that is shared already.
    pub fn state_arc<T: Send + Sync + 'static>(mut self, value: Arc<T>) -> Self {
        self.states.insert(value);
        self
    }

    /// Sets sizes and times that the server keeps to. See [`Limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// The most bytes that a request's body may have, where the route says nothing else. The default is 1 MiB.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.settings.limits.body = bytes;
        self
    }

    /// The number of worker threads. The default is one per core that this process may use.
    pub fn workers(mut self, workers: usize) -> Self {
        self.settings.workers = Some(workers.max(1));
        self
    }

    /// Sends a `server` header with this value in every reply. The default is none.
    pub fn server_header(mut self, value: impl Into<Box<str>>) -> Self {
        self.settings.server_header = Some(value.into());
        self
    }

    /// The form of fastweb's own error answers. The default is Fastify's.
    pub fn error_format(mut self, format: ErrorFormat) -> Self {
        self.settings.error_format = format;
        self
    }

    /// Gives each worker a listening socket of its own (`SO_REUSEPORT`), so that the kernel spreads connections by hash. The default, off, spreads them
    /// evenly.
    pub fn reuse_port(mut self, on: bool) -> Self {
        self.settings.reuse_port = on;
        self
    }

    /// Adds a hook that runs once when the server accepts connections. It gets the address: the place to print it.
    pub fn on_listen(mut self, hook: impl Fn(SocketAddr) + Send + Sync + 'static) -> Self {
        self.on_listen.push(Box::new(hook));
        self
    }

    /// Adds a hook that runs once when the server has stopped: all requests are answered and all connections closed. The last one that was added runs first.
    pub fn on_close<F, R>(mut self, hook: F) -> Self
    where
        F: AsyncFn() -> R + Send + Sync + 'static,
        R: crate::hooks::IntoFlow + 'static,
    {
        let hook = Arc::new(hook);
        self.on_close.push(Box::new(move || {
            let hook = hook.clone();
            Box::pin(async move { hook().await.into_flow().map(drop) })
        }));
        self
    }

    /// The settings of the root scope.
    pub(crate) fn root(&self) -> ScopeSettings {
        ScopeSettings {
            hooks: self.hooks.clone(),
            error_handler: self.error_handler.clone(),
            body_limit: self.settings.limits.body,
        }
    }

    pub(crate) fn take_not_found(&mut self) -> Option<Route> {
        self.not_found.take()
    }

    /// Resolves everything that was declared into a [`Server`], which may listen, or answer requests without a socket.
    ///
    /// # Errors
    /// All that is wrong with the application, one line each with the route and the place of its registration: malformed paths,
    /// duplicate and conflicting routes, missing state, two arguments that take the body.
    pub async fn build(self) -> Result<Server> {
        FrozenApp::freeze(self).map(Server::new)
    }

    /// Builds the application, listens on `address`, and serves until SIGTERM or SIGINT has stopped it. For `main` functions that are not
    /// asynchronous; all threads are fastweb's own.
    ///
    /// # Errors
    /// As [`build`](Self::build), and where the address cannot be listened on. It is also an error to call this within a tokio runtime:
    /// use [`listen`](Self::listen) there.
    pub fn run(self, address: impl ToSocketAddrs) -> Result<()> {
        if tokio::runtime::Handle::try_current().is_ok() {
            return Err(Error::internal(
                "App::run was called within a tokio runtime and would block it: write `app.listen(address).await` there",
            ));
        }
        let server = FrozenApp::freeze(self).map(Server::new)?;
        server.bind(address)?.run()
    }

    /// Builds the application and serves on `address` until it is stopped. The future may be awaited in any runtime and is `Send`; requests run on fastweb's
    /// own threads. Dropping it stops the server. Signals are left to the caller.
    ///
    /// # Errors
    /// As [`build`](Self::build), and where the address cannot be listened on.
    pub async fn listen(self, address: impl ToSocketAddrs) -> Result<()> {
        let server = FrozenApp::freeze(self).map(Server::new)?;
        server.bind(address)?.serve().await
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("routes", &self.routes)
            .field("hooks", &self.hooks)
            .field("states", &self.states)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
