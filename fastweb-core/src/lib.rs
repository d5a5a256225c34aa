//! The kernel of fastweb: application, lifecycle, extractors, replies, server, and the HTTP/1 connection loop.
//!
//! Applications use the facade crate, `fastweb`, which re-exports what is here.
//!
//! | module | what |
//! |---|---|
//! | `app`, `scope`, `route` | what is declared, and the record per route that it becomes |
//! | `lifecycle` | the way of a request, in order |
//! | `hooks`, `handler`, `extract`, `reply`, `error` | the parts of that way |
//! | `dependency` | what handlers need and what is provided per request |
//! | `security` | credentials as arguments |
//! | `schema` | JSON Schemas of routes, compiled; validation and serialisation by them |
//! | `request`, `body` | what hooks and handlers see |
//! | `server` | workers, accepting, shutdown |
//! | `http1` | the connection loop |
//! | `inject` | requests without a socket |
//! | `tower` | tower's services and layers |
//! | `upgrade` | connections that leave HTTP |
//! | `slot`, `buffer`, `exchange` | memory that is lent per request |

#![deny(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]
// What serves JSON alone is checked where that is on.
#![cfg_attr(not(feature = "json"), allow(dead_code, unused_imports))]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod app;
mod background;
mod blocking;
mod body;
mod buffer;
mod bytes;
mod constraint;
mod dependency;
mod diagnostics;
mod erased;
mod error;
mod exchange;
mod extract;
mod fallback;
#[cfg(all(any(fuzzing, test), feature = "json"))]
#[doc(hidden)]
pub mod fuzzing;
mod handler;
mod hooks;
mod http1;
mod inject;
mod lifecycle;
mod parser;
mod plugin;
mod reply;
mod request;
mod route;
#[cfg(feature = "schema")]
mod schema;
mod scope;
mod security;
mod server;
mod slot;
mod timeout;
#[cfg(feature = "tower")]
mod tower;
mod upgrade;

#[cfg(feature = "tower")]
pub use self::tower::{MountBody, Next};
pub use app::{App, RouterOptions};
pub use background::Background;
pub use blocking::{Blocking, BlockingResult, blocking};
pub use body::{Body, BodyClosed, BodySender, BodyWriter};
pub use dependency::{Dep, Dependency, Needs, Outcome};
pub use error::{Code, Detail, Error, ErrorFormat, HttpError, Result};
pub use extract::{
    AllCookies, AllHeaders, BindCx, BodyUse, ConnectInfo, Cookies, Extension, Extract, Form, FormPlan, FromHeader,
    FromRequest, Header, Headers, Page, Path, Query, RequestState, State, WorkerState,
};
#[cfg(feature = "json")]
pub use extract::{Json, RawJson, Unvalidated};
pub use handler::{ErrorHandler, Handler};
pub use hooks::{
    AccessLog, Completed, ErrorHook, Flow, Hook, IntoFlow, Phase, ResponseHook, SerializationHook, SlowRequests, Timed,
    Timings, access_log, slow_requests, timed,
};
pub use inject::{Inject, InjectIo, InjectReply};
pub use parser::{BodyParser, IntoJsonText, LimitedParser, limited};
pub use plugin::{FnPlugin, Plugin, plugin};
pub use reply::{Either, IntoReply, NoContent, Payload, Reply, ReplyFields, ReplyHeaders, StoredReply};
#[cfg(feature = "json")]
pub use reply::{JsonStream, JsonWriter};
pub use request::{
    CancellationToken, EarlyHints, Extensions, Repeat, Request, RequestId, RequestIds, Stopping, Text, TrustProxy,
};
pub use route::{
    ArgumentDoc, ArgumentSource, DescribeReply, IntoRoute, Methods, ReplyDoc, Route, RouteDoc, RouteInfo, any, delete,
    get, head, options, patch, post, put, route, trace,
};
#[cfg(feature = "schema")]
pub use route::{BodyDoc, PartDoc};
#[cfg(feature = "schema")]
pub use schema::{ResponseStatus, RouteSchemas, SchemaPart, SchemaUse};
pub use scope::Scope;
pub use security::{ApiKey, ApiKeyScheme, Basic, Bearer, KeyIn, SecurityRequirement, SecurityScheme};
#[cfg(unix)]
pub use server::UnixSocket;
pub use server::{Counters, Counts, Limits, Listening, Server, ShutdownHandle};
pub use timeout::Timeout;
pub use upgrade::{Upgrade, UpgradedIo};

/// What the attribute macros write names only this. It changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::dependency::{Dependency, Outcome, answer_of};
    pub use crate::error::{AsSource, HttpError, Result, status};
    pub use crate::handler::Leaving;
    pub use crate::handler::{
        Argument, Arguments, Function, answer, dependency, dependency_guard, extractor, guard, leave,
        leaving_extractor, leaving_param, param,
    };
    pub use crate::reply::Reply;
    pub use crate::request::{Request, Text};
    pub use crate::route::{DescribeReply, Described, Probe, ReplyDoc, Route, RouteDoc, Undescribed, Whole};
    pub use http::StatusCode;
    pub use std::any::type_name;
    pub use std::borrow::Cow;
    pub use std::error::Error as StdError;
    pub use std::string::String;
}

pub use ::bytes::Bytes;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
