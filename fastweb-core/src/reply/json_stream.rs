//! Values of JSON that are sent while they are made.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::BufMut;
use serde::Serialize;

use super::{IntoReply, JSON, Reply, payload};
use crate::body::Body;
use crate::body::writer::{Queue, with_queue};
use crate::error::{Error, Result};

/// The media type of lines of JSON.
const LINES: &str = "application/x-ndjson";

/// An answer of any number of items as JSON, which are sent while they are made: an array, or with [`lines`](Self::lines) a line each (NDJSON).
///
/// The source is asked for more only as the client reads, so neither has to fit into memory: at most 16 KiB and one item wait to be sent. An error in the
/// middle breaks the transfer. The client never reads a valid array, or the end of the body, behind which something is missing.
///
/// ```
/// # use fastweb_core::{App, Inject, JsonStream};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(serde::Serialize)]
/// struct Square {
///     n: u64,
///     square: u64,
/// }
///
/// let squares = || JsonStream::from_iter((1..=3).map(|n| Square { n, square: n * n }));
/// let server = App::new().get("/array", squares).get("/lines", move || squares().lines()).build().await?;
/// let array = server.inject(Inject::get("/array")).await;
/// array.assert_text(r#"[{"n":1,"square":1},{"n":2,"square":4},{"n":3,"square":9}]"#);
/// let lines = server.inject(Inject::get("/lines")).await;
/// lines.assert_header("content-type", "application/x-ndjson");
/// assert_eq!(lines.text().lines().count(), 3);
/// # Ok(())
/// # }
/// ```
#[must_use = "items are made when it is returned as an answer"]
pub struct JsonStream<T> {
    make: Box<dyn FnOnce(Form) -> Body>,
    form: Form,
    items: PhantomData<fn(T)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Array,
    Lines,
}

/// What the function of [`JsonStream::from_fn`] sends its items with.
pub struct JsonWriter<T> {
    queue: Rc<RefCell<Queue>>,
    form: Form,
    is_first: bool,
    items: PhantomData<fn(T)>,
}

impl<T: Serialize + 'static> JsonStream<T> {
    /// The items that `produce` sends. It runs like the function of [`Body::from_fn`]: on the request's worker, waiting while the client does not read, dropped
    /// when the client is gone. Its `Ok(())` is the end; an error breaks the transfer.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, JsonStream, JsonWriter, Result};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # async fn page(n: u32) -> Result<Vec<String>> {
    /// #     Ok((0..2).filter(|_| n < 2).map(|row| format!("row {row} of page {n}")).collect())
    /// # }
    /// let rows = || {
    ///     JsonStream::from_fn(async |rows: &mut JsonWriter<String>| {
    ///         for n in 0.. {
    ///             let page = page(n).await?;
    ///             if page.is_empty() {
    ///                 break;
    ///             }
    ///             for row in page {
    ///                 rows.send(&row).await?;
    ///             }
    ///         }
    ///         Ok(())
    ///     })
    /// };
    /// let server = App::new().get("/rows", rows).build().await?;
    /// assert_eq!(server.inject(Inject::get("/rows")).await.json::<Vec<String>>().len(), 4);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_fn(produce: impl AsyncFnOnce(&mut JsonWriter<T>) -> Result<()> + 'static) -> Self {
        Self::new(move |form| write(form, produce))
    }

    /// The items of an iterator. It is asked on the worker, which it should not hold up: what blocks takes a [channel](Body::channel).
    #[allow(clippy::should_implement_trait)] // Made of an iterator once, and not a collection.
    pub fn from_iter<I: IntoIterator<Item = T> + 'static>(items: I) -> Self {
        Self::try_from_iter(items.into_iter().map(Ok::<T, Error>))
    }

    /// The items of an iterator that may fail: the first error breaks the transfer.
    ///
    /// ```
    /// # use fastweb_core::{App, Error, Inject, JsonStream};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let numbers = || JsonStream::try_from_iter(["1", "2", "x"].into_iter().map(str::parse::<i32>));
    /// let server = App::new().get("/numbers", numbers).build().await?;
    /// assert!(server.inject(Inject::get("/numbers")).await.is_broken());
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_from_iter<I, E>(items: I) -> Self
    where
        I: IntoIterator<Item = Result<T, E>> + 'static,
        E: Into<Error>,
    {
        Self::from_fn(async move |out| {
            for item in items {
                out.send(&item.map_err(Into::into)?).await?;
            }
            Ok(())
        })
    }

    /// The items that `poll` gives one by one: how a `Stream` of any crate becomes one, `JsonStream::from_poll_fn(move |cx| rows.as_mut().poll_next(cx))`.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, JsonStream};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// use std::task::Poll;
    ///
    /// let countdown = || {
    ///     let mut n = 3;
    ///     JsonStream::from_poll_fn(move |_| {
    ///         n -= 1;
    ///         Poll::Ready((n >= 0).then_some(Ok(n)))
    ///     })
    /// };
    /// let server = App::new().get("/countdown", countdown).build().await?;
    /// server.inject(Inject::get("/countdown")).await.assert_text("[2,1,0]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_poll_fn(mut poll: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<T>>> + 'static) -> Self {
        Self::from_fn(async move |out| {
            while let Some(item) = poll_fn(&mut poll).await {
                out.send(&item?).await?;
            }
            Ok(())
        })
    }

    /// As lines of JSON, `application/x-ndjson`: clients can use each item as it comes.
    pub fn lines(mut self) -> Self {
        self.form = Form::Lines;
        self
    }

    fn new(make: impl FnOnce(Form) -> Body + 'static) -> Self {
        Self { make: Box::new(make), form: Form::Array, items: PhantomData }
    }
}

/// The body that `produce` writes, with what stands around items.
fn write<T: Serialize + 'static>(
    form: Form,
    produce: impl AsyncFnOnce(&mut JsonWriter<T>) -> Result<()> + 'static,
) -> Body {
    Body::written(with_queue(move |queue| async move {
        let mut writer = JsonWriter { queue, form, is_first: true, items: PhantomData };
        if form == Form::Array {
            writer.put(b"[");
        }
        produce(&mut writer).await?;
        if form == Form::Array {
            writer.put(b"]");
        }
        Ok(())
    }))
}

impl<T: Serialize> JsonWriter<T> {
    /// Sends `item`: at once while less than 16 KiB wait to be sent, else as soon as the client has read enough.
    ///
    /// # Errors
    /// It cannot be serialised. Nothing of it is sent; who goes on leaves it out.
    pub async fn send(&mut self, item: &T) -> Result<()> {
        poll_fn(|cx| self.queue.borrow_mut().poll_room(cx)).await;
        let mut text = self.queue.borrow_mut().pieces.take_tail();
        let before = text.len();
        if self.form == Form::Array && !self.is_first {
            text.extend_from_slice(b",");
        }
        // The queue is not borrowed while the item's code runs.
        let written = serde_json::to_writer((&mut text).writer(), item);
        match &written {
            Ok(()) if self.form == Form::Lines => text.extend_from_slice(b"\n"),
            Ok(()) => self.is_first = false,
            Err(_) => text.truncate(before),
        }
        self.queue.borrow_mut().pieces.put_tail(text);
        written.map_err(payload::not_serialisable)
    }

    fn put(&self, bytes: &[u8]) {
        self.queue.borrow_mut().pieces.copy(bytes);
    }
}

impl<T: Serialize + 'static> IntoReply for JsonStream<T> {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.default_content_type(if self.form == Form::Array { JSON } else { LINES });
        reply.set_body((self.make)(self.form));
        Ok(())
    }
}

impl<T> fmt::Debug for JsonStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonStream").field("form", &self.form).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for JsonWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonWriter").field("form", &self.form).finish_non_exhaustive()
    }
}
