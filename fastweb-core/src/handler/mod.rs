//! Handlers: the functions that answer.

mod blocking;
mod constant;
mod error_handler;
mod functions;
mod leaving;
mod named;
mod typed;
mod with_status;

pub(crate) use error_handler::ErasedErrorHandler;
pub use error_handler::ErrorHandler;
pub(crate) use functions::Extractors;
#[doc(hidden)]
pub use leaving::{Leaving, leave, leaving_extractor, leaving_param};
pub(crate) use named::Named;
#[doc(hidden)]
pub use typed::{Argument, Arguments, Function, answer, dependency, dependency_guard, extractor, guard, param};
pub(crate) use with_status::WithStatus;

use std::any::Any;

use crate::error::Result;
use crate::extract::{BindCx, BodyUse};
use crate::reply::Reply;
use crate::request::Request;
use crate::route::RouteDoc;
use crate::slot::{Called, Slot};

/// Something that answers requests: a function or closure, synchronous or asynchronous, or a constant answer.
///
/// Arguments are extractors ([`Extract`](crate::Extract), [`FromRequest`](crate::FromRequest)) in any order, up to eight, and `&mut Request` at any place among up to four of
/// them; or `&mut Request` and `&mut Reply`. What it returns is an answer ([`IntoReply`](crate::IntoReply)).
///
/// ```
/// # use fastweb_core::{App, Json, Path, Query, Reply, Request, Result, StatusCode};
/// async fn plain() -> &'static str {
///     "plain"
/// }
/// fn one(Path(id): Path<u64>) -> String {
///     format!("thing {id}")
/// }
/// async fn both(req: &mut Request, Query(words): Query<Vec<(String, String)>>) -> Json<usize> {
///     Json(words.len() + req.path().len())
/// }
/// async fn by_hand(req: &mut Request, reply: &mut Reply) -> Result<()> {
///     reply.set_status(202).set_header("x-path", req.path());
///     reply.send("accepted")
/// }
/// let app = App::new()
///     .get("/plain", plain)
///     .get("/things/{id}", one)
///     .get("/both", both)
///     .post("/by-hand", by_hand)
///     .get("/closure", async || StatusCode::NO_CONTENT)
///     .get("/constant", "the same every time");
/// # drop(app);
/// ```
///
/// The marker `M` tells the compiler which kind of function it is; it is inferred and never written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a handler",
    label = "not a handler",
    note = "every argument must be an extractor (`Path<T>`, `Query<T>`, `Json<T>`, `State<T>`, `Headers`, `Bytes`, `String`, `Body`) or `&mut Request`",
    note = "what it returns must be an answer: text, `Json(value)`, `StatusCode`, `Reply`, a `Result` of those with an error that implements `HttpError`",
    note = "write a closure's argument types out: `async |id: Path<u64>| {{ … }}`, and a closure's `?` result: `-> fastweb::Result<…>`",
    note = "a `Reply` or `Body` is sent once and can be no constant; make it in a function: `|| Reply::text(…)`"
)]
pub trait Handler<M>: Send + Sync + 'static {
    /// The form in which a route keeps it.
    #[doc(hidden)]
    fn erase(self) -> Result<Box<dyn ErasedHandler>>;
}

/// A handler as a route keeps it: shared by all workers, not yet bound to what its arguments need.
#[doc(hidden)]
pub trait ErasedHandler: Send + Sync {
    /// What the handler's arguments do with the body.
    fn body_use(&self) -> BodyUse;

    /// How many of the arguments use the body. More than one is an error from `build()`.
    fn body_users(&self) -> usize;

    /// Looks up what the arguments need. Once per worker.
    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>>;

    /// Writes what the arguments are into the documentation of the route.
    fn describe(&self, doc: &mut RouteDoc) {
        let _ = doc;
    }

    /// The function's name, for messages.
    fn name(&self) -> &'static str;
}

/// A handler on its worker.
#[doc(hidden)]
pub trait BoundHandler {
    /// Makes the arguments, for routes with `pre_handler` hooks: those run between validation and handler.
    ///
    /// # Errors
    /// An argument cannot be made from this request.
    fn extract<'a>(&'a self, request: &'a mut Request, slot: &'a mut Slot) -> Called<'a, Result<Box<dyn Any>>>;

    /// Answers. Without `arguments` it makes them itself.
    fn call<'a>(
        &'a self,
        arguments: Option<Box<dyn Any>>,
        request: &'a mut Request,
        reply: &'a mut Reply,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<()>>;
}
