//! The application's state as an argument.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use super::{BindCx, Extract};
use crate::error::Result;
use crate::request::Request;

/// A value that the application was given with [`App::state`](crate::App::state): a connection pool, a configuration, a cache.
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
#[expect(
    clippy::redundant_allocation,
    reason = "the Rc is what is cloned per request, and the Arc what leaves the worker"
)]
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
