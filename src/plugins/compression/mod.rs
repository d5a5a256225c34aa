//! Compression of answers, and of requests that came compressed.
//!
//! [`Compression`] is the plugin; the guide's page [`compression`](crate::guide::compression) shows it at work.

mod decode;
mod levels;
mod stream;
mod whole;

use std::fmt;
use std::sync::Arc;

use fastweb_core::{Body, Code, Error, Plugin, Reply, Request, Result, Scope, blocking};

pub use super::negotiation::Coding;

use super::negotiation::Accepted;
use levels::Levels;

/// Compresses answers by what their clients take: zstd, br, gzip or deflate. It is for the routes of the scope that it is registered in, and of those within. Fastify's `@fastify/compress`.
///
/// What is compressed is text, JSON and what else gets smaller by it, of 1 KiB and more. Bodies in memory are compressed as a whole, on the worker, or above 64 KiB in the pool for
/// [`blocking`](crate::blocking) work; streams as they are sent, and a client can read what was sent whenever the stream waits. Left alone is what has a `content-encoding` already, a part of something (206,
/// `content-range`), and what says `cache-control: no-transform`.
///
/// A compressed answer says `vary: accept-encoding`, and a strong `etag` becomes a weak one: the same state, and not the same bytes.
///
/// ```
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().plugin(Compression::new()).get("/", || "hello ".repeat(1000)).build().await?;
/// let reply = server.inject(Inject::get("/").header("accept-encoding", "gzip, br;q=0.5")).await;
/// reply.assert_header("content-encoding", "gzip").assert_header("vary", "accept-encoding");
/// assert!(reply.body().len() < 100);
/// # Ok(())
/// # }
/// ```
///
/// An answer that has both a secret and what a client has sent is not to be compressed: by its length the secret can be guessed (BREACH). Such routes say
/// `.config(NoCompression)`.
#[derive(Clone)]
#[must_use = "a plugin does nothing until it is registered"]
pub struct Compression {
    codings: Vec<Coding>,
    levels: Levels,
    threshold: usize,
    types: Arc<Types>,
    requests: bool,
    most_ratio: u32,
}

type Types = dyn Fn(&str) -> bool + Send + Sync;

/// Leaves the answers of a route, or of a scope, as they are: `get("/token", token).config(NoCompression)`.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::compression::NoCompression;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let secret = get("/secret", || "x".repeat(5000)).config(NoCompression);
/// let server = App::new().plugin(Compression::new()).route(secret).build().await?;
/// let reply = server.inject(Inject::get("/secret").header("accept-encoding", "gzip")).await;
/// assert_eq!(reply.header("content-encoding"), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCompression;

/// From here on a body in memory is compressed in the pool.
const LARGE: usize = 64 * 1024;

impl Coding {
    /// All of them, those that are better first.
    ///
    /// ```
    /// use fastweb::compression::Coding;
    ///
    /// assert_eq!(Coding::ALL.map(Coding::as_str), ["zstd", "br", "gzip", "deflate"]);
    /// ```
    pub const ALL: [Coding; 4] = [Coding::Zstd, Coding::Brotli, Coding::Gzip, Coding::Deflate];
}

impl Compression {
    /// The defaults: all codings, from 1 KiB on, and requests as they are.
    pub fn new() -> Self {
        Self {
            codings: Coding::ALL.to_vec(),
            levels: Levels::default(),
            threshold: 1024,
            types: Arc::new(is_compressible),
            requests: false,
            most_ratio: 100,
        }
    }

    /// Only these codings. Of those that a client wants alike the first is taken.
    ///
    /// ```
    /// use fastweb::Compression;
    /// use fastweb::compression::Coding;
    ///
    /// let smallest_first = Compression::new().codings([Coding::Brotli, Coding::Gzip]);
    /// # drop(smallest_first);
    /// ```
    pub fn codings(mut self, codings: impl IntoIterator<Item = Coding>) -> Self {
        self.codings = codings.into_iter().collect();
        self
    }

    /// How hard a coding tries: 1 to 22 for zstd (3 by default), 0 to 11 for br (5), 1 to 9 for gzip and deflate (5). Others are an error of `build()`.
    pub fn level(mut self, coding: Coding, level: i32) -> Self {
        self.levels.set(coding, level);
        self
    }

    /// Bodies of fewer bytes are sent as they are, instead of 1,024. Streams whose length is not known are compressed.
    pub fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = bytes;
        self
    }

    /// Says by the media type what is compressed, instead of the list of fastweb's own: `text/*`, JSON, XML, JavaScript, SVG, WebAssembly and their like. It is given the type without
    /// parameters, in lower case.
    ///
    /// ```
    /// use fastweb::Compression;
    ///
    /// let only_json = Compression::new().types(|media_type| media_type == "application/json");
    /// # drop(only_json);
    /// ```
    pub fn types(mut self, takes: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.types = Arc::new(takes);
        self
    }

    /// Also decodes requests with a `content-encoding`: hooks from `pre_parsing` on, arguments and handlers see the body as it was. The route's body limit counts what comes out (413), and a body of more than
    /// 64 KiB may be no more than [`ratio_limit`](Self::ratio_limit) times as long as what was sent (413). An encoding that is not known is 415, something that is no such encoding 400.
    ///
    /// Without this, what came compressed is what handlers get.
    ///
    /// ```
    /// use fastweb::prelude::*;
    /// use std::io::Write;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    /// # gzip.write_all(b"hello")?;
    /// # let compressed = gzip.finish()?;
    /// let server = App::new().plugin(Compression::new().requests()).post("/", |text: String| text).build().await?;
    /// let request = Inject::post("/").header("content-encoding", "gzip");
    /// server.inject(request.clone().body(compressed)).await.assert_text("hello");
    /// server.inject(request.body("no gzip")).await.assert_status(400);
    /// # Ok(())
    /// # }
    /// ```
    pub fn requests(mut self) -> Self {
        self.requests = true;
        self
    }

    /// How many times as long as it was sent the body of a request may become, instead of 100. Real texts become 3 to 30 times as long.
    pub fn ratio_limit(mut self, times: u32) -> Self {
        self.most_ratio = times;
        self
    }

    fn check(&self) -> Result<()> {
        self.levels.check()?;
        if self.codings.is_empty() {
            return Err(Error::internal("compression without a coding: name at least one, or do not register it"));
        }
        Ok(())
    }

    /// Whether the answer is one that is compressed for those who want it.
    fn takes(&self, reply: &Reply) -> bool {
        let status = reply.status();
        let is_whole = !matches!(status.as_u16(), 100..=199 | 204 | 206 | 304) && !reply.gives_connection_away();
        let media_type = reply.content_type().unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        is_whole
            && reply.body_bytes().is_none_or(|body| body.len() >= self.threshold)
            && !reply.has_header("content-encoding")
            && !reply.has_header("content-range")
            && !reply.header("cache-control").is_some_and(|value| value.to_ascii_lowercase().contains("no-transform"))
            && (self.types)(&media_type)
    }

    async fn answer(&self, req: &mut Request, reply: &mut Reply) {
        // RFC 9110, 15.4.5: what the answer that it stands for would say. That a client has a compressed one, its own tag says.
        if reply.status() == 304 {
            if reply.has_header("etag") {
                reply.add_vary("accept-encoding");
            }
            return;
        }
        if !self.takes(reply) || req.route().config::<NoCompression>().is_some() {
            return;
        }
        reply.add_vary("accept-encoding");
        let Some(coding) = Accepted::of(req).best(self.codings.iter().copied()) else { return };
        let level = self.levels.of(coding);
        let made = match reply.body_bytes() {
            Some(body) if body.len() < LARGE => whole::compress(coding, level, body).map(Body::from),
            Some(_) => Self::in_pool(coding, level, reply).await,
            None => self.streamed(coding, level, reply),
        };
        let Some(made) = made else { return };
        reply.set_body(made).set_header("content-encoding", coding.as_str());
        // Ranges are those of the body as it is (RFC 9110, 14.2).
        reply.remove_header("accept-ranges").remove_header("content-md5");
        if let Some(tag) = reply.header("etag").filter(|tag| tag.starts_with('"')).map(|tag| format!("W/{tag}")) {
            reply.set_header("etag", tag);
        }
    }

    /// `None` leaves the body where it was.
    async fn in_pool(coding: Coding, level: i32, reply: &mut Reply) -> Option<Body> {
        let body = reply.take_body().bytes().await.unwrap_or_default();
        let work = body.clone();
        let made = blocking(move || whole::compress(coding, level, &work)).await;
        // Where the pool is busy, the network is the smaller trouble.
        let made = made.ok().flatten().map(Body::from);
        if made.is_none() {
            reply.set_body(body);
        }
        made
    }

    fn streamed(&self, coding: Coding, level: i32, reply: &mut Reply) -> Option<Body> {
        // A stream of a known length that is not worth it.
        let body = reply.take_body();
        if body.len().is_some_and(|len| len < self.threshold as u64) {
            reply.set_body(body);
            return None;
        }
        match stream::Encoder::new(coding, level) {
            Ok(encoder) => Some(stream::compress(body, encoder)),
            Err(_) => {
                reply.set_body(body);
                None
            }
        }
    }

    fn read(&self, req: &mut Request) -> Result<()> {
        if req.body_mut().is_empty() {
            return Ok(());
        }
        let mut named = None;
        for (_, line) in req.headers().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding")) {
            // One is decoded. Several, one upon the other, are nobody's but an attacker's, and no name of one.
            let line = if named.is_none() { std::str::from_utf8(line).unwrap_or("?") } else { "?" };
            named = Some(line.trim().to_ascii_lowercase());
        }
        let Some(named) = named else { return Ok(()) };
        let named = match named.as_str() {
            "identity" | "" => return Ok(()),
            // RFC 9110, 8.4.1.3: an old name of it.
            "x-gzip" => "gzip",
            other => other,
        };
        let Some(coding) = self.codings.iter().copied().find(|coding| coding.as_str() == named) else {
            // RFC 9110, 12.5.3: the answer says what would be taken.
            let taken = self.codings.iter().map(|coding| coding.as_str()).collect::<Vec<_>>().join(", ");
            let message = format!("The content-encoding of the request body is not one of {taken}");
            return Err(Error::from_code(Code::UnsupportedMediaType)
                .with_message(message)
                .with_header("accept-encoding", taken));
        };
        let body = req.take_body();
        req.set_body(decode::decode(body, coding, self.most_ratio));
        Ok(())
    }
}

/// What gets smaller: text in its many names.
fn is_compressible(media_type: &str) -> bool {
    let (family, kind) = media_type.split_once('/').unwrap_or_default();
    match family {
        "text" => true,
        "application" => {
            ["+json", "+xml", "+text", "+yaml"].iter().any(|end| kind.ends_with(end))
                || [
                    "dart",
                    "ecmascript",
                    "graphql",
                    "javascript",
                    "json",
                    "json5",
                    "manifest",
                    "ndjson",
                    "rtf",
                    "sql",
                    "tar",
                    "toml",
                    "vnd.ms-fontobject",
                    "wasm",
                    "x-httpd-php",
                    "x-javascript",
                    "x-ndjson",
                    "x-sh",
                    "x-tar",
                    "x-yaml",
                    "xml",
                    "yaml",
                ]
                .contains(&kind)
        }
        "font" => matches!(kind, "otf" | "ttf" | "collection"),
        "image" => matches!(kind, "bmp" | "svg+xml" | "x-icon" | "vnd.microsoft.icon"),
        "model" | "message" => true,
        _ => false,
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compression")
            .field("codings", &self.codings)
            .field("levels", &self.levels)
            .field("threshold", &self.threshold)
            .field("requests", &self.requests)
            .field("most_ratio", &self.most_ratio)
            .finish_non_exhaustive()
    }
}

impl Plugin for Compression {
    fn name(&self) -> &str {
        "compression"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, mut scope: Scope) -> Result<Scope> {
        self.check()?;
        let this = Arc::new(self);
        if this.requests {
            let this = this.clone();
            scope = scope.pre_parsing(move |req: &mut Request| this.read(req));
        }
        Ok(scope.on_send(async move |req: &mut Request, reply: &mut Reply| this.answer(req, reply).await))
    }
}
