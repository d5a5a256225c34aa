//! Routes as tools of the Model Context Protocol.
//!
//! [`Mcp`] is the plugin, [`Tool`] what a route says of itself; the guide's page [`mcp`](crate::guide::mcp) shows them at work.

mod arguments;
mod handler;
mod plan;
mod tool;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fastweb_core::{Error, Plugin, Result, Route, Scope};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

pub use tool::{OfferTool, Tool};

use handler::Handler;
use plan::Plan;

/// Offers routes as tools to clients of the [Model Context Protocol](https://modelcontextprotocol.io), by its streamable HTTP transport, at `/mcp`: the official SDK's service, mounted in the
/// application.
///
/// A route is a tool if it asks for it: by the option `mcp` of its macro, by [`OfferTool::mcp`], or with all of its scope by `config(Tool::new())`. What routes know about themselves is what
/// clients are told. The tool's name is the route's `operation_id`, or the name of its function; its description is the doc comment; its input schema has the parameters of the path and of the query
/// by their names, and the body as `body`.
///
/// A call is a request that the application sends to itself, on the worker that was asked, with the headers of the client's own: credentials, cookies, what a proxy says. So hooks, validation,
/// dependencies, limits and errors are the route's. An answer is the result, as text and, where it is JSON, as structured content; one of 400 and above is a result that
/// says that it is an error.
///
/// ```
/// use fastweb::prelude::*;
/// use serde_json::{Value, json};
///
/// /// Adds two numbers.
/// #[get("/sum", mcp)]
/// async fn sum(Query(terms): Query<Terms>) -> Json<i64> {
///     Json(terms.a + terms.b)
/// }
///
/// #[fastweb::model]
/// struct Terms {
///     a: i64,
///     b: i64,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().plugin(Mcp::new("calculator", "1.0")).route(sum).build().await?;
/// let call = json!({
///     "jsonrpc": "2.0", "id": 1, "method": "tools/call",
///     "params": { "name": "sum", "arguments": { "a": 2, "b": 3 } },
/// });
/// let accept = "application/json, text/event-stream";
/// let reply = server.inject(Inject::post("/mcp").header("accept", accept).json(&call)).await;
/// assert_eq!(reply.json::<Value>()["result"]["structuredContent"], json!({ "result": 5 }));
/// # Ok(())
/// # }
/// ```
///
/// It answers requests whose `host` is this machine, and of pages in browsers none: [`hosts`](Self::hosts) and [`origins`](Self::origins) say otherwise. Without that, a page that anybody visits could
/// call tools on the visitor's machine (DNS rebinding).
#[derive(Clone, Debug)]
#[must_use = "a plugin does nothing until it is registered"]
pub struct Mcp {
    name: String,
    version: String,
    instructions: Option<String>,
    path: String,
    /// `None` for any.
    hosts: Option<Vec<String>>,
    origins: Vec<String>,
    sessions: bool,
    answer_limit: usize,
}

impl Mcp {
    /// A server of tools with this name, in this version, at `/mcp`.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        let hosts = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        Self {
            name: name.into(),
            version: version.into(),
            instructions: None,
            path: "/mcp".into(),
            hosts: Some(hosts),
            origins: Vec::new(),
            sessions: false,
            answer_limit: 1024 * 1024,
        }
    }

    /// What clients tell their models about the tools as a whole.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }

    /// The path, instead of `/mcp`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The hosts under which it may be asked, instead of `localhost`, `127.0.0.1` and `::1`: names, with a port where only that counts. Others are 403.
    ///
    /// ```
    /// use fastweb::Mcp;
    ///
    /// let public = Mcp::new("shop", "1.0").hosts(["shop.example.com"]).origins(["https://app.example.com:443"]);
    /// # drop(public);
    /// ```
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// It may be asked under any host: where something in front looks at it, or every route wants credentials that no browser sends by itself.
    pub fn any_host(mut self) -> Self {
        self.hosts = None;
        self
    }

    /// The origins of pages that may ask, each with its port or `:*`. Other requests with an `origin` are 403. Their browsers want the plugin [`Cors`](crate::Cors), too.
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Gives clients of protocol versions before 2026-07-28 a session, which ends when the server begins to stop, or after 5 minutes in which it was not used. Routes need none: without sessions
    /// every request stands for itself, any server behind a balancer may answer it, and clients hold no memory.
    pub fn sessions(mut self) -> Self {
        self.sessions = true;
        self
    }

    /// How long an answer of a route may be, in bytes and with its head, instead of 1 MiB. The result of a longer one is an error.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    fn config(&self) -> StreamableHttpServerConfig {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(self.sessions)
            .with_json_response(!self.sessions)
            .with_allowed_origins(self.origins.clone())
            .enforce_origin_validation();
        match &self.hosts {
            Some(hosts) => config.with_allowed_hosts(hosts.clone()),
            None => config.disable_allowed_hosts(),
        }
    }
}

impl Plugin for Mcp {
    fn name(&self) -> &str {
        "mcp"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// It looks at the routes of its surroundings.
    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, mut scope: Scope) -> Result<Scope> {
        if self.hosts.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::internal(
                "an MCP server that no host may ask: name one by `hosts`, or write `any_host()`",
            ));
        }
        let config = self.config();
        if self.sessions {
            // Their streams would go on for ever. Without sessions there is none but those of calls, which are waited for.
            let sessions = config.cancellation_token.clone();
            scope = scope.pre_close(async move || sessions.cancel());
        }
        let tools: Tools = Arc::default();
        let handler = Handler::new(&self, tools.clone());
        let manager = Arc::new(LocalSessionManager::default());
        let service = StreamableHttpService::new(move || Ok(handler.clone()), manager, config);
        let collected: Arc<Mutex<Vec<Plan>>> = Arc::default();
        let collecting = collected.clone();
        Ok(scope
            .mount_service(self.path, service)
            .on_route(move |route: Route| {
                // The service is below its path, and no tool of itself.
                if route.get_config::<Tool>().is_none() || route.handler_name().contains("StreamableHttpService") {
                    return route;
                }
                match Plan::of(&route) {
                    Ok(plan) => collecting.lock().unwrap_or_else(PoisonError::into_inner).push(plan),
                    Err(problem) => return route.problem(problem),
                }
                route
            })
            .on_ready(async move || -> Result<()> {
                let plans = std::mem::take(&mut *collected.lock().unwrap_or_else(PoisonError::into_inner));
                plan::check(&plans)?;
                // `build()` runs this once.
                let _ = tools.set(plans);
                Ok(())
            }))
    }
}

/// All tools, once the application is built.
type Tools = Arc<OnceLock<Vec<Plan>>>;
