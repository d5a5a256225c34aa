//! Background work: what a request sets going and nobody waits for.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::error::{Code, Error, Result};
use crate::extract::{BindCx, Extract};
use crate::hooks::IntoFlow;
use crate::lifecycle;
use crate::request::Request;

/// Background work of one worker at a time, what waits for its request to end included.
const MOST: usize = 1024;

pub(crate) type Work = Pin<Box<dyn Future<Output = Result<()>>>>;

/// Sets work going that nobody waits for: it begins when the request is over, and its client has its answer.
///
/// An argument of a handler; hooks and handlers that have the request call [`Request::after`].
///
/// The work runs on the request's worker and must not block it. It runs once it was handed over, also where the request fails afterwards or the client
/// leaves. What it fails with is logged, with the request's id and route, and so is a panic. A worker has at most 1,024 of them at a time: beyond that
/// [`after`](Background::after) is `FW_ERR_BUSY`, 503. Shutdown waits for such work until its time is up. A request that is injected by itself is answered when its work is done, so that a test can look at it.
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// # use fastweb_core::{App, Background, Inject, Result, State};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// #[derive(Clone, Default)]
/// struct Sent(Arc<Mutex<Vec<String>>>);
///
/// let sign_up = async |email: String, sent: State<Sent>, background: Background| -> Result<&'static str> {
///     let sent = (*sent).clone();
///     background.after(async move { sent.0.lock().unwrap().push(email) })?;
///     Ok("welcome")
/// };
/// let sent = Sent::default();
/// let server = App::new().state(sent.clone()).post("/users", sign_up).build().await?;
/// server.inject(Inject::post("/users").body("ada@example.com")).await.assert_text("welcome");
/// assert_eq!(*sent.0.lock().unwrap(), ["ada@example.com"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Background {
    list: Rc<List>,
    count: Rc<Count>,
}

/// How much background work a worker has.
#[derive(Debug, Default)]
pub(crate) struct Count {
    now: Cell<usize>,
}

impl Count {
    pub(crate) fn is_zero(&self) -> bool {
        self.now.get() == 0
    }

    pub(crate) fn get(&self) -> usize {
        self.now.get()
    }
}

/// The work of one request, until it is over.
#[derive(Default)]
struct List {
    waiting: RefCell<Vec<(Work, Counted)>>,
    /// The request is over: who has kept the argument until now adds to nothing.
    is_over: Cell<bool>,
}

/// Counts one piece of work while it lasts.
struct Counted(Rc<Count>);

impl Counted {
    fn new(count: &Rc<Count>) -> Option<Self> {
        if count.now.get() >= MOST {
            return None;
        }
        count.now.set(count.now.get() + 1);
        Some(Self(count.clone()))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.now.set(self.0.now.get() - 1);
    }
}

impl Background {
    pub(crate) fn new(count: Rc<Count>) -> Self {
        Self { list: Rc::default(), count }
    }

    /// Runs `work` when the request is over. It returns `()` or a `Result` of it, and need not be `Send`.
    ///
    /// # Errors
    /// This worker has as much of such work as it may (503), or the request is over already.
    pub fn after<R: IntoFlow + 'static>(&self, work: impl Future<Output = R> + 'static) -> Result<()> {
        if self.list.is_over.get() {
            return Err(Error::internal(
                "background work was handed over when its request was over: spawn it where you are",
            ));
        }
        let counted =
            Counted::new(&self.count).ok_or_else(|| Error::from_code(Code::Busy).with_header("retry-after", "1"))?;
        self.list.waiting.borrow_mut().push((Self::work(work), counted));
        Ok(())
    }

    /// Work of any kind, as it is kept.
    pub(crate) fn work<R: IntoFlow + 'static>(work: impl Future<Output = R> + 'static) -> Work {
        Box::pin(async move { work.await.into_flow().map(drop) })
    }

    /// The request is over: gives what is to be done for it.
    pub(crate) fn finish(&self, request: &Request) -> Option<impl Future<Output = ()> + use<>> {
        self.list.is_over.set(true);
        let waiting = std::mem::take(&mut *self.list.waiting.borrow_mut());
        if waiting.is_empty() {
            return None;
        }
        let (id, route) = (request.id(), request.pattern().clone());
        Some(async move {
            // One after the other: what a request sets going is in the order in which it did.
            for (work, counted) in waiting {
                if let Err(error) = lifecycle::caught_throughout(work).await {
                    tracing::error!(
                        target: "fastweb::background",
                        request_id = %id,
                        route = &*route,
                        error = ?error,
                        "background work failed"
                    );
                }
                drop(counted);
            }
        })
    }
}

impl Extract for Background {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(req.background())
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("waiting", &self.list.waiting.borrow().len()).finish()
    }
}
