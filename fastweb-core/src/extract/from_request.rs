//! Arguments that are made asynchronously.

use std::future::Future;

use super::{BindCx, BodyUse, Extract};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::route::RouteDoc;

/// A type that can be an argument of a handler, and is made asynchronously: it may read the body, ask a database, wait.
///
/// Every [`Extract`] is one, and a handler may have both kinds. A handler whose arguments are all synchronous needs no future for
/// them; one that is asynchronous costs its route the memory of a future, which the connection reuses. Arguments are made one
/// after the other, in the order in which they stand. What several handlers need, or what can be made beside other things, is a
/// [`Dependency`](crate::Dependency) instead.
///
/// ```
/// use fastweb_core::{App, BindCx, BodyUse, Error, FromRequest, Inject, Request, Result};
///
/// /// The lines of a text, read as they come and no more than ten of them.
/// struct Lines(Vec<String>);
///
/// impl FromRequest for Lines {
///     type Bound = ();
///     const BODY: BodyUse = BodyUse::Stream;
///
///     fn bind(_: &mut BindCx<'_>) -> Option<()> {
///         Some(())
///     }
///
///     async fn from_request((): &(), req: &mut Request) -> Result<Self> {
///         let lines: Vec<String> = req.text().await?.lines().map(str::to_owned).collect();
///         if lines.len() > 10 {
///             return Err(Error::bad_request("at most ten lines"));
///         }
///         Ok(Lines(lines))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let count = |lines: Lines| lines.0.len().to_string();
/// let server = App::new().post("/", count).build().await?;
/// assert_eq!(server.inject(Inject::post("/").body("a\nb")).await.text(), "2");
/// assert_eq!(server.inject(Inject::post("/").body("\n".repeat(11))).await.status(), 400);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a handler",
    label = "not an extractor",
    note = "a value from the path has the name of its parameter or is `Path<T>`, one from the application is `State<T>`, from the body `Json<T>`",
    note = "other types implement `fastweb::Extract`, or `fastweb::FromRequest` where they are made asynchronously"
)]
pub trait FromRequest: Sized + 'static {
    /// What it needs from the application, as its worker keeps it.
    type Bound: 'static;

    /// What it does with the body. At most one argument of a handler uses it.
    const BODY: BodyUse = BodyUse::None;

    /// It is an [`Extract`], and made without a future.
    #[doc(hidden)]
    const IS_SYNC: bool = false;

    /// Looks up what it needs: once per worker and route, at start-up. `None` where that is missing, with
    /// [`BindCx::missing`] saying what.
    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound>;

    /// Makes the argument from the request.
    ///
    /// # Errors
    /// The request does not have it, or not in the right form. The request then takes the way of an error.
    fn from_request(bound: &Self::Bound, req: &mut Request) -> impl Future<Output = Result<Self>>;

    /// Writes what it asks of requests into the documentation of a route.
    fn describe(doc: &mut RouteDoc) {
        let _ = doc;
    }

    /// Makes the argument where `IS_SYNC`.
    #[doc(hidden)]
    fn from_request_now(_: &Self::Bound, _: &mut Request) -> Result<Self> {
        Err(Error::internal("an asynchronous argument was to be made without awaiting it"))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Extract> FromRequest for T {
    type Bound = T::Bound;
    const BODY: BodyUse = T::BODY;
    const IS_SYNC: bool = true;

    fn bind(cx: &mut BindCx<'_>) -> Option<T::Bound> {
        T::bind(cx)
    }

    async fn from_request(bound: &T::Bound, req: &mut Request) -> Result<Self> {
        T::extract(bound, req)
    }

    fn describe(doc: &mut RouteDoc) {
        T::describe(doc);
    }

    #[inline]
    fn from_request_now(bound: &T::Bound, req: &mut Request) -> Result<Self> {
        T::extract(bound, req)
    }
}
