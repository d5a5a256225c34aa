//! The application: what is declared, and what it becomes at start-up.

mod bound;
mod frozen;
mod problems;
mod router_options;
mod routes;
mod settings;
mod states;

pub(crate) use bound::BoundApp;
pub(crate) use frozen::FrozenApp;
pub use router_options::RouterOptions;
pub(crate) use routes::RouteTable;
pub(crate) use settings::Settings;
pub(crate) use states::{StateKind, States, WorkerInit};

use std::fmt;
use std::net::ToSocketAddrs;
use std::panic::Location;
use std::time::Duration;

use crate::error::{Error, ErrorFormat, Result};
use crate::request::{RequestIds, TrustProxy};
use crate::scope::{Scope, scope_methods};
use crate::server::{Counters, Limits, Server};

/// An application: routes, hooks, state and settings. Everything on it is declared first; [`build`](App::build) then resolves it into
/// one immutable record per route, and says all that is wrong in one go.
///
/// It is the outermost scope of what it serves: what is declared on it holds for all routes. [`scope`](App::scope) opens a scope within it.
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
    pub(crate) root: Scope,
    pub(crate) settings: Settings,
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

impl App {
    /// An application without routes.
    #[track_caller]
    pub fn new() -> Self {
        Self { root: Scope::new(String::new()), settings: Settings::default() }
    }

    scope_methods!(root);

    /// What the server counts once it runs, for its own routes to show: `/metrics`, a readiness probe. See [`Counts`](crate::Counts).
    ///
    /// An application that is mounted in another is counted by that one alone.
    pub fn counters(&self) -> Counters {
        self.settings.counters.clone()
    }

    /// Sets sizes and times that the server keeps to. See [`Limits`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// How paths are compared, and what is answered where none matches. See [`RouterOptions`].
    pub fn router(mut self, options: RouterOptions) -> Self {
        self.settings.router = options;
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

    /// Logs, as a warning, which fields of answers were left out because the response schemas of their routes do not declare them: for development. Off by
    /// default; it costs a little for every answer.
    #[cfg(feature = "schema")]
    pub fn log_dropped_fields(mut self, log: bool) -> Self {
        self.settings.log_dropped_fields = log;
        self
    }

    /// Answers as Fastify does wherever fastweb differs from it on purpose: for applications whose clients know a Fastify server. The guide's page
    /// `from_fastify` lists the differences.
    pub fn fastify_mode(mut self) -> Self {
        self.settings.fastify_mode = true;
        self
    }

    /// Gives each worker a listening socket of its own (`SO_REUSEPORT`), so that the kernel spreads connections by hash. The default, off, spreads them
    /// evenly.
    pub fn reuse_port(mut self, on: bool) -> Self {
        self.settings.reuse_port = on;
        self
    }

    /// Where the ids of requests come from, and whether clients are told them. The default is the server's own numbers. See [`RequestIds`].
    pub fn request_ids(mut self, ids: RequestIds) -> Self {
        self.settings.request_ids = ids;
        self
    }

    /// The proxies in front of this server, by their addresses: what they say about the client counts for [`Request::ip`](crate::Request::ip), `ips`,
    /// `host` and `protocol`. The default is none. See [`TrustProxy`].
    ///
    /// ```
    /// # use fastweb_core::{App, TrustProxy};
    /// let behind_nginx = App::new().trust_proxy("loopback");
    /// let behind_a_balancer = App::new().trust_proxy(["10.0.0.0/8", "2001:db8::/32"]);
    /// let who_writes_forwarded = App::new().trust_proxy(TrustProxy::new(["10.0.0.0/8"]).with_forwarded());
    /// # drop((behind_nginx, behind_a_balancer, who_writes_forwarded));
    /// ```
    pub fn trust_proxy(mut self, proxies: impl Into<TrustProxy>) -> Self {
        self.settings.trust_proxy = Some(proxies.into());
        self
    }

    /// The most threads for [`blocking`](crate::blocking) work. They are started when they are needed and end when they have been idle for 10 s. The default is two per
    /// core, and at least 4.
    pub fn blocking_threads(mut self, threads: usize) -> Self {
        self.settings.blocking.threads = threads.max(1);
        self
    }

    /// How much [`blocking`](crate::blocking) work may wait for a thread; more is answered with 503 and `FW_ERR_BUSY`. The default is 1,024.
    pub fn blocking_queue(mut self, waiting: usize) -> Self {
        self.settings.blocking.queue = waiting;
        self
    }

    /// Warns of handlers and hooks that hold their worker for longer than this without giving back control: one `tracing` event at level `WARN`, target
    /// `fastweb::blocked_worker`, with `worker`, `route` (the pattern) and `blocked_ms`, while they still do. The default is 100 ms; `None` turns it
    /// off.
    ///
    /// What is longer by half is surely told, and nothing that is shorter. It is looked for by a thread beside the workers, twice in this time; requests do not
    /// read the clock for it. Injected requests are not watched.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use fastweb_core::App;
    /// let app = App::new().block_warning(Duration::from_millis(20));
    /// let unwatched = App::new().block_warning(None);
    /// # drop((app, unwatched));
    /// ```
    pub fn block_warning(mut self, threshold: impl Into<Option<Duration>>) -> Self {
        self.settings.block_warning = threshold.into();
        self
    }

    /// How long the set-up of one plugin may take. The default is 10 s.
    pub fn plugin_timeout(mut self, time: Duration) -> Self {
        self.settings.plugin_timeout = time;
        self
    }

    /// This application as a scope of another one.
    pub(crate) fn into_scope(self, prefix: String, place: &'static Location<'static>) -> Scope {
        let Self { mut root, settings } = self;
        root.prefix = prefix;
        root.place = place;
        root.problems.extend(settings.changed().map(|name| {
            format!("the application mounted at {:?} ({}:{}) sets `{name}`, which holds for a whole server: set it on the outer application",
                root.prefix, place.file(), place.line())
        }));
        root
    }

    /// Sets up plugins, resolves everything that was declared, runs `on_ready` hooks, and gives a [`Server`], which may listen, or answer requests
    /// without a socket. May be awaited in any runtime; plugins and hooks run on a thread of the server's own.
    ///
    /// # Errors
    /// All that is wrong with the application, one line each with the route and the place of its registration: malformed paths,
    /// duplicate and conflicting routes, missing state, two arguments that take the body, faults of plugins.
    pub async fn build(self) -> Result<Server> {
        Server::build(self).await
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
        Server::run(self, address)
    }

    /// Builds the application and serves on `address` until it is stopped. The future may be awaited in any runtime and is `Send`; requests run on fastweb's
    /// own threads. Dropping it stops the server. Signals are left to the caller.
    ///
    /// # Errors
    /// As [`build`](Self::build), and where the address cannot be listened on.
    pub async fn listen(self, address: impl ToSocketAddrs) -> Result<()> {
        let server = self.build().await?;
        let listening = server.bind(address)?;
        drop(server);
        listening.serve().await
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("root", &self.root).field("settings", &self.settings).finish()
    }
}
