//! The cache from outside of requests.

use std::fmt;
use std::sync::Arc;

use fastweb_core::Result;

use super::core::Shared;
use super::counts::ResponseCounts;
use super::key::{tag_of_name, tag_of_route, tag_of_target};
use super::store::{MemoryStore, ResponseStore};

/// Removes answers from a [`ResponseCache`](crate::ResponseCache), and reads what it counts. Clones are of the same cache; as a state of the application, handlers have it.
///
/// An answer that was begun before a removal is not kept behind it, should it fit.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::response_cache::CacheHandle;
///
/// async fn reload(cache: State<CacheHandle>) -> Result<NoContent> {
///     cache.remove_route("/articles/{id}").await?;
///     Ok(NoContent)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let cache = ResponseCache::new().ttl(Duration::from_secs(60));
/// let handle = cache.handle();
/// let server = App::new()
///     .state(handle.clone())
///     .plugin(cache)
///     .get("/articles/{id}", |Path(id): Path<u64>| format!("article {id}"))
///     .post("/reload", reload)
///     .build()
///     .await?;
/// server.inject(Inject::get("/articles/7")).await.assert_status(200);
/// assert_eq!(server.inject(Inject::get("/articles/7")).await.header("age"), Some("0"));
/// server.inject(Inject::post("/reload")).await.assert_status(204);
/// assert_eq!(server.inject(Inject::get("/articles/7")).await.header("age"), None);
/// assert_eq!((handle.counts().hits, handle.counts().misses), (1, 2));
/// # Ok(())
/// # }
/// ```
pub struct CacheHandle<S = MemoryStore>(pub(super) Arc<Shared<S>>);

impl<S: ResponseStore> CacheHandle<S> {
    /// Removes the answers to a target, path and query as clients write them: `/articles/7?full=1`, whatever host, header or user they are for.
    ///
    /// # Errors
    /// The store fails.
    pub async fn remove(&self, target: &str) -> Result<()> {
        self.0.remove_tagged(&tag_of_target(target)).await
    }

    /// Removes the answers of a route, by its pattern with the prefixes of its scopes: `/v1/articles/{id}`.
    ///
    /// # Errors
    /// The store fails.
    pub async fn remove_route(&self, pattern: &str) -> Result<()> {
        self.0.remove_tagged(&tag_of_route(pattern)).await
    }

    /// Removes the answers that have this tag, of their route ([`Cached::tag`](super::Cached::tag)) or their own ([`CacheTags`](super::CacheTags)).
    ///
    /// # Errors
    /// The store fails.
    pub async fn remove_tag(&self, tag: &str) -> Result<()> {
        self.0.remove_tagged(&tag_of_name(tag)).await
    }

    /// Removes all.
    ///
    /// # Errors
    /// The store fails.
    pub async fn clear(&self) -> Result<()> {
        self.0.clear().await
    }

    /// What has become of requests so far, and how much there is.
    pub fn counts(&self) -> ResponseCounts {
        let (mut counts, usage) = (self.0.counters.read(), self.0.store.usage());
        (counts.entries, counts.bytes, counts.evictions) = (usage.entries, usage.bytes, usage.evictions);
        counts
    }
}

impl<S> Clone for CacheHandle<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for CacheHandle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CacheHandle").field(&self.0.counters.read()).finish()
    }
}
