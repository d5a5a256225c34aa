//! Replies that are kept and sent again.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;

use super::{ContentType, IntoReply, Reply, ReplyBody, ReplyHeaders, StatusIs};
use crate::error::Result;

/// A reply that was kept: status, headers and body in memory. Made by [`Reply::store`], it is an answer like any other, as often as it is wanted.
///
/// Clones share what they hold, and any thread may have one: this is what a cache of replies keeps. `content-length`, `date` and `connection` are not in it,
/// they are the connection's. Whether a reply may be kept at all is the cache's to know: `cache-control`, `vary`, and a `set-cookie` that is for
/// one client alone.
///
/// ```
/// # use std::collections::HashMap;
/// # use std::sync::Mutex;
/// # use fastweb_core::{App, Flow, Inject, Reply, Request, Result, State, StoredReply};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// type Cache = Mutex<HashMap<String, StoredReply>>;
///
/// let server = App::new()
///     .state(Cache::default())
///     .on_request(|req: &mut Request| -> Result<Flow> {
///         let kept = req.state::<Cache>().and_then(|cache| cache.lock().unwrap().get(req.target()).cloned());
///         kept.map_or(Ok(Flow::Continue), |kept| Flow::reply(([("x-cache", "hit")], kept)))
///     })
///     .on_send(|req: &mut Request, reply: &mut Reply| {
///         if let (Some(cache), Some(kept), None) = (req.state::<Cache>(), reply.store(), reply.header("x-cache")) {
///             cache.lock().unwrap().insert(req.target().to_owned(), kept);
///         }
///     })
///     .get("/", || "made with much effort")
///     .build()
///     .await?;
/// assert_eq!(server.inject(Inject::get("/")).await.header("x-cache"), None);
/// let again = server.inject(Inject::get("/")).await;
/// again.assert_text("made with much effort").assert_header("x-cache", "hit");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct StoredReply(Arc<Stored>);

struct Stored {
    status: StatusCode,
    content_type: ContentType,
    headers: ReplyHeaders,
    body: Bytes,
}

impl StoredReply {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The media type of the body.
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_str()
    }

    /// The headers, without `content-type`.
    pub fn headers(&self) -> &ReplyHeaders {
        &self.0.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }
}

#[diagnostic::do_not_recommend]
impl IntoReply for StoredReply {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        (&self).into_reply(reply)
    }
}

/// What a cache has is answered with without giving it away.
#[diagnostic::do_not_recommend]
impl IntoReply for &StoredReply {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        let Stored { status, content_type, headers, body } = &*self.0;
        reply.thaw();
        (reply.status, reply.status_is) = (*status, StatusIs::Named);
        reply.content_type = content_type.clone();
        reply.headers.replace_with(headers);
        reply.body = ReplyBody::Bytes(body.clone());
        Ok(())
    }
}

impl Reply {
    /// Keeps this reply as it stands: in an `on_send` hook, so as it will be sent. `None` where its body is not in memory, where it gives its connection away,
    /// or where it cannot be sent.
    pub fn store(&self) -> Option<StoredReply> {
        if self.fault.is_some() {
            return None;
        }
        let bytes = self.body_bytes()?;
        let body = match &self.body {
            ReplyBody::Bytes(bytes) => bytes.clone(),
            ReplyBody::Frozen(frozen) => frozen.body.clone(),
            ReplyBody::Static(bytes) => Bytes::from_static(bytes),
            _ => Bytes::copy_from_slice(bytes),
        };
        let content_type = match &self.body {
            ReplyBody::Frozen(frozen) => frozen.content_type.clone(),
            _ => self.content_type.clone(),
        };
        let headers = self.headers().clone();
        Some(StoredReply(Arc::new(Stored { status: self.status(), content_type, headers, body })))
    }
}

impl fmt::Debug for StoredReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredReply")
            .field("status", &self.0.status)
            .field("content_type", &self.content_type())
            .field("headers", &self.0.headers)
            .field("body", &format_args!("{} bytes", self.0.body.len()))
            .finish()
    }
}
