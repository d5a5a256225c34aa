//! Dependencies: what handlers need and what takes more than a look at the request to get.

mod needs;
mod plan;
mod provide;
mod provided;

pub use needs::Needs;
pub(crate) use plan::{Override, Plan, PlanBuilder};
#[doc(hidden)]
pub use provide::answer_of;
pub(crate) use provided::Provided;

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::rc::Rc;

use http::StatusCode;

use crate::error::{Error, Result};
use crate::extract::{BindCx, Extract};
use crate::request::Request;
use crate::route::RouteDoc;

/// Something that handlers take as [`Dep<Self>`](Dep): the caller's account, a transaction, a client for this request.
///
/// It says how it is provided: asynchronously, from extractors and from other dependencies, and it may fail with an answer. Once per
/// request, however many ask for it; those that do not need one another are provided at the same time. All of a route's dependencies
/// are there before its other arguments are made. With fastweb's attribute `#[dependency]` it is one function:
///
/// ```
/// use fastweb_core::{App, Dep, Dependency, Error, Headers, Inject, Result, State};
///
/// struct Users(Vec<&'static str>);
///
/// struct Caller(&'static str);
///
/// impl Dependency for Caller {
///     type Needs = (Headers, State<Users>);
///
///     async fn provide((headers, users): Self::Needs) -> Result<Self> {
///         let name = headers.get("x-user").ok_or_else(|| Error::unauthorized("who are you?"))?;
///         users.0.iter().find(|user| **user == name).map(|user| Caller(user)).ok_or_else(|| Error::forbidden("not you"))
///     }
/// }
///
/// async fn hello(caller: Dep<Caller>) -> String {
///     format!("hello {}", caller.0)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let app = || App::new().state(Users(vec!["Ada"])).get("/", hello);
/// let server = app().build().await?;
/// assert_eq!(server.inject(Inject::get("/").header("x-user", "Ada")).await.text(), "hello Ada");
/// assert_eq!(server.inject(Inject::get("/")).await.status(), 401);
///
/// // A test needs neither users nor headers.
/// let server = app().override_dependency(async || Ok(Caller("anybody"))).build().await?;
/// assert_eq!(server.inject(Inject::get("/")).await.text(), "hello anybody");
/// # Ok(())
/// # }
/// ```
///
/// # Cleaning up
///
/// [`before_response`](Self::before_response) runs when the answer is known and nothing of it is sent: the place to commit a transaction,
/// or to take it back. [`after_response`](Self::after_response) runs when the reply was handed to the operating system, or the client is gone. Both run
/// in the reverse order of providing, for those that were provided. What must be let go of under all circumstances, even where the server is
/// stopped at its deadline, belongs into `Drop`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no dependency",
    label = "nobody says how it is provided",
    note = "write `#[dependency] async fn name(…) -> Result<{Self}>`, or `impl fastweb::Dependency for {Self}`",
    note = "a value that the application was given is `State<{Self}>`"
)]
pub trait Dependency: Sized + 'static {
    /// What it is made of: a tuple of extractors and of other dependencies, `(State<Db>, Dep<Caller>)`. `()` is nothing.
    type Needs: Needs;

    /// Provides it.
    ///
    /// # Errors
    /// The request is answered with the error; where the argument is `Option<Dep<Self>>` or `Result<Dep<Self>>` it gets that instead.
    fn provide(needs: Self::Needs) -> impl Future<Output = Result<Self>>;

    /// The answer is known, and not sent. Hooks of `on_send` come afterwards.
    ///
    /// # Errors
    /// The request is answered with the error, where it has not failed already.
    fn before_response(&self, outcome: &Outcome<'_>) -> impl Future<Output = Result<()>> {
        let _ = outcome;
        std::future::ready(Ok(()))
    }

    /// The reply was handed to the operating system, or nobody is there to read it.
    fn after_response(&self) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}

/// How a request was answered: what [`Dependency::before_response`] decides by.
///
/// ```
/// use std::cell::Cell;
/// use fastweb_core::{App, Dep, Dependency, Error, Inject, Outcome, Result, StatusCode};
///
/// /// Takes back what was done for a request that failed.
/// struct Transaction(Cell<u32>);
///
/// impl Dependency for Transaction {
///     type Needs = ();
///
///     async fn provide((): ()) -> Result<Self> {
///         Ok(Transaction(Cell::new(0)))
///     }
///
///     async fn before_response(&self, outcome: &Outcome<'_>) -> Result<()> {
///         if outcome.is_success() && self.0.get() > 1 {
///             return Err(Error::conflict("could not be committed"));
///         }
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().post("/", async |t: Dep<Transaction>, text: String| t.0.set(text.len() as u32)).build().await?;
/// assert_eq!(server.inject(Inject::post("/").body("1")).await.status(), StatusCode::OK);
/// assert_eq!(server.inject(Inject::post("/").body("12")).await.status(), StatusCode::CONFLICT);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Outcome<'a> {
    status: StatusCode,
    error: Option<&'a Error>,
}

impl<'a> Outcome<'a> {
    pub(crate) fn new(status: StatusCode, error: Option<&'a Error>) -> Self {
        Self { status: error.map_or(status, Error::status), error }
    }

    /// The status of the answer, or of the error.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the request failed with: an error, or a panic or the end of its time, which are errors too.
    pub fn error(&self) -> Option<&'a Error> {
        self.error
    }

    /// There is no error, and the status is below 400.
    pub fn is_success(&self) -> bool {
        self.error.is_none() && self.status.as_u16() < 400
    }
}

/// A dependency as an argument of a handler, or of another dependency: see [`Dependency`].
///
/// It is shared by all who ask for it in one request; what changes in it is in a `Cell` or `RefCell`.
pub struct Dep<T>(Rc<T>);

impl<T> Dep<T> {
    /// A dependency for a handler that a test calls as a function.
    ///
    /// ```
    /// # use fastweb_core::Dep;
    /// async fn double(number: Dep<u32>) -> u32 {
    ///     *number * 2
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(double(Dep::new(21)).await, 42);
    /// # }
    /// ```
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Deref for Dep<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for Dep<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Dep<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Dep").field(&**self).finish()
    }
}

impl<T: Dependency> Extract for Dep<T> {
    /// Its place in the route's plan.
    type Bound = usize;

    fn bind(cx: &mut BindCx<'_>) -> Option<usize> {
        cx.dependency::<T>()
    }

    fn extract(at: &usize, req: &mut Request) -> Result<Self> {
        req.provided.get(*at).map(Self)
    }

    fn describe(doc: &mut RouteDoc) {
        doc.add_dependency::<T>();
    }
}
