//! Headers that make browsers careful.
//!
//! [`SecurityHeaders`] is the plugin; the guide's page [`browsers`](crate::guide::browsers) shows it at work.

use std::borrow::Cow;

use fastweb_core::{Error, Plugin, Reply, Request, Result, Scope};

/// Tells browsers what pages of this server may do: the set of headers that helmet sends by default, on every answer of the scope that it is registered in, and of those within. Fastify's
/// `@fastify/helmet`.
///
/// An answer that sets one of them itself keeps it. A route has a set of its own by `.config(SecurityHeaders::new()…)`.
///
/// ```
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let headers = SecurityHeaders::new().set("x-frame-options", "DENY").without("strict-transport-security");
/// let server = App::new().plugin(headers).get("/", "hello").build().await?;
/// let reply = server.inject(Inject::get("/")).await;
/// reply.assert_header("x-frame-options", "DENY").assert_header("x-content-type-options", "nosniff");
/// assert_eq!(reply.header("strict-transport-security"), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a plugin does nothing until it is registered"]
pub struct SecurityHeaders {
    headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

/// Of helmet 8.
const DEFAULTS: [(&str, &str); 12] = [
    (
        "content-security-policy",
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';\
         script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline';upgrade-insecure-requests",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("x-download-options", "noopen"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-permitted-cross-domain-policies", "none"),
    // The filter that it switches off made pages less safe.
    ("x-xss-protection", "0"),
];

impl SecurityHeaders {
    /// The defaults of helmet: content from this origin alone, no frames of others, no guessed media types, no referrer, HTTPS for a year.
    pub fn new() -> Self {
        Self { headers: DEFAULTS.map(|(name, value)| (name.into(), value.into())).to_vec() }
    }

    /// None, to begin with.
    pub fn none() -> Self {
        Self { headers: Vec::new() }
    }

    /// Sets one, in the place of its default: `("permissions-policy", "camera=()")`. One that may not be sent is an error of `build()`.
    pub fn set(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        self = self.without(&name);
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the `content-security-policy`, directive by directive, instead of the default.
    ///
    /// ```
    /// use fastweb::SecurityHeaders;
    ///
    /// let api = SecurityHeaders::new().policy([("default-src", "'none'"), ("frame-ancestors", "'none'")]);
    /// # drop(api);
    /// ```
    pub fn policy<'d>(self, directives: impl IntoIterator<Item = (&'d str, &'d str)>) -> Self {
        let directive = |(name, sources): (&str, &str)| format!("{name} {sources}").trim_end().to_owned();
        let all: Vec<_> = directives.into_iter().map(directive).collect();
        self.set("content-security-policy", all.join(";"))
    }

    /// Leaves one out.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    fn check(&self) -> Result<()> {
        let mut reply = Reply::new();
        for (name, value) in &self.headers {
            reply.set_header(name, value.as_bytes());
            if !reply.has_header(name) {
                return Err(Error::internal(format!(
                    "the security header {name:?} with the value {value:?} may not be sent: a name is a token, and a value has no control characters and no blanks at its ends"
                )));
            }
        }
        Ok(())
    }

    fn add(&self, reply: &mut Reply) {
        for (name, value) in &self.headers {
            if !reply.has_header(name) {
                reply.append_header(name, value.as_bytes());
            }
        }
    }
}

impl Default for SecurityHeaders {
    fn default() -> Self {
        Self::new()
    }
}

impl Plugin for SecurityHeaders {
    fn name(&self) -> &str {
        "security-headers"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, scope: Scope) -> Result<Scope> {
        self.check()?;
        Ok(scope.on_send(move |req: &mut Request, reply: &mut Reply| {
            let route = req.route();
            route.config::<Self>().unwrap_or(&self).add(reply);
        }))
    }
}
