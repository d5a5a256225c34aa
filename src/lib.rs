//! A web framework in which everything about a route is decided at start-up, served by a server of its own.
//!
//! ```no_run
//! use fastweb::prelude::*;
//!
//! fn main() -> fastweb::Result<()> {
//!     App::new().get("/", async || "Hello, World!").run("127.0.0.1:3000")
//! }
//! ```
//!
//! Handlers are functions. Their arguments say what they need of the request and of the application; what they return is the
//! answer. A request is tested without a socket, and goes the way of every other:
//!
//! ```
//! use fastweb::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct NewUser {
//!     name: String,
//! }
//!
//! #[derive(Serialize)]
//! struct User {
//!     id: u64,
//!     name: String,
//! }
//!
//! async fn rename(Path(id): Path<u64>, Json(new): Json<NewUser>) -> Result<Json<User>> {
//!     if new.name.is_empty() {
//!         return Err(Error::bad_request("a user has a name"));
//!     }
//!     Ok(Json(User { id, name: new.name }))
//! }
//!
//! fn app() -> App {
//!     App::new().put("/users/{id}", rename)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let server = app().build().await?;
//! let reply = server.inject(Inject::put("/users/7").json(&serde_json::json!({ "name": "Ada" }))).await;
//! reply.assert_status(200).assert_text(r#"{"id":7,"name":"Ada"}"#);
//! let reply = server.inject(Inject::put("/users/seven").body("{}")).await;
//! reply.assert_status(400);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go on
//!
//! | | |
//! |---|---|
//! | [`App`] | what is declared: routes, hooks, state, settings |
//! | [`Scope`], [`Plugin`] | what holds for a part of the routes, and parts that come as a whole |
//! | [`Handler`], [`Extract`], [`FromRequest`], [`IntoReply`] | what may answer, what it may take, what it may return |
//! | [`Hook`], [`Flow`] | what runs around handlers |
//! | [`Error`], [`HttpError`], [`Code`] | what is answered when something fails |
//! | [`Server`], [`Inject`], [`Limits`] | running it, testing it, its bounds |
//! | [`guide`] | the same by subject, a page each; also for those who come from axum or Fastify |
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `json` | yes | `Json`, `Reply::json`, `Request::json`, through `serde_json` |
//! | `schema` | yes | JSON Schemas of routes: validation, coercion, response schemas; the module `schema` |
//! | `macros` | yes | `#[get("/path")]` and its sisters, `#[dependency]`; with `schema` also `#[model]` |
//! | `accept-version` | no | `Route::version`: routes by the `accept-version` header |
//! | `openapi` | no | [`OpenApi`]: the OpenAPI 3.1 document of the routes, and a page that shows it |
//! | `etag` | no | [`ETag`]: entity tags, conditional requests; `cache-control` and `expires` per route |
//! | `cache` | no | [`Cache`]: values that are kept for a while, each loaded once |
//! | `response-cache` | no | [`ResponseCache`]: answers that are kept and given again; brings `cache` and `etag` |
//! | `compression` | no | [`Compression`]: answers and requests in zstd, br, gzip and deflate |
//! | `static-files` | no | [`StaticFiles`]: files of a folder, with ranges and precompressed siblings; brings `etag` |
//! | `embedded-files` | no | the same for files that are a part of the program |
//! | `cors` | no | [`Cors`]: requests of pages of other origins |
//! | `security-headers` | no | [`SecurityHeaders`]: what helmet sends |
//! | `cookies` | no | [`cookies`]: cookies to be set, signed and private ones |
//! | `websocket` | no | [`mod@websocket`]: WebSockets, topics, a client for tests |
//! | `websocket-deflate` | no | compressed messages, where both sides want them |
//! | `rate-limit` | no | [`RateLimit`]: how often clients may ask |
//! | `sse` | no | [`sse`]: server-sent events, with topics and replay |
//! | `multipart` | no | [`Multipart`]: forms with files, streamed, saved, or as a model |
//! | `mcp` | no | [`Mcp`]: routes as tools of the Model Context Protocol |
//! | `tower` | no | `App::mount_service` and `App::layer`: services and layers of tower |
//!
//! The lean set is `default-features = false, features = ["json"]`. Without any feature there are text, bytes and streams.
//!
//! # Threads
//!
//! There is one worker thread per core. A connection stays on its worker, and what a handler awaits runs there: futures of
//! handlers and hooks need not be `Send`. A handler that blocks its thread holds up the other connections of its worker:
//! [`blocking`] takes such work away.

#![forbid(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(inline)]
pub use fastweb_core::*;

#[cfg(all(feature = "macros", feature = "schema"))]
#[doc(inline)]
pub use fastweb_macros::model;
#[cfg(all(feature = "macros", feature = "websocket"))]
#[doc(inline)]
pub use fastweb_macros::websocket;
#[cfg(feature = "macros")]
#[doc(inline)]
pub use fastweb_macros::{ApiError, any, delete, dependency, get, head, options, patch, post, put, route, trace};
#[cfg(feature = "schema")]
#[doc(inline)]
pub use fastweb_schema as schema;
#[cfg(feature = "schema")]
#[doc(inline)]
pub use fastweb_schema::Model;

/// What the attribute macros write names only this. It changes without notice.
#[doc(hidden)]
pub mod __private {
    /// What `#[websocket]` writes.
    #[cfg(feature = "websocket")]
    pub mod websocket {
        pub use crate::websocket::{IsWebSocket, WebSocketUpgrade, ended};
    }
    pub use fastweb_core::__private::*;
    #[cfg(feature = "schema")]
    pub use fastweb_schema::__private::{model, schemars, serde};
}

mod plugins;

#[cfg(feature = "cors")]
pub use plugins::Cors;
#[cfg(feature = "security-headers")]
pub use plugins::SecurityHeaders;
#[cfg(feature = "cache")]
#[doc(inline)]
pub use plugins::cache::{self, Cache};
#[cfg(feature = "compression")]
#[doc(inline)]
pub use plugins::compression::{self, Compression};
#[cfg(feature = "cookies")]
#[doc(inline)]
pub use plugins::cookies;
#[cfg(feature = "etag")]
#[doc(inline)]
pub use plugins::etag::{self, ETag};
#[cfg(feature = "mcp")]
#[doc(inline)]
pub use plugins::mcp::{self, Mcp};
#[cfg(feature = "multipart")]
#[doc(inline)]
pub use plugins::multipart::{self, Multipart};
#[cfg(feature = "openapi")]
#[doc(inline)]
pub use plugins::openapi::{self, OpenApi};
#[cfg(feature = "rate-limit")]
#[doc(inline)]
pub use plugins::rate_limit::{self, RateLimit};
#[cfg(feature = "response-cache")]
#[doc(inline)]
pub use plugins::response_cache::{self, ResponseCache};
#[cfg(feature = "static-files")]
#[doc(inline)]
pub use plugins::static_files::{self, StaticFiles};
#[cfg(feature = "websocket")]
#[doc(inline)]
pub use plugins::websocket;

pub mod guide;
#[cfg(feature = "sse")]
pub mod sse;

/// What most applications need: `use fastweb::prelude::*;`.
///
/// The types of handlers' arguments and answers, [`App`] with the functions that make routes, [`Error`] and [`Result`], what hooks
/// are given, and [`Inject`] for tests. `Result<T>` is then fastweb's; with two parameters it is the usual one.
pub mod prelude {
    #[cfg(feature = "cache")]
    pub use crate::Cache;
    #[cfg(feature = "compression")]
    pub use crate::Compression;
    #[cfg(feature = "cors")]
    pub use crate::Cors;
    #[cfg(feature = "rate-limit")]
    pub use crate::RateLimit;
    #[cfg(feature = "response-cache")]
    pub use crate::ResponseCache;
    #[cfg(feature = "security-headers")]
    pub use crate::SecurityHeaders;
    #[cfg(feature = "static-files")]
    pub use crate::StaticFiles;
    #[cfg(feature = "cookies")]
    pub use crate::cookies::ReplyCookies as _;
    #[cfg(feature = "etag")]
    pub use crate::etag::{Cacheable as _, ETag, ReplyValidators as _};
    #[cfg(feature = "mcp")]
    pub use crate::mcp::{Mcp, OfferTool as _};
    #[cfg(all(feature = "multipart", feature = "schema"))]
    pub use crate::multipart::MultipartForm;
    #[cfg(feature = "multipart")]
    pub use crate::multipart::{Multipart, MultipartOptions, Upload};
    #[cfg(feature = "websocket")]
    pub use crate::websocket::{
        InjectWebSocket as _, Message, Topic, Topics, WebSocket, WebSocketOptions, WebSocketRoutes as _, websocket,
    };
    #[cfg(feature = "json")]
    pub use fastweb_core::Json;
    // Beside the functions of the same names. `trace` stays out: it would stand beside that of `tracing`.
    #[cfg(feature = "openapi")]
    pub use crate::openapi::{DescribeServer as _, OpenApi};
    pub use fastweb_core::{
        App, Background, Body, Bytes, CancellationToken, Completed, Cookies, Dep, Dependency, Error, Extension,
        Extract, Flow, Form, FromRequest, Headers, HttpError, Inject, IntoReply, Limits, Method, NoContent, Page, Path,
        Plugin, Query, Reply, Request, RequestState, Result, Route, RouterOptions, Scope, Server, State, StatusCode,
        Text, Timeout, WorkerState, access_log, any, blocking, delete, get, head, options, patch, plugin, post, put,
        route, slow_requests, timed,
    };
    #[cfg(all(feature = "macros", feature = "websocket"))]
    pub use fastweb_macros::websocket;
    #[cfg(feature = "macros")]
    pub use fastweb_macros::{ApiError, any, delete, dependency, get, head, options, patch, post, put, route};
}

/// The programs of the README.
#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
