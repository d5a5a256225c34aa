//! What goes between a worker and the pool for blocking work: the arguments and the answer of functions with a route macro and `blocking`.
//!
//! Each goes in a box that is `Send` whatever is in it, and that only a type which is `Send` gets into. So a wrong argument is an error in its own
//! place alone, and not once more where the function is called. The allocations are small beside a change of threads.

use std::any::Any;

use super::typed::{Argument, Beside, BoundTyped};
use super::{Arguments, BoundHandler, extractor, param};
use crate::error::Result;
use crate::extract::{BindCx, BodyUse, FromRequest, ParamValue};
use crate::reply::{IntoReply, Reply};
use crate::request::Request;
use crate::route::RouteDoc;
use crate::slot::{Called, Slot};

/// A type that may go to another thread, and back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` stays on its worker, and a function with `blocking` runs on another thread",
    label = "not `Send`",
    note = "it takes `Arc<T>` for `State<T>` and `String` for `Text`, and returns text, `Json(value)` or tuples for a `Reply`",
    note = "or leave out `blocking`, make the function `async`, and await the part of it that blocks: `blocking(move || …).await`"
)]
pub trait Leaves: Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Leaves for T {}

/// An argument on its way to another thread.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct Leaving<T>(Box<dyn FnOnce() -> T + Send>);

impl<T> Leaving<T> {
    /// The argument.
    pub fn arrive(self) -> T {
        (self.0)()
    }
}

/// The answer on its way back.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct Answer(Box<Write>);

type Write = dyn FnOnce(&mut Reply) -> Result<()> + Send;

/// What a function has answered, to be written by its worker.
pub fn leave<R: IntoReply + Leaves>(answer: R) -> Answer {
    Answer(Box::new(|reply| answer.into_reply(reply)))
}

/// As `extractor`, for functions that run on another thread.
pub fn leaving_extractor<T: FromRequest + Leaves>(name: Option<&'static str>) -> impl Argument<Value = Leaving<T>> {
    Boxed(extractor::<T>(name))
}

/// As `param`, for functions that run on another thread.
pub fn leaving_param<T: ParamValue + Leaves>(name: &'static str) -> impl Argument<Value = Leaving<T>> {
    Boxed(param::<T>(name))
}

struct Boxed<A>(A);

impl<A: Argument<Value: Leaves>> Argument for Boxed<A> {
    type Value = Leaving<A::Value>;
    type Bound = A::Bound;
    const BODY: BodyUse = A::BODY;
    const IS_SYNC: bool = A::IS_SYNC;

    fn describe(&self, doc: &mut RouteDoc) {
        self.0.describe(doc);
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<A::Bound> {
        self.0.bind(cx)
    }

    fn make_now(bound: &A::Bound, request: &mut Request) -> Result<Self::Value> {
        let value = A::make_now(bound, request)?;
        Ok(Leaving(Box::new(|| value)))
    }

    async fn make(bound: &A::Bound, request: &mut Request) -> Result<Self::Value> {
        let value = A::make(bound, request).await?;
        Ok(Leaving(Box::new(|| value)))
    }
}

impl<A, F> BoundHandler for BoundTyped<A, F, Beside>
where
    A: Arguments<Values: Send>,
    F: Fn(A::Values) -> Answer + Send + Sync + 'static,
{
    fn extract<'a>(&'a self, request: &'a mut Request, slot: &'a mut Slot) -> Called<'a, Result<Box<dyn Any>>> {
        self.boxed(request, slot)
    }

    fn call<'a>(
        &'a self,
        arguments: Option<Box<dyn Any>>,
        request: &'a mut Request,
        reply: &'a mut Reply,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<()>> {
        slot.begin(async move {
            let values = self.values(arguments, request).await?;
            let call = self.call.clone();
            let Answer(write) = request.pool().submit(move || call(values)).await?;
            write(reply)
        })
    }
}
