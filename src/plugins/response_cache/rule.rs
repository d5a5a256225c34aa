//! What routes and answers say about being kept.

use std::time::Duration;

use fastweb_core::{Reply, ReplyFields};

/// What a [`ResponseCache`](crate::ResponseCache) is told by a route, or by a scope for its routes: `get("/prices", prices).config(Cached::new(minute))`.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::response_cache::Cached;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let minute = Duration::from_secs(60);
/// let server = App::new()
///     .plugin(ResponseCache::new())
///     .route(get("/prices", "9.90").config(Cached::new(minute).stale_while_revalidate(10 * minute)))
///     .get("/time", "now")
///     .build()
///     .await?;
/// for path in ["/prices", "/time"] {
///     server.inject(Inject::get(path)).await.assert_status(200);
/// }
/// assert_eq!(server.inject(Inject::get("/prices")).await.header("age"), Some("0"));
/// assert_eq!(server.inject(Inject::get("/time")).await.header("age"), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it is for the `config` of a route or scope"]
pub struct Cached {
    pub(super) is_never: bool,
    pub(super) ttl: Option<Duration>,
    pub(super) stale: Option<Duration>,
    pub(super) tags: Vec<String>,
    pub(super) vary_by: Vec<String>,
}

impl Cached {
    /// Answers are kept for `ttl`, or for the time that they say themselves where that is shorter.
    pub fn new(ttl: Duration) -> Self {
        Self { ttl: Some(ttl), ..Self::default() }
    }

    /// Answers are kept for as long as the plugin or they themselves say: for what else is to be said about them.
    ///
    /// ```
    /// use fastweb::response_cache::Cached;
    ///
    /// let of_the_shop = Cached::as_usual().tag("shop");
    /// # drop(of_the_shop);
    /// ```
    pub fn as_usual() -> Self {
        Self::default()
    }

    /// Answers are not kept, whatever they say, and nobody waits for another.
    ///
    /// ```
    /// use fastweb::response_cache::Cached;
    ///
    /// let route = fastweb::get("/account", "0.00").config(Cached::never());
    /// # drop(route);
    /// ```
    pub fn never() -> Self {
        Self { is_never: true, ..Self::default() }
    }

    /// For how long beyond that an answer is given while a new one is made in the background. Not where it says `must-revalidate`, `proxy-revalidate` or `s-maxage`.
    pub fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.stale = Some(time);
        self
    }

    /// Answers can be removed by this name: [`CacheHandle::remove_tag`](super::CacheHandle::remove_tag).
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Answers differ by this header of requests, also where they do not say so by `vary`.
    pub fn vary_by(mut self, header: impl Into<String>) -> Self {
        self.vary_by.push(header.into());
        self
    }
}

/// Names by which an answer can be removed: `(CacheTags::new(["user-7"]), body)`. Clients do not see them.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::response_cache::CacheTags;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let cache = ResponseCache::new().ttl(Duration::from_secs(60));
/// let handle = cache.handle();
/// let user = |Path(id): Path<u64>| (CacheTags::new([format!("user-{id}")]), format!("user {id}"));
/// let server = App::new().plugin(cache).get("/users/{id}", user).build().await?;
/// assert_eq!(server.inject(Inject::get("/users/7")).await.header("cache-tag"), None);
/// handle.remove_tag("user-7").await?;
/// assert_eq!(server.inject(Inject::get("/users/7")).await.header("age"), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheTags(Vec<String>);

impl CacheTags {
    /// These names: text without commas and without blanks at the ends.
    pub fn new<T: Into<String>>(tags: impl IntoIterator<Item = T>) -> Self {
        Self(tags.into_iter().map(Into::into).collect())
    }
}

/// The header by which the names come from the handler to the cache, which takes it away.
pub(super) const TAGS: &str = "cache-tag";

impl ReplyFields for CacheTags {
    fn set(self, reply: &mut Reply) {
        reply.append_header(TAGS, self.0.join(","));
    }
}
