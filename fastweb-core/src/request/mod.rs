//! Requests as hooks and handlers see them.

pub(crate) mod cancellation;
pub(crate) mod cidr;
pub(crate) mod cookies;
pub(crate) mod early_hints;
pub(crate) mod extensions;
pub(crate) mod forwarded;
pub(crate) mod head;
pub(crate) mod id;
mod repeat;
mod routed;
pub(crate) mod stopping;
pub(crate) mod text;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fastweb_router::{Miss, Params};
use http::{HeaderMap, Method, Uri, Version};

use crate::app::{BoundApp, RouteTable};
use crate::background::Background;
use crate::blocking::Pool;
use crate::body::Body;
use crate::dependency::Provided;
use crate::error::{Error, Result};
use crate::hooks::{IntoFlow, Phase, PhaseClock};
use crate::route::RouteInfo;
#[cfg(feature = "schema")]
use crate::schema::Documents;
use crate::upgrade::Upgrade;
pub use cancellation::CancellationToken;
pub use early_hints::EarlyHints;
pub use extensions::Extensions;
pub use forwarded::TrustProxy;
use head::Head;
pub use id::{RequestId, RequestIds};
pub use repeat::Repeat;
pub use stopping::Stopping;
pub use text::Text;

/// A request: its head, its body, and what hooks have attached to it.
///
/// The head stays as it was read; types of the `http` crate are made when they are asked for.
///
/// ```
/// # use fastweb_core::{App, Inject, Request};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let show = |req: &mut Request| format!("{} {} {:?}", req.method(), req.path(), req.param("id"));
/// let server = App::new().get("/things/{id}", show).build().await?;
/// assert_eq!(server.inject(Inject::get("/things/7?x=1")).await.text(), r#"GET /things/7 Some("7")"#);
/// # Ok(())
/// # }
/// ```
pub struct Request {
    pub(crate) head: Rc<Head>,
    pub(crate) body: Body,
    pub(crate) params: Params,
    /// The number of the matched route.
    pub(crate) route: usize,
    pub(crate) id: u64,
    pub(crate) peer: Option<SocketAddr>,
    /// It came over a Unix socket.
    pub(crate) is_unix: bool,
    pub(crate) clock: Option<PhaseClock>,
    /// Why no route was found. Told where none was, and else of an earlier request.
    pub(crate) miss: Miss,
    /// Why it could not be found out which route it is for.
    pub(crate) unroutable: Option<Error>,
    /// The answer depends on `accept-version`.
    pub(crate) varies: bool,
    /// A content-type parser has made JSON of the body.
    pub(crate) is_parsed: bool,
    /// What the validation phase has made of it. Kept for the next request, with nothing in it.
    #[cfg(feature = "schema")]
    pub(crate) documents: Option<Box<Documents>>,
    extensions: Extensions,
    /// The dependencies that its route has, as far as they are there.
    pub(crate) provided: Provided,
    app: Rc<BoundApp>,
}

/// A request's own value among its extensions, where no value that a hook attaches can be taken for it.
struct Own<T>(Rc<T>);

/// Attached to requests whose clients are gone, for the hooks that run then.
struct Aborted;

impl Request {
    pub(crate) fn new(app: Rc<BoundApp>) -> Self {
        Self {
            head: Rc::default(),
            body: Body::empty(),
            params: Params::new(),
            route: BoundApp::ROOT,
            id: 0,
            peer: None,
            is_unix: false,
            clock: None,
            miss: Miss::NotFound,
            unroutable: None,
            varies: false,
            is_parsed: false,
            #[cfg(feature = "schema")]
            documents: None,
            extensions: Extensions::default(),
            provided: Provided::default(),
            app,
        }
    }

    /// The head, to be filled with that of the next request.
    pub(crate) fn head_mut(&mut self) -> &mut Head {
        Rc::get_mut(&mut self.head)
            .expect("a request has its head for itself until it is filled: `reset` has seen to it")
    }

    /// Lets go of everything that belongs to one request.
    pub(crate) fn reset(&mut self) {
        match Rc::get_mut(&mut self.head) {
            Some(head) => head.detach(),
            // Somebody still reads in it. It is theirs now.
            None => self.head = Rc::default(),
        }
        self.body.clear();
        self.route = BoundApp::ROOT;
        self.clock = None;
        self.is_parsed = false;
        if self.unroutable.is_some() {
            self.unroutable = None;
        }
        #[cfg(feature = "schema")]
        if let Some(documents) = &mut self.documents {
            documents.clear();
        }
        if !self.extensions.is_empty() || !self.provided.is_empty() {
            // Values of the application may panic while they are dropped. The connection goes on.
            let cleared = crate::lifecycle::caught(|| {
                self.provided.clear();
                self.extensions.clear();
            });
            if let Err(panic) = cleared {
                tracing::error!(error = ?panic, "a value that was attached to a request panicked while it was dropped");
            }
        }
    }

    /// Makes this the same request as `other`, to answer for it: its head, and where it came from. What was attached to it stays with it.
    pub(crate) fn stand_in_for(&mut self, other: &Request) {
        self.head = other.head.clone();
        self.params = other.params.clone();
        (self.route, self.id, self.clock) = (other.route, other.id, other.clock);
        (self.peer, self.is_unix) = (other.peer, other.is_unix);
        self.miss = other.miss.clone();
    }

    /// What tells work elsewhere that nobody waits for it any more. Handlers take [`CancellationToken`] as an argument.
    pub fn cancellation(&mut self) -> CancellationToken {
        if let Some(token) = self.extensions.get::<CancellationToken>() {
            return token.clone();
        }
        let token = CancellationToken::default();
        self.extensions.insert(token.clone());
        token
    }

    /// Runs `work` when this request is over, without anybody waiting for it. [`Background`](crate::Background), which has more about it, is the argument for handlers without
    /// the request.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Request, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let order = |req: &mut Request| -> Result<&'static str> {
    ///     req.after(async { /* tell the warehouse */ })?;
    ///     Ok("ordered")
    /// };
    /// let server = App::new().post("/orders", order).build().await?;
    /// server.inject(Inject::post("/orders")).await.assert_text("ordered");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Its worker has as much of such work as it may (503).
    pub fn after<R: IntoFlow + 'static>(&mut self, work: impl Future<Output = R> + 'static) -> Result<()> {
        self.background().after(work)
    }

    /// What its client asks to change to: another protocol, or a tunnel. Handlers take [`Upgrade`] as an argument.
    pub fn upgrade(&self) -> Upgrade {
        Upgrade::of(&self.head)
    }

    /// What takes this request's background work.
    pub(crate) fn background(&mut self) -> Background {
        if let Some(background) = self.extensions.get::<Background>() {
            return background.clone();
        }
        let background = Background::new(self.app.background.clone());
        self.extensions.insert(background.clone());
        background
    }

    /// The request is over: what is to be done for it now.
    pub(crate) fn take_background(&mut self) -> Option<impl Future<Output = ()> + use<>> {
        self.extensions.remove::<Background>()?.finish(self)
    }

    /// The pattern of the route; `*` where no route matched.
    pub(crate) fn pattern(&self) -> &Rc<str> {
        self.app.pattern(self.route)
    }

    /// Notes that its client is gone before the answer.
    pub(crate) fn abort(&mut self) {
        self.extensions.insert(Aborted);
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.extensions.get::<Aborted>().is_some()
    }

    /// Whether anything is attached to it. Nearly all requests have nothing.
    #[inline]
    pub(crate) fn has_extensions(&self) -> bool {
        !self.extensions.is_empty()
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.app.frozen.pool
    }

    /// Nobody waits for this request any more.
    pub(crate) fn cancel(&self) {
        if let Some(token) = self.extensions.get::<CancellationToken>() {
            token.cancel();
        }
    }

    /// The method.
    pub fn method(&self) -> Method {
        Method::from_bytes(self.head.method().as_bytes()).unwrap_or_default()
    }

    pub(crate) fn method_str(&self) -> &str {
        self.head.method()
    }

    /// The path as it came, without decoding: `/a%20b`.
    pub fn path(&self) -> &str {
        self.head.path()
    }

    /// What follows the `?`, as it came.
    pub fn query(&self) -> Option<&str> {
        self.head.query()
    }

    /// Path and query as they came.
    pub fn target(&self) -> &str {
        self.head.target()
    }

    /// Path and query.
    pub fn uri(&self) -> Uri {
        self.target().parse().unwrap_or_default()
    }

    /// The HTTP version.
    pub fn version(&self) -> Version {
        self.head.version()
    }

    /// The first value of a header where it is text, whatever the case of the name's letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_bytes(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The first value of a header.
    pub fn header_bytes(&self, name: &str) -> Option<&[u8]> {
        self.head.field(name)
    }

    /// The first value of a header, without a copy, for as long as the caller wants.
    pub fn header_text(&self, name: &str) -> Option<Text> {
        self.header(name).map(|value| Text::in_head(&self.head, value))
    }

    /// The value of the first cookie of this name, as it came. [`Cookies`](crate::Cookies) are the argument for handlers.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let session = |req: &mut Request| req.cookie("session").unwrap_or("none").to_owned();
    /// let server = App::new().get("/", session).build().await?;
    /// server.inject(Inject::get("/").header("cookie", "session=31d4d96e; lang=de")).await.assert_text("31d4d96e");
    /// # Ok(())
    /// # }
    /// ```
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookies::of(&self.head).find(|(candidate, _)| *candidate == name).map(|(_, value)| value)
    }

    /// All headers in the order in which they came, names as they were written.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.head.fields()
    }

    /// A copy of the headers as [`http::HeaderMap`].
    pub fn header_map(&self) -> HeaderMap {
        self.head.header_map()
    }

    /// Puts other headers in the place of those that came.
    #[cfg(feature = "tower")]
    pub(crate) fn set_headers(&mut self, headers: &HeaderMap) -> Result<()> {
        let head = self.head.with_headers(headers);
        let head = head.ok_or_else(|| Error::internal("a layer has made the head of a request too long"))?;
        self.head = Rc::new(head);
        Ok(())
    }

    /// A parameter of the route's path, decoded. `None` where the route has none of this name, or where its escapes are malformed.
    pub fn param(&self, name: &str) -> Option<Cow<'_, str>> {
        let at = self.param_names().iter().position(|candidate| **candidate == *name)?;
        let raw = &self.path()[self.params.get(at)?];
        crate::extract::decode_path(raw)
    }

    pub(crate) fn param_names(&self) -> &[Box<str>] {
        &self.app.record(self.route).param_names
    }

    /// The pattern of the matched route: `/users/{id}`. `None` before routing and where no route matched.
    pub fn route_pattern(&self) -> Option<&str> {
        (!self.app.record(self.route).is_fallback).then(|| &**self.app.pattern(self.route))
    }

    /// The route that it is for: its pattern and methods, and what it was told by [`Route::config`](crate::Route::config), which has an example.
    pub fn route(&self) -> RouteInfo<'_> {
        RouteInfo::of(self.app.record(self.route))
    }

    /// Ends a phase of a request that is timed.
    pub(crate) fn mark(&mut self, phase: Phase) {
        if let Some(clock) = &mut self.clock {
            clock.mark(phase);
        }
    }

    /// How long ago its head arrived: Fastify's `reply.elapsedTime`. Known where the request is timed, which routes with `on_response` hooks are; `None`
    /// elsewhere, because reading the clock is not for nothing.
    ///
    /// ```
    /// # use fastweb_core::{App, Completed, Inject, Reply, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let server = App::new()
    ///     .on_response(|_: &mut Request, _: &Completed| ())
    ///     .on_send(|req: &mut Request, reply: &mut Reply| {
    ///         if let Some(elapsed) = req.elapsed() {
    ///             reply.set_header("server-timing", format!("app;dur={}", elapsed.as_millis()));
    ///         }
    ///     })
    ///     .get("/", "hello")
    ///     .build()
    ///     .await?;
    /// assert!(server.inject(Inject::get("/")).await.header("server-timing").is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn elapsed(&self) -> Option<Duration> {
        self.clock.map(|clock| clock.elapsed())
    }

    /// Whether a handler has passed it on to a `not_found` handler: it has a route all the same.
    pub(crate) fn is_passed_on(&self) -> bool {
        !self.app.record(self.route).is_fallback
    }

    pub(crate) fn routes(&self) -> &RouteTable {
        &self.app.frozen.routes
    }

    /// The methods that this path has routes for. None where it has no route. For `*` those of all routes (RFC 9110, 9.3.7).
    pub(crate) fn allowed_methods(&self) -> Vec<&str> {
        let (routes, records) = (self.routes(), &self.app.frozen.records);
        let mut allowed: Vec<&str> = match self.path() {
            "*" => routes.methods(records),
            _ => routes.others(records, self).map(|(method, _)| method).collect(),
        };
        if !allowed.is_empty() && routes.automatic_options && !allowed.contains(&"OPTIONS") {
            allowed.push("OPTIONS");
        }
        allowed
    }

    /// The host that the request is for, with its port where one was named: what a [trusted proxy](crate::App::trust_proxy) says, else that of the
    /// target where it is a whole URL, else the `host` header (RFC 9112, 3.2.2). `None` for requests of HTTP/1.0 that name none.
    pub fn host(&self) -> Option<&str> {
        self.forwarded().and_then(|forwarded| forwarded.host).or_else(|| self.asked_host())
    }

    /// The host as this server was asked for it.
    pub(crate) fn asked_host(&self) -> Option<&str> {
        self.head.authority().or_else(|| self.header("host"))
    }

    /// `https` where a [trusted proxy](crate::App::trust_proxy) says that the client came by it, else `http`.
    pub fn protocol(&self) -> &'static str {
        let is_https = self.forwarded().and_then(|forwarded| forwarded.is_https);
        if is_https == Some(true) { "https" } else { "http" }
    }

    /// The client's address: the peer's, or where that is a [trusted proxy](crate::App::trust_proxy), the nearest one that it vouches for and that is no
    /// trusted proxy itself. `None` for a request that came by no network, unless a trusted proxy at the other end of the Unix socket tells it.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Request};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let who = |req: &mut Request| req.ip().map(|ip| ip.to_string()).unwrap_or_default();
    /// let server = App::new().trust_proxy("10.0.0.0/8").get("/", who).build().await?;
    /// // The client has sent the first address itself.
    /// let request = Inject::get("/").header("x-forwarded-for", "192.0.2.66, 192.0.2.1");
    /// let through_proxy = request.clone().peer_addr("10.0.0.1:80".parse().expect("an address"));
    /// server.inject(through_proxy).await.assert_text("192.0.2.1");
    /// let directly = request.peer_addr("192.0.2.5:80".parse().expect("an address"));
    /// server.inject(directly).await.assert_text("192.0.2.5");
    /// # Ok(())
    /// # }
    /// ```
    pub fn ip(&self) -> Option<IpAddr> {
        match self.forwarded() {
            Some(forwarded) => forwarded.ips.last().copied(),
            None => self.peer.map(|peer| peer.ip().to_canonical()),
        }
    }

    /// The addresses from the peer to the client, as far as they are known: [`ip`](Self::ip) is the last of them, those before are trusted proxies.
    pub fn ips(&self) -> Vec<IpAddr> {
        match self.forwarded() {
            Some(forwarded) => forwarded.ips,
            None => self.ip().into_iter().collect(),
        }
    }

    /// What trusted proxies say, where any are declared.
    fn forwarded(&self) -> Option<forwarded::Forwarded<'_>> {
        let proxies = self.app.frozen.settings.trust_proxy.as_ref()?;
        Some(proxies.read(&self.head, self.peer, self.is_unix))
    }

    /// The request's id: see [`App::request_ids`](crate::App::request_ids).
    pub fn id(&self) -> RequestId {
        if self.app.frozen.settings.request_ids.are_made()
            && let Some(id) = self.extensions.get::<RequestId>()
        {
            return id.clone();
        }
        RequestId::number(self.id)
    }

    /// The address of the peer: the client, or the proxy in front. `None` for a request that came by no network.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The state of type `T` that the route's scope has, for hooks. Handlers take [`State`](crate::State) as an argument instead: its lack is found
    /// at start-up.
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.app.record(self.route).states.get_ref()
    }

    /// This request's own value of type `T`, made now where nobody has asked before. `None` where no scope of the route [declares](crate::App::request_state)
    /// one.
    pub fn request_state<T: 'static>(&mut self) -> Option<Rc<T>> {
        if let Some(Own(value)) = self.extensions.get::<Own<T>>() {
            return Some(value.clone());
        }
        let init = self.app.record(self.route).states.request::<T>()?;
        let value = Rc::new(init(self));
        self.extensions.insert(Own(value.clone()));
        Some(value)
    }

    /// Values that hooks attach to this request.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Values that hooks attach to this request, to be changed.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// The body, to be read in parts.
    pub fn body_mut(&mut self) -> &mut Body {
        &mut self.body
    }

    /// The fields that came behind the body, where it was read to its end by hooks or for arguments: see [`Body::trailers`]. A handler that has taken the
    /// body asks that.
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.body.trailers()
    }

    /// The body, taken away from the request.
    pub fn take_body(&mut self) -> Body {
        self.forget_document();
        std::mem::take(&mut self.body)
    }

    /// Puts another body in place: what a `pre_parsing` hook that decodes does.
    pub fn set_body(&mut self, body: impl Into<Body>) {
        self.forget_document();
        self.body = body.into();
    }

    /// What validation has read of the body is of another one now.
    fn forget_document(&mut self) {
        #[cfg(feature = "schema")]
        if let Some(documents) = &mut self.documents {
            documents.forget_body();
        }
    }

    /// The whole body. It stays readable: a hook may look at it before the handler does.
    ///
    /// # Errors
    /// It is too large (413), malformed or incomplete (400), or too slow (408).
    pub async fn bytes(&mut self) -> Result<Bytes> {
        let bytes = self.body.bytes().await?;
        self.body.keep(bytes.clone());
        Ok(bytes)
    }

    /// The whole body as text. It stays readable.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), and 400 where it is no UTF-8.
    pub async fn text(&mut self) -> Result<String> {
        crate::parser::body_text(self.bytes().await?)
    }

    /// The whole body, read from JSON, whatever its media type. It stays readable.
    ///
    /// What is read, and what is refused, is as with [`Json<T>`](crate::Json) as an argument: the models in `T` are validated.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), and 400 where it is no JSON, does not have the shape of a `T`, or is not valid.
    #[cfg(feature = "json")]
    pub async fn json<T: serde::de::DeserializeOwned + 'static>(&mut self) -> Result<T> {
        self.bytes().await?;
        crate::extract::JsonPlan::kept::<T>()?.read(self)
    }

    /// A shared handle on the state of type `T` that the route's scope has.
    pub fn state_arc<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.app.record(self.route).states.get()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("head", &self.head)
            .field("body", &self.body)
            .field("route", &self.route_pattern())
            .finish_non_exhaustive()
    }
}
