//! Blocking and CPU work: a bounded pool of threads beside the workers.

mod pool;

pub(crate) use pool::{Pool, PoolSize};

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::error::{Code, Error, Result};

/// Takes work that blocks or computes away from the worker, whose other connections it would hold up: to a thread of the application's pool.
///
/// To be awaited within a handler or hook, it takes any closure whose result may go to another thread:
///
/// ```
/// # use fastweb_core::{App, Inject, Path, Result, blocking};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let sum = async |Path(n): Path<u64>| -> Result<String> {
///     let sum = blocking(move || (1..=n).sum::<u64>()).await?;
///     Ok(sum.to_string())
/// };
/// let server = App::new().get("/sums/{n}", sum).build().await?;
/// server.inject(Inject::get("/sums/4")).await.assert_text("10");
/// # Ok(())
/// # }
/// ```
///
/// Around a synchronous handler it makes all of that handler such work. Its arguments have to be `Send`; what the application has been given is an
/// [`Arc`](std::sync::Arc) then instead of a [`State`](crate::State):
///
/// ```
/// # use std::sync::Arc;
/// # use fastweb_core::{App, Inject, Path, blocking};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// struct Prices(Vec<u32>);
///
/// let price = |prices: Arc<Prices>, Path(n): Path<usize>| prices.0.get(n).map(u32::to_string);
/// let server = App::new().state(Prices(vec![7, 9])).get("/prices/{n}", blocking(price)).build().await?;
/// server.inject(Inject::get("/prices/1")).await.assert_text("9");
/// # Ok(())
/// # }
/// ```
///
/// Work waits in a queue for a thread: [`App::blocking_threads`](crate::App::blocking_threads), [`App::blocking_queue`](crate::App::blocking_queue). Where that is full, the request is answered with 503,
/// `FW_ERR_BUSY` and `retry-after`. Work whose request is gone before its turn is not begun; what is running runs to its end, and its result is
/// dropped: a [`CancellationToken`](crate::CancellationToken) can tell it. A panic is the error of its request alone. Shutdown waits for such work until its time is up.
pub fn blocking<F>(work: F) -> Blocking<F> {
    Blocking(work)
}

/// As [`blocking`], for a part of what has begun: a queue that is full does not break off the transfer of a file. There is one such piece of work per
/// connection at a time, which is bound enough.
pub(crate) fn going_on<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> BlockingResult<T> {
    Pool::current().go_on(work)
}

/// See [`blocking`].
#[derive(Clone, Copy, Debug)]
#[must_use = "work does not begin before it is awaited, or served as a handler"]
pub struct Blocking<F>(pub(crate) F);

impl<F> Blocking<F> {
    /// As a part of what has begun: a queue that is full does not refuse it. For what would break off otherwise, and no more than one such piece of work per request at a
    /// time; that is bound enough.
    ///
    /// ```
    /// # use fastweb_core::{App, Body, Inject, blocking};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let digits = || {
    ///     Body::from_fn(async |out| {
    ///         for n in 0..3_u32 {
    ///             // Much work, for each of many pieces.
    ///             out.send(blocking(move || n.pow(2).to_string()).go_on().await?).await;
    ///         }
    ///         Ok(())
    ///     })
    /// };
    /// let server = App::new().get("/", digits).build().await?;
    /// server.inject(Inject::get("/")).await.assert_text("014");
    /// # Ok(())
    /// # }
    /// ```
    pub fn go_on<T>(self) -> BlockingResult<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        going_on(self.0)
    }
}

impl<F, T> IntoFuture for Blocking<F>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = Result<T>;
    type IntoFuture = BlockingResult<T>;

    fn into_future(self) -> BlockingResult<T> {
        Pool::current().submit(self.0)
    }
}

/// The result of [`blocking`] work, to be awaited.
///
/// # Errors
/// The pool is busy (503), or the work panicked (500).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct BlockingResult<T>(State<T>);

#[derive(Debug)]
enum State<T> {
    Waiting(oneshot::Receiver<Result<T>>),
    Refused(Option<Error>),
}

impl<T> BlockingResult<T> {
    fn waiting(result: oneshot::Receiver<Result<T>>) -> Self {
        Self(State::Waiting(result))
    }

    fn refused(error: Error) -> Self {
        Self(State::Refused(Some(error)))
    }
}

// Neither part is pinned.
impl<T> Unpin for BlockingResult<T> {}

impl<T> Future for BlockingResult<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        match &mut self.0 {
            State::Waiting(result) => Pin::new(result).poll(cx).map(|done| done.unwrap_or_else(|_| Err(lost()))),
            State::Refused(error) => Poll::Ready(Err(error.take().unwrap_or_else(lost))),
        }
    }
}

/// The pool is gone, and its server with it.
fn lost() -> Error {
    Error::from_code(Code::ShuttingDown)
}

fn busy() -> Error {
    // Sooner than that nobody can say, and all at once would not help.
    Error::from_code(Code::Busy).with_header("retry-after", "1")
}
