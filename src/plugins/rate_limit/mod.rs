//! How often clients may ask.
//!
//! [`RateLimit`] is the plugin; the guide's page [`rates`](crate::guide::rates) shows it at work.

mod store;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use fastweb_core::{Code, Error, Plugin, Reply, Request, Result, Scope};

pub use store::{MemoryStore, Rate, RateDecision, RateStore};

/// Answers 429 to clients that ask more often than they may: `FW_ERR_TOO_MANY_REQUESTS`, with `retry-after`. It is for the routes of the scope that it is registered in, and of those within; registered with the application
/// also for paths that have no route. Fastify's `@fastify/rate-limit`.
///
/// Who a client is says its address, [`Request::ip`](crate::Request::ip): one of IPv4, or the 64 bits of IPv6 that belong to one customer. Behind a proxy that is the proxy, unless [`App::trust_proxy`](crate::App::trust_proxy) names it.
///
/// Answers say where their client stands, in `ratelimit-policy` and `ratelimit` (draft-ietf-httpapi-ratelimit-headers, 10).
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().plugin(RateLimit::new(2, Duration::from_secs(60))).get("/", "hello").build().await?;
/// let ask = || Inject::get("/").peer_addr("192.0.2.1:80".parse().expect("an address"));
/// server.inject(ask()).await.assert_status(200).assert_header("ratelimit", r#""default";r=1;t=30"#);
/// server.inject(ask()).await.assert_status(200);
/// server.inject(ask()).await.assert_status(429).assert_header("ratelimit-policy", r#""default";q=2;w=60"#);
/// # Ok(())
/// # }
/// ```
#[must_use = "a plugin does nothing until it is registered"]
pub struct RateLimit<S = MemoryStore> {
    rate: Rate,
    name: String,
    key: Box<Key>,
    allowed: Option<Box<Allowed>>,
    headers: bool,
    store: S,
}

type Key = dyn Fn(&Request) -> Option<String> + Send + Sync;
type Allowed = dyn Fn(&Request) -> bool + Send + Sync;

/// Another rate for a route, or for a scope, whose requests are then counted apart: `post("/login", login).config(RouteRate(Rate::new(5, minute)))`.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::rate_limit::{Rate, RouteRate};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let minute = Duration::from_secs(60);
/// let login = post("/login", NoContent).config(RouteRate(Rate::new(1, minute)));
/// let server = App::new().plugin(RateLimit::new(100, minute)).route(login).get("/", "hello").build().await?;
/// let from = "192.0.2.1:80".parse().expect("an address");
/// server.inject(Inject::post("/login").peer_addr(from)).await.assert_status(204);
/// server.inject(Inject::post("/login").peer_addr(from)).await.assert_status(429);
/// server.inject(Inject::get("/").peer_addr(from)).await.assert_status(200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteRate(pub Rate);

impl RateLimit {
    /// `requests` in each `per`, for each client.
    pub fn new(requests: u32, per: Duration) -> Self {
        Self {
            rate: Rate::new(requests, per),
            name: "default".into(),
            key: Box::new(|req| req.ip().map(network)),
            allowed: None,
            headers: true,
            store: MemoryStore::new(),
        }
    }
}

impl<S: RateStore> RateLimit<S> {
    /// Says who a client is, instead of its address: an API key, a user. `None` is nobody, and not limited.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastweb::RateLimit;
    ///
    /// let per_key = RateLimit::new(1000, Duration::from_secs(3600)).key(|req| req.header("x-api-key").map(str::to_owned));
    /// # drop(per_key);
    /// ```
    pub fn key(mut self, key: impl Fn(&Request) -> Option<String> + Send + Sync + 'static) -> Self {
        self.key = Box::new(key);
        self
    }

    /// Requests that are not counted: those of one's own machines.
    pub fn allow(mut self, allows: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
        self.allowed = Some(Box::new(allows));
        self
    }

    /// The name of the policy in the headers, instead of `default`; of two limits for one route each needs its own. Letters, digits and `-_.`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Does not say where clients stand, but for `retry-after`.
    pub fn without_headers(mut self) -> Self {
        self.headers = false;
        self
    }

    /// Counts elsewhere: where several servers do.
    pub fn store<T: RateStore>(self, store: T) -> RateLimit<T> {
        let Self { rate, name, key, allowed, headers, store: _ } = self;
        RateLimit { rate, name, key, allowed, headers, store }
    }

    fn check(&self) -> Result<()> {
        self.rate.check()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        match !self.name.is_empty() && self.name.bytes().all(is_plain) {
            true => Ok(()),
            false => Err(Error::internal(format!(
                "the name {:?} of a rate limit has to be of letters, digits, `-`, `_` and `.`",
                self.name
            ))),
        }
    }

    async fn count(&self, req: &mut Request, reply: &mut Reply) -> Result<()> {
        if self.allowed.as_ref().is_some_and(|allowed| allowed(req)) {
            return Ok(());
        }
        let Some(mut key) = (self.key)(req) else { return Ok(()) };
        let route = req.route();
        let own = route.config::<RouteRate>().map(|RouteRate(rate)| *rate);
        if own.is_some() {
            // Counted apart. No key has a line end where it is a header's or an address.
            key = format!("{key}\n{}", route.pattern());
        }
        let rate = own.unwrap_or(self.rate);
        let decision = match self.store.take(&key, rate).await {
            Ok(decision) => decision,
            // A store that is down is to take nothing else with it.
            Err(error) => {
                tracing::warn!(target: "fastweb::rate_limit", error = ?error, "a request could not be counted, and is served");
                return Ok(());
            }
        };
        let (name, wait) = (&self.name, seconds(decision.wait));
        if self.headers {
            reply.append_header("ratelimit-policy", format!("\"{name}\";q={};w={}", rate.requests, seconds(rate.per)));
            reply.append_header("ratelimit", format!("\"{name}\";r={};t={wait}", decision.remaining));
        }
        match decision.allowed {
            true => Ok(()),
            false => Err(Error::from_code(Code::TooManyRequests).with_header("retry-after", wait.to_string())),
        }
    }
}

/// Whole seconds, and none too few.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Whoever has one address of IPv6 has at least the 64 bits behind it, too.
fn network(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

impl<S> fmt::Debug for RateLimit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").field("rate", &self.rate).field("name", &self.name).finish_non_exhaustive()
    }
}

impl<S: RateStore> Plugin for RateLimit<S> {
    fn name(&self) -> &str {
        // Several may stand in one scope, each with a name of its own.
        if self.name == "default" { "rate-limit" } else { &self.name }
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        self.check()?;
        Ok(scope.on_request(async move |req: &mut Request, reply: &mut Reply| self.count(req, reply).await))
    }
}
