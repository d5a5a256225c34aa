//! 103: what a client may fetch while it waits for its answer (RFC 8297).

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use http::Version;

use super::Request;
use crate::error::{Error, Result};
use crate::extract::{BindCx, Extract};
use crate::http1::EARLY_HINTS;
use crate::lifecycle;
use crate::reply::{Reply, ReplyFields};

/// Bytes of hints that may wait for the connection of one request.
const MOST_WAITING: usize = 16 * 1024;

/// Tells the client what it will need before its answer is there: `103 Early Hints`, Fastify's `reply.writeEarlyHints`.
///
/// An argument of a handler, or [`Request::early_hints`]. Hints leave while the handler waits for something; one that never does answers
/// before they could help, and they are dropped; so are mostly those of routes that [detach](crate::Timeout::detach). Clients of HTTP/1.0 know no interim answers (RFC 9110, 15.2) and get none. Many old clients of HTTP/1.1 take
/// them badly: send them to browsers, which say so (`sec-fetch-mode: navigate`).
///
/// ```
/// # use fastweb_core::{App, EarlyHints, Inject, Result};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// async fn render() -> &'static str {
///     "<link rel=stylesheet href=/app.css>"
/// }
///
/// let page = async |hints: EarlyHints| -> Result<&'static str> {
///     hints.send([("link", "</app.css>; rel=preload; as=style")])?;
///     Ok(render().await)
/// };
/// let server = App::new().get("/", page).build().await?;
/// // Injected requests show the final answer.
/// server.inject(Inject::get("/")).await.assert_status(200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EarlyHints(Rc<Hints>);

/// Hints that are not written yet, of all requests of a worker. Empty nearly always, which is all that a pending request looks at.
#[derive(Default)]
pub(crate) struct Interim {
    count: Cell<usize>,
    waiting: RefCell<Vec<(u64, Vec<u8>)>>,
}

/// Those of one request.
struct Hints {
    request: u64,
    interim: Rc<Interim>,
    /// The client knows interim answers.
    is_known: bool,
    is_over: Cell<bool>,
}

/// Attached to a request that has hints. With the request they are over, whoever has kept the argument.
struct Attached(Rc<Hints>);

impl Drop for Attached {
    fn drop(&mut self) {
        self.0.is_over.set(true);
        let _ = self.0.interim.take(self.0.request);
    }
}

impl Interim {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.count.get() == 0
    }

    pub(crate) fn take(&self, request: u64) -> Option<Vec<u8>> {
        let mut waiting = self.waiting.borrow_mut();
        let at = waiting.iter().position(|(id, _)| *id == request)?;
        let (_, hints) = waiting.swap_remove(at);
        self.count.set(waiting.len());
        Some(hints)
    }

    /// Adds an interim answer. Says whether there was room.
    fn add(&self, request: u64, fields: &[u8]) -> bool {
        let mut hints = self.take(request).unwrap_or_default();
        let fits = hints.len() + fields.len() <= MOST_WAITING;
        if fits {
            hints.extend_from_slice(EARLY_HINTS);
            hints.extend_from_slice(fields);
            hints.extend_from_slice(b"\r\n");
        }
        let mut waiting = self.waiting.borrow_mut();
        waiting.push((request, hints));
        self.count.set(waiting.len());
        fits
    }
}

impl EarlyHints {
    /// Sends an interim answer with these headers, `link` above all: `[(name, value)]`, a list of those, a `HeaderMap`.
    ///
    /// # Errors
    /// A header is malformed, or more than 16 KiB of hints are not sent yet.
    pub fn send(&self, fields: impl ReplyFields) -> Result<()> {
        let mut reply = Reply::new();
        fields.set(&mut reply);
        lifecycle::fault(&mut reply)?;
        let Hints { request, interim, is_known, is_over } = &*self.0;
        if !is_known || is_over.get() || reply.headers().is_empty() {
            return Ok(());
        }
        match interim.add(*request, reply.headers().as_bytes()) {
            true => Ok(()),
            false => Err(Error::internal("more than 16 KiB of early hints wait for the client: send fewer")),
        }
    }
}

impl Request {
    /// What sends early hints: see [`EarlyHints`].
    pub fn early_hints(&mut self) -> EarlyHints {
        if let Some(Attached(hints)) = self.extensions.get() {
            return EarlyHints(hints.clone());
        }
        let is_known = self.version() >= Version::HTTP_11;
        let hints = Hints { request: self.id, interim: self.app.interim.clone(), is_known, is_over: Cell::new(false) };
        let hints = Rc::new(hints);
        self.extensions.insert(Attached(hints.clone()));
        EarlyHints(hints)
    }
}

impl Extract for EarlyHints {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(req.early_hints())
    }
}

impl fmt::Debug for EarlyHints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EarlyHints").field("known", &self.0.is_known).finish()
    }
}
