//! Bodies that the application makes: from readers, functions, channels and files.

use std::fs::File;
use std::future::Future;
use std::path::Path;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncRead;

use super::source::{Polled, Reader};
use super::{Body, BodySender, BodyWriter, Kind, file, sender, writer};
use crate::error::Result;

impl Body {
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
        Self::sourced(Reader(Box::pin(reader)), length.into())
    }

    /// A body that `produce` writes while it is sent.
    ///
    /// The function runs on the request's worker, as a part of its connection: it need not be `Send`. It waits in [`BodyWriter::send`] while the
    /// client does not read, and is dropped there when the client is gone. Its `Ok(())` is the end of the body; an error, or a panic, breaks the
    /// transfer, so that no client takes what it has for the whole. What it waits for otherwise may take as long as a handler may.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let count = || {
    ///     Body::from_fn(async |out| {
    ///         for n in 1..=3 {
    ///             out.send(format!("{n}\n")).await;
    ///         }
    ///         Ok(())
    ///     })
    /// };
    /// let server = App::new().get("/count", count).build().await?;
    /// server.inject(Inject::get("/count")).await.assert_text("1\n2\n3\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_fn(produce: impl AsyncFnOnce(&mut BodyWriter) -> Result<()> + 'static) -> Self {
        Self::sourced(writer::produce(produce), None)
    }

    /// A body that `poll` gives piece by piece: how a `Stream` of any crate becomes one, `Body::from_poll_fn(move |cx| stream.as_mut().poll_next(cx))`.
    ///
    /// `None` is its end, an error breaks the transfer. It is called again when the piece before was sent.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Bytes, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// use std::task::Poll;
    ///
    /// let lines = || {
    ///     let mut lines = ["a\n", "b\n"].into_iter();
    ///     Body::from_poll_fn(move |_| Poll::Ready(lines.next().map(|line| Ok(Bytes::from(line)))))
    /// };
    /// let server = App::new().get("/lines", lines).build().await?;
    /// server.inject(Inject::get("/lines")).await.assert_text("a\nb\n");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_poll_fn(poll: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Bytes>>> + 'static) -> Self {
        Self::sourced(Polled(poll), None)
    }

    /// A body that is sent into a channel, from another task or thread.
    ///
    /// The channel holds `capacity` bytes, and the last chunk as a whole: a client that reads slowly holds up who sends. When the client is gone,
    /// sending fails. The body ends with [`BodySender::finish`]; a sender that is dropped before breaks the transfer.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let primes = || {
    ///     let (mut sender, body) = Body::channel(16 * 1024);
    ///     std::thread::spawn(move || {
    ///         for n in (2..30_u32).filter(|n| (2..*n).all(|d| n % d != 0)) {
    ///             if sender.blocking_send(format!("{n} ")).is_err() {
    ///                 // Nobody reads any more.
    ///                 return;
    ///             }
    ///         }
    ///         sender.finish();
    ///     });
    ///     body
    /// };
    /// let server = App::new().get("/primes", primes).build().await?;
    /// server.inject(Inject::get("/primes")).await.assert_text("2 3 5 7 11 13 17 19 23 29 ");
    /// # Ok(())
    /// # }
    /// ```
    pub fn channel(capacity: usize) -> (BodySender, Self) {
        let (sender, receiver) = sender::channel(capacity);
        (sender, Self::sourced(receiver, None))
    }

    /// The bytes of a file from where it stands, read in the pool for [`blocking`](crate::blocking) work while it is sent, 64 KiB at a time.
    ///
    /// With `length` (in bytes) as in [`from_reader`](Self::from_reader). To send a part of a file, seek before.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// use std::io::{Seek, SeekFrom, Write};
    ///
    /// # let path = std::env::temp_dir().join(format!("fastweb-from-file-{}", std::process::id()));
    /// # let named = path.clone();
    /// let part = move || -> Result<Body> {
    ///     let mut file = std::fs::File::options().read(true).write(true).create(true).open(&path)?;
    ///     file.write_all(b"0123456789")?;
    ///     file.seek(SeekFrom::Start(3))?;
    ///     Ok(Body::from_file(file, 4))
    /// };
    /// let server = App::new().get("/part", part).build().await?;
    /// server.inject(Inject::get("/part")).await.assert_header("content-length", "4").assert_text("3456");
    /// # std::fs::remove_file(named)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_file(file: File, length: impl Into<Option<u64>>) -> Self {
        Self::sourced(file::FileSource::Idle(file), length.into())
    }

    /// The whole file at `path`, with its length, read as by [`from_file`](Self::from_file).
    ///
    /// The path is the application's: one that a client chose may lead anywhere.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let report = async || Body::from_path("/var/reports/latest.csv").await;
    /// let server = App::new().get("/report", report).build().await?;
    /// server.inject(Inject::get("/report")).await.assert_status(404);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no such file, or it is a directory or a device (404); it cannot be opened (500).
    pub async fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let (file, length) = file::open(path.as_ref().to_owned()).await?;
        Ok(Self::from_file(file, length))
    }

    /// This body with its length announced, in bytes: the reply has a `content-length` instead of being chunked. A source that ends before breaks
    /// the transfer, what it has beyond is not sent. Says nothing about bodies whose length is known.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let body = || {
    ///     let ten = Body::from_fn(async |out| {
    ///         out.send("ten bytes!").await;
    ///         Ok(())
    ///     });
    ///     ten.with_length(10)
    /// };
    /// let server = App::new().get("/", body).build().await?;
    /// server.inject(Inject::get("/")).await.assert_header("content-length", "10").assert_text("ten bytes!");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_length(mut self, length: u64) -> Self {
        if let Kind::Source(source) = &mut self.kind {
            source.left.get_or_insert(length);
        }
        self
    }

    pub(crate) fn written<F: Future<Output = Result<()>> + 'static>(producer: writer::Producer<F>) -> Self {
        Self::sourced(producer, None)
    }
}
