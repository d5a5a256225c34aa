//! Cross-origin requests: what pages of other origins may ask for (<https://fetch.spec.whatwg.org/#http-cors-protocol>).
//!
//! [`Cors`] is the plugin; the guide's page [`browsers`](crate::guide::browsers) shows it at work.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fastweb_core::{Error, Flow, Plugin, Reply, Request, Result, Route, Scope};

use super::token::is_token;

/// Lets pages of other origins read answers of the scope that it is registered in, and of those within. Fastify's `@fastify/cors`.
///
/// No origin is allowed that is not named. What browsers ask before (`OPTIONS` with `access-control-request-method`) is answered here, with 204, for every path that the scope has routes for; what is not allowed gets no
/// headers, and the browser refuses it. Errors have the headers, too: the page is to read them.
///
/// A route, or a scope within, may say something else for itself: `get("/prices", prices).config(Cors::new().any_origin())`; what it does not say is as with `Cors::new()`, not as with the plugin. `Cors::new()` by itself lets
/// nobody in.
///
/// ```
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let cors = Cors::new().origin("https://shop.example").credentials();
/// let server = App::new().plugin(cors).put("/cart", NoContent).build().await?;
/// let asked = Inject::options("/cart").header("origin", "https://shop.example").header("access-control-request-method", "PUT");
/// let reply = server.inject(asked).await;
/// reply.assert_status(204).assert_header("access-control-allow-origin", "https://shop.example");
/// let reply = server.inject(Inject::put("/cart").header("origin", "https://evil.example")).await;
/// assert_eq!(reply.header("access-control-allow-origin"), None);
/// # Ok(())
/// # }
/// ```
///
/// ```
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let app = App::new()
///     .plugin(Cors::new().origin("https://shop.example").credentials())
///     .get("/cart", "2 hats")
///     .route(get("/prices", "9.90").config(Cors::new().any_origin()))
///     .route(get("/internal", "ours").config(Cors::new()));
/// let server = app.build().await?;
/// let from = |path: &str| Inject::get(path).header("origin", "https://shop.example");
/// let allowed = "access-control-allow-origin";
/// server.inject(from("/cart")).await.assert_header(allowed, "https://shop.example");
/// server.inject(from("/prices")).await.assert_header(allowed, "*");
/// assert_eq!(server.inject(from("/internal")).await.header(allowed), None);
/// # Ok(())
/// # }
/// ```
#[must_use = "a plugin does nothing until it is registered"]
pub struct Cors {
    origins: Origins,
    credentials: bool,
    methods: Vec<String>,
    headers: Option<Vec<String>>,
    exposed: Vec<String>,
    max_age: Option<Duration>,
}

enum Origins {
    These(Vec<String>),
    Any,
    If(Box<OriginIf>),
}

type OriginIf = dyn Fn(&str, &Request) -> bool + Send + Sync;

impl Cors {
    /// No origin yet; then the methods `GET`, `HEAD`, `PUT`, `PATCH`, `POST` and `DELETE`, and whatever headers a page wants to send.
    pub fn new() -> Self {
        Self {
            origins: Origins::These(Vec::new()),
            credentials: false,
            methods: ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"].map(str::to_owned).to_vec(),
            headers: None,
            exposed: Vec::new(),
            max_age: None,
        }
    }

    /// Allows an origin, beside those before: `https://shop.example`, with its port where it has one.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        match &mut self.origins {
            Origins::These(these) => these.push(origin.into()),
            other => *other = Origins::These(vec![origin.into()]),
        }
        self
    }

    /// Allows several origins.
    pub fn origins<T: Into<String>>(self, origins: impl IntoIterator<Item = T>) -> Self {
        origins.into_iter().fold(self, Self::origin)
    }

    /// Allows every origin, without credentials: for what everybody may read.
    pub fn any_origin(mut self) -> Self {
        self.origins = Origins::Any;
        self
    }

    /// Allows the origins that `allows` says yes to. It sees the request, too: its path, its host.
    ///
    /// ```
    /// use fastweb::Cors;
    ///
    /// // The dot counts: `https://evilexample.com` ends like it.
    /// let ours = Cors::new().origin_if(|origin, _| {
    ///     origin.strip_prefix("https://").is_some_and(|host| host == "example.com" || host.ends_with(".example.com"))
    /// });
    /// # drop(ours);
    /// ```
    pub fn origin_if(mut self, allows: impl Fn(&str, &fastweb_core::Request) -> bool + Send + Sync + 'static) -> Self {
        self.origins = Origins::If(Box::new(allows));
        self
    }

    /// Pages may send cookies and read what is answered to them. Not with [`any_origin`](Self::any_origin): every page of the world could then act as the user.
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// The methods that pages may use, instead of the usual ones.
    pub fn methods<T: Into<String>>(mut self, methods: impl IntoIterator<Item = T>) -> Self {
        self.methods = methods.into_iter().map(Into::into).collect();
        self
    }

    /// The headers that pages may send, instead of whatever they ask for.
    pub fn headers<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.headers = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// The headers of answers that pages may read beside the few that they always may.
    pub fn expose<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.exposed = names.into_iter().map(Into::into).collect();
        self
    }

    /// How long a browser may remember what is allowed, in whole seconds. Browsers have bounds of their own, some of two hours.
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = Some(time);
        self
    }

    fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::internal(what));
        match &self.origins {
            Origins::Any if self.credentials => {
                return wrong("cross-origin requests with credentials from any origin: name the origins, or leave the credentials out".into());
            }
            Origins::These(these) => {
                for origin in these {
                    let host = origin.split_once("://").map_or("", |(_, host)| host);
                    let is_origin = !host.is_empty()
                        && !host.contains(['/', '?', '#', '@', '*', ' '])
                        && *origin == origin.to_ascii_lowercase();
                    if !is_origin && origin != "null" {
                        return wrong(format!(
                            "the origin {origin:?} has to be as browsers send it: a scheme, a host and perhaps a port, in lower case and without a slash at the end, like \"https://shop.example\""
                        ));
                    }
                }
            }
            Origins::Any | Origins::If(_) => {}
        }
        let names = self.headers.iter().flatten().chain(&self.exposed).chain(&self.methods);
        for name in names {
            if !is_token(name) {
                return wrong(format!("{name:?} is neither a method nor the name of a header"));
            }
        }
        Ok(())
    }

    fn is_any(&self) -> bool {
        matches!(self.origins, Origins::Any)
    }

    /// What holds for a request: of its route, or of the one that a browser asks for.
    fn of<'c>(&'c self, req: &'c Request, asked: Option<&str>) -> &'c Self {
        let route = asked.map_or_else(|| Some(req.route()), |method| req.route_for(method));
        // Where there is no such route it is the scope that says it.
        let own = route.or_else(|| Some(req.route())).and_then(|route| route.config::<Self>());
        own.unwrap_or(self)
    }

    fn allows(&self, origin: &str, req: &Request) -> bool {
        match &self.origins {
            Origins::Any => true,
            Origins::These(these) => these.iter().any(|allowed| allowed == origin),
            Origins::If(allows) => allows(origin, req),
        }
    }

    fn answer(&self, req: &Request, reply: &mut Reply) -> Flow {
        let asked = if req.method() == "OPTIONS" { req.header("access-control-request-method") } else { None };
        let this = self.of(req, asked);
        let is_any = this.is_any();
        if !is_any {
            // Also where there is none: a cache may not give this answer to a page.
            reply.add_vary("origin");
        }
        let Some(origin) = req.header("origin") else { return Flow::Continue };
        if asked.is_some() {
            reply.add_vary("access-control-request-method").add_vary("access-control-request-headers");
        }
        if this.allows(origin, req) {
            reply.set_header("access-control-allow-origin", if is_any { "*" } else { origin });
            if this.credentials {
                reply.set_header("access-control-allow-credentials", "true");
            }
            if asked.is_none() {
                set_list(reply, "access-control-expose-headers", &this.exposed);
            } else {
                this.allow(req, reply);
            }
        }
        match asked {
            Some(_) => Flow::Reply(Reply::new().with_status(204)),
            None => Flow::Continue,
        }
    }

    /// What a browser asks before the page's request.
    fn allow(&self, req: &Request, reply: &mut Reply) {
        set_list(reply, "access-control-allow-methods", &self.methods);
        match &self.headers {
            Some(names) => set_list(reply, "access-control-allow-headers", names),
            None => {
                // Given back as it came, where it is a list of names.
                let asked = req
                    .header("access-control-request-headers")
                    .filter(|names| names.split(',').all(|name| is_token(name.trim())));
                if let Some(asked) = asked {
                    reply.set_header("access-control-allow-headers", asked);
                }
            }
        }
        if let Some(time) = self.max_age {
            reply.set_header("access-control-max-age", time.as_secs().to_string());
        }
    }
}

fn set_list(reply: &mut Reply, name: &str, values: &[String]) {
    if !values.is_empty() {
        reply.set_header(name, values.join(", "));
    }
}

impl Default for Cors {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: &dyn fmt::Debug = match &self.origins {
            Origins::These(these) => these,
            Origins::Any => &"any",
            Origins::If(_) => &"by a function",
        };
        f.debug_struct("Cors")
            .field("origins", origins)
            .field("credentials", &self.credentials)
            .field("methods", &self.methods)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl Plugin for Cors {
    fn name(&self) -> &str {
        "cors"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        self.check()?;
        if matches!(&self.origins, Origins::These(these) if these.is_empty()) {
            return Err(Error::internal("cross-origin requests without an origin: name one, by `Cors::origin`"));
        }
        let this = Arc::new(self);
        let late = this.clone();
        let check = |route: Route| match route.get_config::<Self>().map(Self::check) {
            Some(Err(error)) => route.problem(error.message().to_owned()),
            _ => route,
        };
        // Errors of later hooks keep what is set this early.
        let scope = scope.on_request(move |req: &mut Request, reply: &mut Reply| this.answer(req, reply));
        // An answer with a `vary` of its own has put that in place.
        let add = move |req: &mut Request, reply: &mut Reply| {
            if !late.of(req, None).is_any() {
                reply.add_vary("origin");
            }
        };
        Ok(scope.on_route(check).on_send(add))
    }
}
