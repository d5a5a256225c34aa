//! Bodies of requests and replies.

pub(crate) mod incoming;

use std::fmt;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};

use crate::buffer::Buffer;
use crate::error::{Error, Result};
use crate::lifecycle;
use incoming::Incoming;

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
pub struct Body(Kind);

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
    Reader {
        reader: Reader,
        left: Option<u64>,
        allowance: Option<Allowance>,
    },
}

/// A reader of the application. It is dropped wherever its body is, and should it panic then, nothing but its own request could be hurt.
struct Reader(Option<Pin<Box<dyn AsyncRead>>>);

impl Drop for Reader {
    fn drop(&mut self) {
        let reader = self.0.take();
        if let Err(panic) = lifecycle::caught(|| drop(reader)) {
            tracing::error!(error = ?panic, "the reader of a body panicked while it was dropped");
        }
    }
}

/// What a reader may give where it is the body of a request: a hook that decodes makes much of little.
struct Allowance {
    left: u64,
    limit: u64,
}

impl Allowance {
    fn spend(&mut self, n: usize) -> Result<()> {
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| Error::body_too_large(self.limit))?;
        Ok(())
    }
}

/// What a reader is asked for at a time.
const READ_CHUNK: usize = 16 * 1024;

impl Body {
    /// A body of no bytes.
    pub fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// A body that is read from `reader` while it is sent, at the client's speed.
    ///
    /// With `length` (in bytes) the reply has a `content-length`; a reader that ends early breaks the transfer, what it has beyond is not
    /// sent. Without, the reply is chunked.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// use tokio::io::AsyncReadExt;
    ///
    /// let zeros = || Body::from_reader(tokio::io::repeat(b'0').take(100_000), Some(100_000));
    /// let server = App::new().get("/zeros", zeros).build().await?;
    /// assert_eq!(server.inject(Inject::get("/zeros")).await.body().len(), 100_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_reader(reader: impl AsyncRead + 'static, length: impl Into<Option<u64>>) -> Self {
        Self(Kind::Reader { reader: Reader(Some(Box::pin(reader))), left: length.into(), allowance: None })
    }

    /// Lets go of what is left of it.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if !matches!(self.0, Kind::Empty) {
            self.0 = Kind::Empty;
        }
    }

    pub(crate) fn in_buffer(buffer: Rc<Buffer>, range: Range<usize>) -> Self {
        if range.is_empty() { Self(Kind::Empty) } else { Self(Kind::InBuffer { buffer, range }) }
    }

    pub(crate) fn incoming(incoming: Incoming) -> Self {
        Self(Kind::Incoming(incoming))
    }

    pub(crate) fn is_incoming(&self) -> bool {
        matches!(self.0, Kind::Incoming(_))
    }

    /// The number of bytes that are still to come, where that is known.
    pub fn len(&self) -> Option<u64> {
        match &self.0 {
            Kind::Empty => Some(0),
            Kind::InBuffer { range, .. } => Some(range.len() as u64),
            Kind::Bytes(bytes) => Some(bytes.len() as u64),
            Kind::Incoming(incoming) => incoming.len(),
            Kind::Reader { left, .. } => *left,
        }
    }

    /// Whether it is known that no bytes are to come.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The whole body, where it is in memory already.
    pub(crate) fn as_slice(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Empty => Some(&[]),
            Kind::InBuffer { buffer, range } => Some(&buffer.filled()[range.clone()]),
            Kind::Bytes(bytes) => Some(bytes),
            Kind::Incoming(_) | Kind::Reader { .. } => None,
        }
    }

    /// Refuses what is longer than `limit` bytes: at once where the length is known, else as soon as that much has come.
    #[inline]
    pub(crate) fn limit(&mut self, limit: u64) -> Result<()> {
        if matches!(self.0, Kind::Empty) {
            return Ok(());
        }
        if self.len().is_some_and(|len| len > limit) {
            return Err(Error::body_too_large(limit));
        }
        self.limit_stream(limit);
        Ok(())
    }

    /// Refuses bytes beyond `limit` as they come, whoever reads them. A limit that was set before stays.
    pub(crate) fn limit_stream(&mut self, limit: u64) {
        match &mut self.0 {
            Kind::Incoming(incoming) => incoming.set_limit(limit),
            Kind::Reader { allowance, .. } => {
                allowance.get_or_insert(Allowance { left: limit, limit });
            }
            Kind::Empty | Kind::InBuffer { .. } | Kind::Bytes(_) => {}
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
        match &mut self.0 {
            Kind::Empty => Poll::Ready(Ok(None)),
            Kind::InBuffer { buffer, range } => {
                let bytes = Bytes::copy_from_slice(&buffer.filled()[range.clone()]);
                self.0 = Kind::Empty;
                Poll::Ready(Ok(Some(bytes)))
            }
            Kind::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Ok((!bytes.is_empty()).then_some(bytes)))
            }
            Kind::Incoming(incoming) => incoming.poll_chunk(cx),
            Kind::Reader { reader, left, allowance } => {
                let Some(reader) = &mut reader.0 else { return Poll::Ready(Ok(None)) };
                let mut read = std::task::ready!(poll_reader(reader.as_mut(), left, cx));
                if let (Ok(Some(bytes)), Some(allowance)) = (&read, allowance)
                    && let Err(too_large) = allowance.spend(bytes.len())
                {
                    read = Err(too_large);
                }
                if !matches!(read, Ok(Some(_))) {
                    self.0 = Kind::Empty;
                }
                Poll::Ready(read)
            }
        }
    }

    /// The whole body. Takes what is left of it.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(&mut self) -> Result<Bytes> {
        match std::mem::take(&mut self.0) {
            Kind::Empty => Ok(Bytes::new()),
            Kind::Bytes(bytes) => Ok(bytes),
            Kind::InBuffer { buffer, range } => Ok(Bytes::copy_from_slice(&buffer.filled()[range])),
            streamed => {
                self.0 = streamed;
                self.collect().await.map(Bytes::from)
            }
        }
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
            self.0 = Kind::Bytes(all.into());
        }
        Ok(())
    }
}

fn poll_reader(
    reader: Pin<&mut dyn AsyncRead>,
    left: &mut Option<u64>,
    cx: &mut Context<'_>,
) -> Poll<Result<Option<Bytes>>> {
    let room = left.map_or(READ_CHUNK, |left| left.min(READ_CHUNK as u64) as usize);
    if room == 0 {
        return Poll::Ready(Ok(None));
    }
    let mut space = vec![0; room];
    let mut read = ReadBuf::new(&mut space);
    std::task::ready!(reader.poll_read(cx, &mut read)).map_err(Error::from)?;
    let n = read.filled().len();
    if n == 0 {
        return Poll::Ready(match left {
            Some(missing) => Err(Error::internal(format!("the reader of a body ended {missing} bytes early"))),
            None => Ok(None),
        });
    }
    if let Some(left) = left {
        *left -= n as u64;
    }
    space.truncate(n);
    Poll::Ready(Ok(Some(space.into())))
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Bytes(bytes))
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
        Self(Kind::Bytes(Bytes::from_static(bytes)))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self(Kind::Bytes(text.into()))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self(Kind::Bytes(Bytes::from_static(text.as_bytes())))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Empty => "empty",
            Kind::InBuffer { .. } | Kind::Bytes(_) => "in memory",
            Kind::Incoming(_) => "incoming",
            Kind::Reader { .. } => "reader",
        };
        f.debug_struct("Body").field("kind", &kind).field("len", &self.len()).finish()
    }
}
