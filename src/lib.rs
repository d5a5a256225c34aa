//! fastweb
pub use fastweb_core::*;

/// Everything that most applications need.
pub mod prelude {
    pub use fastweb_core::{
        App, Body, Bytes, Completed, Error, Extract, Flow, Headers, HttpError, Inject, IntoReply, Limits, Method,
        NoContent, Path, Query, Reply, Request, Result, Route, Server, State, StatusCode, Text, delete, get, head,
        options, patch, post, put, route, slow_requests, timed,
    };
    #[cfg(feature = "json")]
    pub use fastweb_core::Json;
}
