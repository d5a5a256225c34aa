//! Bodies of requests and replies.
//!
//! | module | what |
//! |---|---|
//! | `incoming` | from the connection to whoever reads a request's body |
//! | `made` | bodies that the application makes |
//! | `source` | what they come from, piece by piece |
//! | `writer`, `sender`, `file` | functions that write, channels, files |
//! | `pieces` | what was written and waits to be sent |
//! | `read` | bodies as readers |
//! | `trailers` | which fields may follow a body |

mod file;
pub(crate) mod incoming;
mod made;
mod pieces;
mod read;
mod sender;
mod source;
pub(crate) mod trailers;
pub(crate) mod writer;

use std::fmt;
use std::fs::File;
use std::future::poll_fn;
use std::ops::Range;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;

use crate::buffer::Buffer;
use crate::error::{Error, Result};
use incoming::Incoming;
pub use sender::{BodyClosed, BodySender};
use source::{Source, Sourced};
pub use writer::BodyWriter;

/// A body: of a request, to be read, or of a reply, to be sent. The body of a request can be sent back as it comes in.
///
/// As an argument of a handler it streams: the handler runs as soon as the head is there and the client is read only as fast
/// as [`chunk`](Body::chunk) is called. [`Bytes`], [`String`] and [`Json`](crate::Json) arguments get the whole body instead.
///
/// ```
/// # use fastweb_core::{App, Body, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// // Counts the bytes of an upload without ever holding the whole of it.
/// async fn upload(mut body: Body) -> fastweb_core::Result<String> {
///     let mut count = 0;
///     while let Some(chunk) = body.chunk().await? {
///         count += chunk.len();
///     }
///     Ok(count.to_string())
/// }
/// let server = App::new().post("/upload", upload).build().await?;
/// assert_eq!(server.inject(Inject::post("/upload").body("12345")).await.text(), "5");
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Body {
    kind: Kind,
    /// What few bodies have.
    extra: Option<Box<Extra>>,
}

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    /// The whole body lies in the buffer that its head came in.
    InBuffer {
        buffer: Rc<Buffer>,
        range: Range<usize>,
    },
    Bytes(Bytes),
    /// Read from the connection while the handler runs.
    Incoming(Incoming),
    /// Made by the application while it is read.
    Source(Box<Sourced>),
    /// A source that failed: what follows is not the end.
    Failed,
}

#[derive(Default)]
struct Extra {
    /// What a reader has taken a part of.
    begun: Bytes,
    trailers: HeaderMap,
}

impl Body {
    /// A body of no bytes.
    pub fn empty() -> Self {
        Self::default()
    }

    fn of(kind: Kind) -> Self {
        Self { kind, extra: None }
    }

    fn sourced(source: impl Source + 'static, length: Option<u64>) -> Self {
        Self::of(Kind::Source(Sourced::new(source, length)))
    }

    /// Lets go of what is left of it.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if !matches!(self.kind, Kind::Empty) || self.extra.is_some() {
            *self = Self::default();
        }
    }

    pub(crate) fn in_buffer(buffer: Rc<Buffer>, range: Range<usize>) -> Self {
        if range.is_empty() { Self::default() } else { Self::of(Kind::InBuffer { buffer, range }) }
    }

    pub(crate) fn incoming(incoming: Incoming) -> Self {
        Self::of(Kind::Incoming(incoming))
    }

    pub(crate) fn is_incoming(&self) -> bool {
        matches!(self.kind, Kind::Incoming(_))
    }

    /// The number of bytes that are still to come, where that is known.
    pub fn len(&self) -> Option<u64> {
        let len = match &self.kind {
            Kind::Empty => 0,
            Kind::InBuffer { range, .. } => range.len() as u64,
            Kind::Bytes(bytes) => bytes.len() as u64,
            Kind::Incoming(incoming) => incoming.len()?,
            Kind::Source(source) => source.left?,
            Kind::Failed => return None,
        };
        Some(len + self.begun().len() as u64)
    }

    /// Whether it is known that no bytes are to come.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// What is left of a chunk that was begun.
    fn begun(&self) -> &[u8] {
        self.extra.as_ref().map_or(&[], |extra| &extra.begun)
    }

    fn take_begun(&mut self) -> Option<Bytes> {
        let begun = std::mem::take(&mut self.extra.as_mut()?.begun);
        (!begun.is_empty()).then_some(begun)
    }

    /// The whole body, where it is in memory already: that of a request which came with its head, that of a route whose arguments or hooks have read
    /// it, one that was made of bytes. Looking at it costs neither a copy nor memory.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let lines = async |mut body: Body| -> fastweb_core::Result<String> {
    ///     let count = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count();
    ///     let mut lines = 0;
    ///     match body.as_slice() {
    ///         Some(all) => lines = count(all),
    ///         None => {
    ///             while let Some(chunk) = body.chunk().await? {
    ///                 lines += count(&chunk);
    ///             }
    ///         }
    ///     }
    ///     Ok(lines.to_string())
    /// };
    /// let server = App::new().post("/lines", lines).build().await?;
    /// server.inject(Inject::post("/lines").body("a\nb\n")).await.assert_text("2");
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_slice(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Empty => Some(&[]),
            Kind::InBuffer { buffer, range } => Some(&buffer.filled()[range.clone()]),
            Kind::Bytes(bytes) => Some(bytes),
            Kind::Incoming(_) | Kind::Source(_) | Kind::Failed => None,
        }
    }

    /// Refuses what is longer than `limit` bytes: at once where the length is known, else as soon as that much has come.
    #[inline]
    pub(crate) fn limit(&mut self, limit: u64) -> Result<()> {
        if matches!(self.kind, Kind::Empty) { Ok(()) } else { self.limit_what_is_there(limit) }
    }

    fn limit_what_is_there(&mut self, limit: u64) -> Result<()> {
        if self.len().is_some_and(|len| len > limit) {
            return Err(Error::body_too_large(limit));
        }
        self.limit_stream(limit);
        Ok(())
    }

    /// Refuses bytes beyond `limit` as they come, whoever reads them. A limit that was set before stays.
    pub(crate) fn limit_stream(&mut self, limit: u64) {
        match &mut self.kind {
            Kind::Incoming(incoming) => incoming.set_limit(limit),
            Kind::Source(source) => source.limit(limit),
            Kind::Empty | Kind::InBuffer { .. } | Kind::Bytes(_) | Kind::Failed => {}
        }
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    /// The body is longer than the route's limit (413), shorter than its `content-length` or malformed (400), too slow (408), or
    /// the reader that it comes from failed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// Like [`chunk`](Self::chunk), for hand-written futures.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        if let Some(begun) = self.take_begun() {
            return Poll::Ready(Ok(Some(begun)));
        }
        let (chunk, trailers) = match &mut self.kind {
            Kind::Empty => return Poll::Ready(Ok(None)),
            Kind::InBuffer { buffer, range } => {
                let bytes = Bytes::copy_from_slice(&buffer.filled()[range.clone()]);
                self.kind = Kind::Empty;
                return Poll::Ready(Ok(Some(bytes)));
            }
            Kind::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.kind = Kind::Empty;
                return Poll::Ready(Ok((!bytes.is_empty()).then_some(bytes)));
            }
            Kind::Incoming(incoming) => match std::task::ready!(incoming.poll_chunk(cx)) {
                Ok(None) => (Ok(None), incoming.take_trailers()),
                chunk => (chunk, None),
            },
            Kind::Source(source) => match std::task::ready!(source.poll_chunk(cx)) {
                Ok(None) => {
                    let trailers = source.take_trailers();
                    self.kind = Kind::Empty;
                    (Ok(None), trailers)
                }
                Err(error) => {
                    self.kind = Kind::Failed;
                    (Err(error), None)
                }
                chunk => (chunk, None),
            },
            Kind::Failed => (Err(Error::body_broken()), None),
        };
        if let Some(trailers) = trailers {
            self.extra.get_or_insert_default().trailers = trailers;
        }
        Poll::Ready(chunk)
    }

    /// The fields that came behind the body (RFC 9110, 6.5), where it was read to its end and has any. They are the client's words, are
    /// no headers, and those that would have to be known before the body are left out.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let sum = async |mut body: Body| -> fastweb_core::Result<String> {
    ///     while let Some(_chunk) = body.chunk().await? {}
    ///     let sum = body.trailers().and_then(|trailers| trailers.get("x-sum")?.to_str().ok());
    ///     Ok(sum.unwrap_or("none").to_owned())
    /// };
    /// let server = App::new().post("/", sum).build().await?;
    /// let chunked = Inject::post("/").header("transfer-encoding", "chunked");
    /// server.inject(chunked.body("2\r\nab\r\n0\r\nx-sum: 195\r\n\r\n")).await.assert_text("195");
    /// # Ok(())
    /// # }
    /// ```
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.extra.as_ref().map(|extra| &extra.trailers).filter(|trailers| !trailers.is_empty())
    }

    /// The whole body. Takes what is left of it.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(&mut self) -> Result<Bytes> {
        match std::mem::take(&mut self.kind) {
            Kind::Empty => Ok(Bytes::new()),
            Kind::Bytes(bytes) => Ok(bytes),
            Kind::InBuffer { buffer, range } => Ok(Bytes::copy_from_slice(&buffer.filled()[range])),
            streamed => {
                self.kind = streamed;
                self.collect().await.map(Bytes::from)
            }
        }
    }

    /// A body that is in memory, as bytes.
    pub(crate) fn into_bytes(self) -> Bytes {
        match self.kind {
            Kind::Bytes(bytes) => bytes,
            _ => self.as_slice().map(Bytes::copy_from_slice).unwrap_or_default(),
        }
    }

    /// Puts back what was read.
    pub(crate) fn keep(&mut self, bytes: Bytes) {
        self.kind = Kind::Bytes(bytes);
    }

    async fn collect(&mut self) -> Result<Vec<u8>> {
        // What a client announces is a promise, not yet memory: a large body grows as it comes.
        let announced = self.len().unwrap_or(0).min(64 * 1024);
        let mut all = Vec::with_capacity(announced as usize);
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    /// Reads the body to its end and keeps it, so that [`as_slice`](Self::as_slice) has it.
    pub(crate) async fn buffer(&mut self) -> Result<()> {
        if self.as_slice().is_none() {
            let all = self.collect().await?;
            self.keep(all.into());
        }
        Ok(())
    }

    /// Writes what is left of the body into `file`, from where it stands, in the pool for [`blocking`](crate::blocking) work: 64 KiB at a time, and
    /// the client is read from as fast as that goes. Gives the number of bytes. What is written is with the operating system, not yet on the disk.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject, Result, StatusCode};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let path = std::env::temp_dir().join(format!("fastweb-save-{}", std::process::id()));
    /// # let written = path.clone();
    /// let upload = async move |mut body: Body| -> Result<(StatusCode, String)> {
    ///     let file = std::fs::File::create(&path)?;
    ///     let bytes = body.save(file).await?;
    ///     Ok((StatusCode::CREATED, format!("{bytes} bytes")))
    /// };
    /// let server = App::new().put("/upload", upload).build().await?;
    /// server.inject(Inject::put("/upload").body("hello")).await.assert_status(201).assert_text("5 bytes");
    /// # assert_eq!(std::fs::read(&written)?, b"hello");
    /// # std::fs::remove_file(written)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk), or the file cannot be written (500). The file has a part of the body then.
    pub async fn save(&mut self, file: File) -> Result<u64> {
        file::save(self, file).await
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::of(Kind::Bytes(bytes))
    }
}

/// No bytes: the body of an `http::Response<()>`.
impl From<()> for Body {
    fn from((): ()) -> Self {
        Self::empty()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Self::of(Kind::Bytes(Bytes::from_static(bytes)))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::of(Kind::Bytes(bytes.into()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::of(Kind::Bytes(text.into()))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::of(Kind::Bytes(Bytes::from_static(text.as_bytes())))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Empty => "empty",
            Kind::InBuffer { .. } | Kind::Bytes(_) => "in memory",
            Kind::Incoming(_) => "incoming",
            Kind::Source(_) => "made while it is read",
            Kind::Failed => "failed",
        };
        f.debug_struct("Body").field("kind", &kind).field("len", &self.len()).finish()
    }
}
