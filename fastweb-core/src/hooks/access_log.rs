//! The access log.

use super::kinds::{ErasedHook, ErasedResponseHook, Hook, ReadyMade, ResponseHook};
use super::slow_requests::milliseconds;
use super::{Completed, Flow};
use crate::error::Result;
use crate::reply::Reply;
use crate::request::Request;
use crate::slot::{Called, Slot};

/// Logs requests with Fastify's fields, through `tracing`, target `fastweb::access`.
///
/// As an `on_response` hook it is one event per answered request, "request completed": level `ERROR` for a status of 500 and more, else `INFO`. As an `on_request`
/// hook it is one more when a request comes in, "incoming request". A client that leaves before its answer is no completed request: as an
/// `on_request_abort` hook it logs "request aborted", level `WARN`. Where it goes, and in which form, is for the application's subscriber.
///
/// | field | | in |
/// |---|---|---|
/// | `reqId` | [`Request::id`] | all |
/// | `req.method`, `req.url`, `req.host`, `req.remoteAddress`, `req.remotePort` | method, path, [`host`](Request::host), [`ip`](Request::ip), the peer's port | all |
/// | `route` | the pattern, `/users/{id}` | all |
/// | `res.statusCode`, `responseTime` | the status; milliseconds from the head's arrival to the end of the write | "request completed" |
/// | `res.bytes`, `res.broken` | bytes of the body that were sent; whether it broke off | "request completed" |
///
/// Queries often hold what does not belong in logs: `req.url` is the path alone, unless [`with_query`](AccessLog::with_query) says otherwise.
///
/// ```
/// # use fastweb_core::{App, access_log, get};
/// let app = App::new()
///     .on_request(access_log())
///     .on_response(access_log())
///     .get("/", "hello");
/// # drop(app);
/// ```
pub fn access_log() -> AccessLog {
    AccessLog { with_query: false }
}

/// See [`access_log`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a log is kept where it is a hook"]
pub struct AccessLog {
    with_query: bool,
}

/// An event of this level with the fields that all events have.
macro_rules! event {
    ($level:ident, $self:ident, $request:ident, $($more:tt)+) => {
        tracing::$level!(
            target: "fastweb::access",
            reqId = %$request.id(),
            req.method = $request.method_str(),
            req.url = if $self.with_query { $request.target() } else { $request.path() },
            req.host = $request.host().unwrap_or_default(),
            req.remoteAddress = $request.ip().map(tracing::field::display),
            req.remotePort = $request.peer_addr().map(|peer| peer.port()),
            route = &**$request.pattern(),
            $($more)+
        )
    };
}

impl AccessLog {
    /// Logs the query with the path.
    pub fn with_query(self) -> Self {
        Self { with_query: true }
    }

    fn completed(self, request: &Request, done: &Completed) {
        macro_rules! completed {
            ($level:ident) => {
                event!(
                    $level,
                    self,
                    request,
                    res.statusCode = done.status().as_u16(),
                    res.bytes = done.body_bytes(),
                    res.broken = done.is_broken(),
                    responseTime = milliseconds(done.duration()),
                    "request completed"
                )
            };
        }
        if done.status().is_server_error() { completed!(error) } else { completed!(info) }
    }
}

/// The hook of requests that come in, and of those whose clients leave.
impl Hook<ReadyMade> for AccessLog {
    fn erase(self) -> Box<dyn ErasedHook> {
        Box::new(self)
    }
}

impl ErasedHook for AccessLog {
    fn call<'a>(&'a self, request: &'a mut Request, _: &'a mut Reply, _: &'a mut Slot) -> Called<'a, Result<Flow>> {
        if request.is_aborted() {
            event!(warn, self, request, "request aborted");
        } else {
            event!(info, self, request, "incoming request");
        }
        Called::Done(Ok(Flow::Continue))
    }
}

impl ResponseHook<ReadyMade> for AccessLog {
    fn erase(self) -> Box<dyn ErasedResponseHook> {
        Box::new(self)
    }
}

impl ErasedResponseHook for AccessLog {
    fn call<'a>(&'a self, request: &'a mut Request, done: &'a Completed, _: &'a mut Slot) -> Called<'a, Result<Flow>> {
        self.completed(request, done);
        Called::Done(Ok(Flow::Continue))
    }
}
