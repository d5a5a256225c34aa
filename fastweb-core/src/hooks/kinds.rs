//! The kinds of hooks: which functions may be hooks, and the form in which routes keep them.
//!
//! A hook is synchronous or asynchronous; the marker type `M` tells the compiler which of a trait's implementations a function
//! matches. It is inferred and never written.

use crate::error::{Error, Result};
use crate::hooks::{Completed, Flow, SlowRequests};
use crate::reply::{Payload, Reply};
use crate::request::Request;
use crate::slot::{Called, Slot};

/// What a hook may return: `()`, [`Flow`], or a `Result` of either.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    label = "hooks return `()`, `Flow`, or a `Result` of either",
    note = "to answer from a hook: `Flow::reply(answer)`, which gives a `Result<Flow>`"
)]
pub trait IntoFlow {
    /// The decision.
    ///
    /// # Errors
    /// The hook failed; the request takes the way of an error.
    fn into_flow(self) -> Result<Flow>;
}

impl IntoFlow for () {
    fn into_flow(self) -> Result<Flow> {
        Ok(Flow::Continue)
    }
}

impl IntoFlow for Flow {
    fn into_flow(self) -> Result<Flow> {
        Ok(self)
    }
}

impl<T: IntoFlow, E: Into<Error>> IntoFlow for Result<T, E> {
    fn into_flow(self) -> Result<Flow> {
        self.map_err(Into::into)?.into_flow()
    }
}

/// Marks functions that are hooks as they stand.
#[derive(Debug)]
pub struct SyncHook;
/// Marks asynchronous functions.
#[derive(Debug)]
pub struct AsyncHook;
/// Marks functions that take the request alone.
#[derive(Debug)]
pub struct RequestOnly<M>(std::marker::PhantomData<M>);
/// Marks hooks that come ready-made.
#[derive(Debug)]
pub struct ReadyMade;

/// Defines a kind of hook: the trait that users meet, its implementations for functions, and the erased form.
macro_rules! hook_kind {
    (
        $(#[$attr:meta])*
        $name:ident, $erased:ident, $adapter:ident, second: $second:ty, wants: $wants:ident
    ) => {
        $(#[$attr])*
        pub trait $name<M>: Send + Sync + 'static {
            #[doc(hidden)]
            fn erase(self) -> Box<dyn $erased>;
        }

        #[doc(hidden)]
        pub trait $erased: Send + Sync {
            fn call<'a>(
                &'a self,
                request: &'a mut Request,
                second: $second,
                slot: &'a mut Slot,
            ) -> Called<'a, Result<Flow>>;

            fn is_async(&self) -> bool {
                false
            }

            fn wants_timings(&self) -> bool {
                false
            }

            fn slow_requests(&self) -> Option<&SlowRequests> {
                None
            }
        }

        struct $adapter<F, M>(F, std::marker::PhantomData<fn() -> M>);

        impl<F, R> $name<RequestOnly<SyncHook>> for F
        where
            F: Fn(&mut Request) -> R + Send + Sync + 'static,
            R: IntoFlow + 'static,
        {
            fn erase(self) -> Box<dyn $erased> {
                Box::new($adapter::<F, RequestOnly<(SyncHook, R)>>(self, std::marker::PhantomData))
            }
        }

        impl<F, R> $erased for $adapter<F, RequestOnly<(SyncHook, R)>>
        where
            F: Fn(&mut Request) -> R + Send + Sync + 'static,
            R: IntoFlow,
        {
            fn call<'a>(&'a self, request: &'a mut Request, _: $second, _: &'a mut Slot) -> Called<'a, Result<Flow>> {
                Called::Done((self.0)(request).into_flow())
            }
        }

        impl<F, R> $name<RequestOnly<AsyncHook>> for F
        where
            F: AsyncFn(&mut Request) -> R + Send + Sync + 'static,
            R: IntoFlow + 'static,
        {
            fn erase(self) -> Box<dyn $erased> {
                Box::new($adapter::<F, RequestOnly<(AsyncHook, R)>>(self, std::marker::PhantomData))
            }
        }

        impl<F, R> $erased for $adapter<F, RequestOnly<(AsyncHook, R)>>
        where
            F: AsyncFn(&mut Request) -> R + Send + Sync + 'static,
            R: IntoFlow + 'static,
        {
            fn call<'a>(&'a self, request: &'a mut Request, _: $second, slot: &'a mut Slot) -> Called<'a, Result<Flow>> {
                slot.begin(async move { (self.0)(request).await.into_flow() })
            }

            fn is_async(&self) -> bool {
                true
            }
        }

        impl<F, R> $name<SyncHook> for F
        where
            F: for<'a> Fn(&'a mut Request, hook_kind!(@arg 'a $wants)) -> R + Send + Sync + 'static,
            R: IntoFlow + 'static,
        {
            fn erase(self) -> Box<dyn $erased> {
                Box::new($adapter::<F, (SyncHook, R)>(self, std::marker::PhantomData))
            }
        }

        impl<F, R> $erased for $adapter<F, (SyncHook, R)>
        where
            F: for<'a> Fn(&'a mut Request, hook_kind!(@arg 'a $wants)) -> R + Send + Sync + 'static,
            R: IntoFlow,
        {
            fn call<'a>(&'a self, request: &'a mut Request, second: $second, _: &'a mut Slot) -> Called<'a, Result<Flow>> {
                Called::Done((self.0)(request, second).into_flow())
            }
        }

        impl<F, R> $name<AsyncHook> for F
        where
            F: for<'a> AsyncFn(&'a mut Request, hook_kind!(@arg 'a $wants)) -> R + Send + Sync + 'static,
            R: IntoFlow + 'static,
        {
            fn erase(self) -> Box<dyn $erased> {
                Box::new($adapter::<F, (AsyncHook, R)>(self, std::marker::PhantomData))
            }
        }

        impl<F, R> $erased for $adapter<F, (AsyncHook, R)>
        where
            F: for<'a> AsyncFn(&'a mut Request, hook_kind!(@arg 'a $wants)) -> R + Send + Sync + 'static,
            R: IntoFlow + 'static,
        {
            fn call<'a>(
                &'a self,
                request: &'a mut Request,
                second: $second,
                slot: &'a mut Slot,
            ) -> Called<'a, Result<Flow>> {
                slot.begin(async move { (self.0)(request, second).await.into_flow() })
            }

            fn is_async(&self) -> bool {
                true
            }
        }
    };
    (@arg $a:lifetime reply) => { &$a mut Reply };
    (@arg $a:lifetime payload) => { &$a mut Payload };
    (@arg $a:lifetime error) => { &$a Error };
    (@arg $a:lifetime completed) => { &$a Completed };
}

hook_kind! {
    /// A function that runs on the way of a request: `on_request`, `pre_parsing`, `pre_validation`, `pre_handler`, `on_send`,
    /// `on_timeout` and `on_request_abort`.
    ///
    /// It takes `&mut Request`, or `&mut Request` and `&mut Reply`, and returns `()`, [`Flow`] or a `Result` of either; it may be `async`.
    /// A closure's arguments need their types written out: `async |req: &mut Request| …`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a hook",
        label = "not a hook",
        note = "a hook takes `&mut Request`, or `&mut Request` and `&mut Reply`, and returns `()`, `Flow` or a `Result` of either; it may be `async`",
        note = "write a closure's argument types out: `|req: &mut Request| {{ … }}`, `async |req: &mut Request, reply: &mut Reply| {{ … }}`",
        note = "`|req| async move {{ … }}` cannot borrow the request; `async |req: &mut Request| {{ … }}` can"
    )]
    Hook, ErasedHook, HookFn, second: &'a mut Reply, wants: reply
}

hook_kind! {
    /// A `pre_serialization` hook: `&mut Request` and `&mut` [`Payload`]. It may look at the value that a handler answered with and
    /// replace it before it becomes bytes. Text, bytes and streams do not come by here.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be a `pre_serialization` hook",
        label = "not a hook",
        note = "it takes `&mut Request` and `&mut Payload` and returns `()` or `Result<()>`; it may be `async`"
    )]
    SerializationHook, ErasedSerializationHook, SerializationHookFn, second: &'a mut Payload, wants: payload
}

hook_kind! {
    /// An `on_error` hook: `&mut Request` and `&` [`Error`]. It observes; the error handler answers. What it returns is not looked at.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be an `on_error` hook",
        label = "not a hook",
        note = "it takes `&mut Request` and `&Error` and returns `()`; it may be `async`"
    )]
    ErrorHook, ErasedErrorHook, ErrorHookFn, second: &'a Error, wants: error
}

hook_kind! {
    /// An `on_response` hook: `&mut Request` and `&` [`Completed`]. It runs after the reply was handed to the operating system.
    /// An asynchronous one runs beside the connection, which goes on with its next request. An error that it returns is logged.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` cannot be an `on_response` hook",
        label = "not a hook",
        note = "it takes `&mut Request` and `&Completed` and returns `()` or `Result<()>`; it may be `async`"
    )]
    ResponseHook, ErasedResponseHook, ResponseHookFn, second: &'a Completed, wants: completed
}
