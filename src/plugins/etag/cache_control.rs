//! How long replies may be kept, and by whom (RFC 9111, 5.2.2).

use std::fmt;
use std::time::{Duration, SystemTime};

use fastweb_core::{App, Reply, ReplyFields, Request, Route, Scope};

use super::date;

/// A `cache-control` of a reply. It is a header of an answer, `(CacheControl::new().private(), body)`, or of a route's answers: [`Cacheable`].
///
/// ```
/// use std::time::Duration;
/// use fastweb::etag::CacheControl;
///
/// let for_ever = CacheControl::new().public().max_age(Duration::from_secs(31_536_000)).immutable();
/// assert_eq!(for_ever.to_string(), "public, max-age=31536000, immutable");
/// assert_eq!(CacheControl::new().private().no_cache().to_string(), "private, no-cache");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheControl {
    words: Vec<&'static str>,
    seconds: Vec<(&'static str, u64)>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident $word:literal,)+) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self) -> Self {
            if !self.words.contains(&$word) {
                self.words.push($word);
            }
            self
        }
    )+};
}

macro_rules! times {
    ($($(#[$doc:meta])* $name:ident $word:literal,)+) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, time: Duration) -> Self {
            self.seconds.retain(|(word, _)| *word != $word);
            // RFC 9111, 1.2.2: 2^31 is as much as any.
            self.seconds.push(($word, time.as_secs().min(1 << 31)));
            self
        }
    )+};
}

impl CacheControl {
    /// One that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    words! {
        /// Anybody may keep it, even where it answers a request with `authorization`.
        public "public",
        /// Only the client itself may keep it.
        private "private",
        /// It may be kept, and not be used before the server was asked whether it still holds.
        no_cache "no-cache",
        /// Nobody may keep it.
        no_store "no-store",
        /// It may not be changed on its way; [`Compression`](crate::Compression) leaves it alone.
        no_transform "no-transform",
        /// Once it is too old, it may not be used even where the server cannot be asked.
        must_revalidate "must-revalidate",
        /// The same for caches that several clients share.
        proxy_revalidate "proxy-revalidate",
        /// It never changes, so that a reload does not ask for it again (RFC 8246).
        immutable "immutable",
    }

    times! {
        /// For how long it may be used without asking, in whole seconds.
        max_age "max-age",
        /// The same for caches that several clients share.
        s_maxage "s-maxage",
        /// For how long beyond that it may be used while the server is asked (RFC 5861, 3).
        stale_while_revalidate "stale-while-revalidate",
        /// For how long beyond that it may be used where the server fails (RFC 5861, 4).
        stale_if_error "stale-if-error",
    }
}

/// As it stands in the header.
impl fmt::Display for CacheControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_late = |word: &str| word == "immutable";
        let mut between = "";
        let early = self.words.iter().filter(|word| !is_late(word));
        for word in early {
            write!(f, "{between}{word}")?;
            between = ", ";
        }
        for (word, seconds) in &self.seconds {
            write!(f, "{between}{word}={seconds}")?;
            between = ", ";
        }
        for word in self.words.iter().filter(|word| is_late(word)) {
            write!(f, "{between}{word}")?;
        }
        Ok(())
    }
}

impl ReplyFields for CacheControl {
    fn set(self, reply: &mut Reply) {
        reply.set_header("cache-control", self.to_string());
    }
}

/// `cache-control` and `expires` for the answers of a route, or of all routes of a scope where they say nothing else.
///
/// They stand on answers of success and on 304. Errors have none, and an answer that sets its own keeps it.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::etag::{CacheControl, Cacheable};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let hour = Duration::from_secs(3600);
/// let server = App::new()
///     .cache_control(CacheControl::new().no_store())
///     .get("/account", "0.00")
///     .route(get("/prices", "9.90").cache_control(CacheControl::new().public().max_age(hour)).expires_after(hour))
///     .build()
///     .await?;
/// server.inject(Inject::get("/account")).await.assert_header("cache-control", "no-store");
/// let prices = server.inject(Inject::get("/prices")).await;
/// prices.assert_header("cache-control", "public, max-age=3600");
/// assert!(prices.header("expires").is_some());
/// assert_eq!(server.inject(Inject::get("/none")).await.header("cache-control"), None);
/// # Ok(())
/// # }
/// ```
pub trait Cacheable: Sized {
    /// The `cache-control` of its answers.
    #[must_use]
    fn cache_control(self, value: CacheControl) -> Self;

    /// How long after they were sent its answers expire: for clients that do not know `cache-control`, whose `max-age` comes first where both are there.
    #[must_use]
    fn expires_after(self, time: Duration) -> Self;
}

/// What a route or scope says, as it is sent.
struct Control(String);
struct Expires(Duration);

macro_rules! cacheable {
    ($($type:ty),+) => {$(
        impl Cacheable for $type {
            fn cache_control(self, value: CacheControl) -> Self {
                self.config(Control(value.to_string())).on_send(add)
            }

            fn expires_after(self, time: Duration) -> Self {
                self.config(Expires(time)).on_send(add)
            }
        }
    )+};
}

cacheable!(Route, Scope, App);

/// What the answers of success of a request's route are given where they say nothing themselves: `cache-control`, and the time to `expires`.
#[cfg(feature = "response-cache")]
pub(crate) fn of_route(req: &Request) -> (Option<&str>, Option<Duration>) {
    let route = req.route();
    let control = route.config().map(|Control(value)| value.as_str());
    (control, route.config().map(|&Expires(time)| time))
}

/// Whatever scope has added this hook, what the nearest one says holds.
fn add(req: &mut Request, reply: &mut Reply) {
    if !reply.status().is_success() && reply.status() != 304 {
        return;
    }
    let route = req.route();
    if let Some(Control(value)) = route.config()
        && !reply.has_header("cache-control")
    {
        reply.set_header("cache-control", value);
    }
    if let Some(&Expires(time)) = route.config()
        && !reply.has_header("expires")
        && let Some(at) = SystemTime::now().checked_add(time)
    {
        reply.set_header("expires", date::write(at));
    }
}
