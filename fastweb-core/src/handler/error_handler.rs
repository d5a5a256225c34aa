//! Error handlers: functions that answer for an error.

use std::marker::PhantomData;

use crate::error::{Error, Result};
use crate::reply::{IntoReply, Reply};
use crate::request::Request;
use crate::slot::{Called, Slot};

/// Marks synchronous error handlers.
#[derive(Debug)]
pub struct SyncErrors;
/// Marks asynchronous error handlers.
#[derive(Debug)]
pub struct AsyncErrors;

/// A function that turns an error into an answer: `&mut Request` and [`Error`] in, any answer out. It may be `async`.
///
/// The reply has the error's status already. [`Error::public_message`] is what a client may be told. An error that the handler returns itself
/// goes to the error handler of the next scope outwards, and at last to fastweb's JSON.
///
/// ```
/// # use fastweb_core::{App, Error, Inject, Request};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let page = |_: &mut Request, error: Error| (error.status(), format!("sorry: {}", error.status()));
/// let server = App::new().error_handler(page).build().await?;
/// assert_eq!(server.inject(Inject::get("/nowhere")).await.text(), "sorry: 404 Not Found");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an error handler",
    label = "not an error handler",
    note = "it takes `&mut Request` and `Error` and returns an answer; it may be `async`: `async |req: &mut Request, error: Error| {{ … }}`"
)]
pub trait ErrorHandler<M>: Send + Sync + 'static {
    #[doc(hidden)]
    fn erase(self) -> Box<dyn ErasedErrorHandler>;
}

#[doc(hidden)]
pub trait ErasedErrorHandler: Send + Sync {
    fn call<'a>(
        &'a self,
        request: &'a mut Request,
        error: Error,
        reply: &'a mut Reply,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<()>>;
}

struct ErrorFn<F, M>(F, PhantomData<fn() -> M>);

impl<F, R> ErrorHandler<SyncErrors> for F
where
    F: Fn(&mut Request, Error) -> R + Send + Sync + 'static,
    R: IntoReply + 'static,
{
    fn erase(self) -> Box<dyn ErasedErrorHandler> {
        Box::new(ErrorFn::<F, (SyncErrors, R)>(self, PhantomData))
    }
}

impl<F, R> ErasedErrorHandler for ErrorFn<F, (SyncErrors, R)>
where
    F: Fn(&mut Request, Error) -> R + Send + Sync,
    R: IntoReply,
{
    fn call<'a>(
        &'a self,
        request: &'a mut Request,
        error: Error,
        reply: &'a mut Reply,
        _: &'a mut Slot,
    ) -> Called<'a, Result<()>> {
        Called::Done((self.0)(request, error).into_reply(reply))
    }
}

impl<F, R> ErrorHandler<AsyncErrors> for F
where
    F: AsyncFn(&mut Request, Error) -> R + Send + Sync + 'static,
    R: IntoReply + 'static,
{
    fn erase(self) -> Box<dyn ErasedErrorHandler> {
        Box::new(ErrorFn::<F, (AsyncErrors, R)>(self, PhantomData))
    }
}

impl<F, R> ErasedErrorHandler for ErrorFn<F, (AsyncErrors, R)>
where
    F: AsyncFn(&mut Request, Error) -> R + Send + Sync,
    R: IntoReply + 'static,
{
    fn call<'a>(
        &'a self,
        request: &'a mut Request,
        error: Error,
        reply: &'a mut Reply,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<()>> {
        slot.begin(async move { (self.0)(request, error).await.into_reply(reply) })
    }
}
