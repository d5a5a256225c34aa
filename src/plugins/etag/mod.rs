//! Entity tags, conditional requests, and how long replies may be kept.
//!
//! [`ETag`] is the plugin; the guide's page [`caching`](crate::guide::caching) shows it at work.

pub(crate) mod cache_control;
pub(crate) mod date;
mod preconditions;
mod tag;

use std::fmt::Display;
use std::sync::Arc;
use std::time::SystemTime;

use fastweb_core::{Code, Error, Plugin, Reply, Request, Result, Scope};

pub use cache_control::{CacheControl, Cacheable};
pub use preconditions::{Preconditions, Validators, Verdict};
pub use tag::EntityTag;

/// Answers `GET` and `HEAD` with 304 where the client has what would be sent, by the `etag` or `last-modified` that the answer has; with [`computed`](Self::computed) it gives one to
/// answers that have none. It is for the routes of the scope that it is registered in, and of those within.
///
/// Fastify's `@fastify/etag`. What it saves is the transfer: the answer has been made by then. A handler that takes [`Preconditions`] saves the making, too, and one that changes
/// something has to.
///
/// Where [`Compression`](crate::Compression) is registered too, this comes first: an answer that is not sent is then not compressed.
///
/// ```
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let user = || Reply::text("Ada").etag_from(7);
/// let server = App::new().plugin(ETag::new()).get("/users/1", user).build().await?;
/// server.inject(Inject::get("/users/1")).await.assert_header("etag", "\"7\"").assert_text("Ada");
/// let known = Inject::get("/users/1").header("if-none-match", "\"6\", \"7\"");
/// server.inject(known).await.assert_status(304).assert_text("");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a plugin does nothing until it is registered"]
pub struct ETag {
    computed: bool,
    most: usize,
    weak: bool,
    answers_304: bool,
    hash: Option<Arc<Hash>>,
}

type Hash = dyn Fn(&[u8]) -> EntityTag + Send + Sync;

/// Answers that are longer are not hashed: it is the worker that does it.
const MOST_HASHED: usize = 1024 * 1024;

impl ETag {
    /// Tags that answers have, and none of its own.
    pub fn new() -> Self {
        Self { computed: false, most: MOST_HASHED, weak: false, answers_304: true, hash: None }
    }

    /// Gives a tag to every answer of 200 to `GET` and `HEAD` that has none, by hashing its body: those in memory, of at most 1 MiB. It is the slow way: the answer is made, and then read once more. A tag
    /// from a version, [`ReplyValidators::etag_from`], costs nothing.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let server = App::new().plugin(ETag::new().computed()).get("/", "hello").build().await?;
    /// let tag = server.inject(Inject::get("/")).await.header("etag").unwrap().to_owned();
    /// server.inject(Inject::get("/").header("if-none-match", tag)).await.assert_status(304);
    /// # Ok(())
    /// # }
    /// ```
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// The most bytes of a body that are hashed, instead of 1 MiB.
    pub fn most(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    /// Computed tags are weak ones.
    pub fn weak(mut self) -> Self {
        self.weak = true;
        self
    }

    /// Computes tags otherwise: by a hash that others compute, too, or one against which nobody can make two contents of the same tag.
    ///
    /// ```
    /// use fastweb::ETag;
    /// use fastweb::etag::EntityTag;
    ///
    /// let by_length = ETag::new().computed_by(|body| EntityTag::from_version(body.len()).weak());
    /// # drop(by_length);
    /// ```
    pub fn computed_by(mut self, hash: impl Fn(&[u8]) -> EntityTag + Send + Sync + 'static) -> Self {
        self.hash = Some(Arc::new(hash));
        self.computed()
    }

    /// Only gives tags, and answers as if nobody had asked: where somebody else, a proxy, compares.
    pub fn without_304(mut self) -> Self {
        self.answers_304 = false;
        self
    }

    fn compute(&self, reply: &mut Reply) {
        if reply.has_header("etag") || reply.header("cache-control").is_some_and(|value| value.contains("no-store")) {
            return;
        }
        let Some(body) = reply.body_bytes().filter(|body| body.len() <= self.most) else { return };
        let mut tag = self.hash.as_ref().map_or_else(|| EntityTag::of(body), |hash| hash(body));
        if self.weak {
            tag = tag.weak();
        }
        reply.set_header("etag", tag.to_string());
    }

    pub(crate) fn answer(&self, req: &mut Request, reply: &mut Reply) -> Result<()> {
        // RFC 9110, 13.2.1: of other answers there is no state to compare with. What changes something is compared before it does.
        if reply.status() != 200 || !matches!(req.method().as_str(), "GET" | "HEAD") {
            return Ok(());
        }
        if self.computed {
            self.compute(reply);
        }
        if !self.answers_304 {
            return Ok(());
        }
        let conditions = Preconditions::of(req);
        if conditions.is_empty() {
            return Ok(());
        }
        let mut current = Validators::present();
        current.etag = reply.header("etag").and_then(EntityTag::parse);
        current.last_modified = reply.header("last-modified").and_then(|value| date::read(value.as_bytes()));
        match conditions.evaluate(&current) {
            Verdict::Proceed => Ok(()),
            Verdict::NotModified => {
                conditions.make_not_modified(&current, reply);
                Ok(())
            }
            Verdict::Failed => Err(Error::from_code(Code::PreconditionFailed)),
        }
    }
}

impl Default for ETag {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for ETag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ETag")
            .field("computed", &self.computed)
            .field("most", &self.most)
            .field("weak", &self.weak)
            .finish_non_exhaustive()
    }
}

impl Plugin for ETag {
    fn name(&self) -> &str {
        "etag"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        Ok(scope.on_send(move |req: &mut Request, reply: &mut Reply| self.answer(req, reply)))
    }
}

/// What a reply says about the state of what it has, for clients to compare with.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use fastweb::prelude::*;
///
/// let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
/// let reply = Reply::text("Ada").etag_from(7).with_last_modified(changed);
/// assert_eq!(reply.header("etag"), Some("\"7\""));
/// assert_eq!(reply.header("last-modified"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
/// ```
pub trait ReplyValidators: Sized {
    /// This reply with a strong tag of a version: see [`EntityTag::from_version`].
    #[must_use]
    fn etag_from(self, version: impl Display) -> Self;

    /// This reply with a tag.
    #[must_use]
    fn with_etag(self, tag: EntityTag) -> Self;

    /// This reply with the time of the last change.
    #[must_use]
    fn with_last_modified(self, time: SystemTime) -> Self;
}

impl ReplyValidators for Reply {
    fn etag_from(self, version: impl Display) -> Self {
        self.with_etag(EntityTag::from_version(version))
    }

    fn with_etag(self, tag: EntityTag) -> Self {
        self.with_header("etag", tag.to_string())
    }

    fn with_last_modified(self, time: SystemTime) -> Self {
        self.with_header("last-modified", date::write(time))
    }
}
