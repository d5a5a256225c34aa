//! State as an argument: of the application or a scope, of the worker, of the request.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use super::{BindCx, Extract};
use crate::error::{Error, Result};
use crate::request::Request;

/// A value that the application, or a scope of the route, was given with [`App::state`](crate::App::state): a connection pool, a configuration, a
/// cache. Of several the nearest scope's.
///
/// It is looked up once per worker, at start-up; per request it costs a non-atomic count. For that it is not `Send`:
/// [`arc`](State::arc) gives what may go to other threads. A route that wants a state nobody gave is an error from `build()`.
///
/// ```
/// # use fastweb_core::{App, Inject, State};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// struct Greeting(&'static str);
///
/// let greet = async |greeting: State<Greeting>| greeting.0;
/// let server = App::new().state(Greeting("hello")).get("/", greet).build().await?;
/// assert_eq!(server.inject(Inject::get("/")).await.text(), "hello");
/// # Ok(())
/// # }
/// ```
#[allow(clippy::redundant_allocation)] // The outer count is this worker's own, the inner one is shared.
pub struct State<T>(Rc<Arc<T>>);

impl<T> State<T> {
    /// The value, to be sent to other threads.
    pub fn arc(&self) -> Arc<T> {
        Arc::clone(&self.0)
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("State").field(&**self).finish()
    }
}

impl<T: Send + Sync + 'static> Extract for State<T> {
    type Bound = Rc<Arc<T>>;

    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound> {
        cx.state().map(Rc::new)
    }

    fn extract(bound: &Self::Bound, _: &mut Request) -> Result<Self> {
        Ok(Self(bound.clone()))
    }
}

/// The value that [`State`] holds, shared with other threads: for [`blocking`](crate::blocking) handlers, whose arguments leave the worker. It costs an atomic count.
///
/// ```
/// # use std::sync::Arc;
/// # use fastweb_core::{App, Inject, blocking};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// struct Greeting(&'static str);
///
/// let greet = blocking(|greeting: Arc<Greeting>| greeting.0);
/// let server = App::new().state(Greeting("hello")).get("/", greet).build().await?;
/// assert_eq!(server.inject(Inject::get("/")).await.text(), "hello");
/// # Ok(())
/// # }
/// ```
impl<T: Send + Sync + 'static> Extract for Arc<T> {
    type Bound = Arc<T>;

    fn bind(cx: &mut BindCx<'_>) -> Option<Arc<T>> {
        cx.state()
    }

    fn extract(bound: &Arc<T>, _: &mut Request) -> Result<Self> {
        Ok(bound.clone())
    }
}

/// A value that each worker has for itself, made by [`App::worker_state`](crate::App::worker_state) when the server starts. It need not be `Send`, and nothing about
/// it is shared with other threads. A route that wants one nobody gave is an error from `build()`.
///
/// ```
/// # use std::cell::RefCell;
/// # use fastweb_core::{App, Inject, WorkerState};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// struct Cache(RefCell<Vec<String>>);
///
/// let remember = |cache: WorkerState<Cache>, word: String| {
///     cache.0.borrow_mut().push(word);
///     cache.0.borrow().len().to_string()
/// };
/// let app = App::new().worker_state(async || Ok(Cache(RefCell::default()))).post("/words", remember);
/// let server = app.build().await?;
/// assert_eq!(server.inject(Inject::post("/words").body("one")).await.text(), "1");
/// # Ok(())
/// # }
/// ```
pub struct WorkerState<T>(Rc<T>);

impl<T: 'static> Extract for WorkerState<T> {
    type Bound = Rc<T>;

    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound> {
        cx.worker_state()
    }

    fn extract(bound: &Self::Bound, _: &mut Request) -> Result<Self> {
        Ok(Self(bound.clone()))
    }
}

/// A value that each request has for itself, declared with [`App::request_state`](crate::App::request_state): what hooks find out about a request and
/// handlers want to know. Fastify's request decorators. A route that wants one nobody declared is an error from `build()`.
///
/// Hooks and handler share it, so what changes is in a `Cell` or `RefCell`.
///
/// ```
/// # use std::cell::Cell;
/// # use fastweb_core::{App, Inject, Request, RequestState};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(Default)]
/// struct Quota(Cell<u32>);
///
/// let count = |req: &mut Request| {
///     if let Some(quota) = req.request_state::<Quota>() {
///         quota.0.set(3);
///     }
/// };
/// let server = App::new()
///     .request_state(|_| Quota::default())
///     .on_request(count)
///     .get("/", |quota: RequestState<Quota>| format!("{} left", quota.0.get()))
///     .build()
///     .await?;
/// assert_eq!(server.inject(Inject::get("/")).await.text(), "3 left");
/// # Ok(())
/// # }
/// ```
pub struct RequestState<T>(Rc<T>);

impl<T: 'static> Extract for RequestState<T> {
    type Bound = ();

    fn bind(cx: &mut BindCx<'_>) -> Option<()> {
        cx.request_state::<T>()
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let lost = || Error::internal(format!("no request state {}", std::any::type_name::<T>()));
        req.request_state().map(Self).ok_or_else(lost)
    }
}

macro_rules! local_state {
    ($($name:ident)+) => {$(
        impl<T> Deref for $name<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<T: fmt::Debug> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&**self).finish()
            }
        }
    )+};
}

local_state!(WorkerState RequestState);
