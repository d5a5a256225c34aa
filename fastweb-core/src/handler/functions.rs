//! Functions and closures as handlers.
//!
//! There is one implementation per number of arguments, place of `&mut Request`, and colour. A synchronous function needs no future; an
//! asynchronous one runs in the connection's slot.

use std::any::{Any, type_name};
use std::marker::PhantomData;
use std::sync::Arc;

use super::{BoundHandler, ErasedHandler, Handler};
use crate::error::{Error, Result};
use crate::extract::{BindCx, BodyUse, FromRequest};
use crate::reply::{IntoReply, Reply};
use crate::request::Request;
use crate::route::RouteDoc;
use crate::slot::{Called, Slot};

/// Marks synchronous functions that take what `K` says and return `R`.
#[derive(Debug)]
pub struct SyncFn<K, R>(PhantomData<fn() -> (K, R)>);
/// Marks asynchronous functions that take what `K` says and return `R`.
#[derive(Debug)]
pub struct AsyncFnOf<K, R>(PhantomData<fn() -> (K, R)>);

/// The arguments of a function beside its extractors.
trait Kind: 'static {
    /// What the function itself may do with the body.
    const BODY: BodyUse;
}

/// Extractors alone.
#[derive(Debug)]
pub struct ArgumentsOnly;
/// `&mut Request` as argument number `AT` among extractors.
#[derive(Debug)]
pub struct WithRequest<const AT: usize>;
/// `&mut Request` and `&mut Reply`.
#[derive(Debug)]
pub struct WithReply;

impl Kind for ArgumentsOnly {
    const BODY: BodyUse = BodyUse::None;
}

// Whoever has the request may read its body while the function runs.
impl<const AT: usize> Kind for WithRequest<AT> {
    const BODY: BodyUse = BodyUse::Stream;
}

impl Kind for WithReply {
    const BODY: BodyUse = BodyUse::Stream;
}

impl<K: Kind, R: 'static> Kind for SyncFn<K, R> {
    const BODY: BodyUse = K::BODY;
}

impl<K: Kind, R: 'static> Kind for AsyncFnOf<K, R> {
    const BODY: BodyUse = K::BODY;
}

/// Several extractors: a tuple of them.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a dependency cannot need `{Self}`",
    label = "not a tuple of extractors",
    note = "it is a tuple of up to eight extractors: `()`, `(State<Db>,)`, `(Headers, Dep<Caller>)`; mind the comma behind a single one"
)]
pub trait Extractors: Sized + 'static {
    type Bound: 'static;
    const BODY: BodyUse;
    /// How many of them use the body.
    const BODY_USERS: usize;
    /// None of them has to be awaited.
    const IS_SYNC: bool;

    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound>;
    fn describe_each(doc: &mut RouteDoc);
    /// As `describe_each`, of a handler's own arguments.
    fn describe(doc: &mut RouteDoc);
    /// Makes them where `IS_SYNC`.
    fn extract_now(bound: &Self::Bound, request: &mut Request) -> Result<Self>;
    fn extract(bound: &Self::Bound, request: &mut Request) -> impl Future<Output = Result<Self>>;
}

pub(super) const fn uses(body: BodyUse) -> usize {
    !matches!(body, BodyUse::None) as usize
}

macro_rules! extractors {
    ($($T:ident $t:ident),*) => {
        impl<$($T: FromRequest),*> Extractors for ($($T,)*) {
            type Bound = ($($T::Bound,)*);
            const BODY: BodyUse = {
                #[allow(unused_mut)]
                let mut body = BodyUse::None;
                $(body = body.combine($T::BODY);)*
                body
            };
            const BODY_USERS: usize = 0 $(+ uses($T::BODY))*;
            const IS_SYNC: bool = true $(&& $T::IS_SYNC)*;

            #[allow(unused_variables)]
            fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound> {
                // All of them before the first `?`, so that everything that is missing is told at once.
                $(let $t = $T::bind(cx);)*
                Some(($($t?,)*))
            }

            #[allow(unused_variables)]
            fn describe_each(doc: &mut RouteDoc) {
                $($T::describe(doc);)*
            }

            #[allow(unused_variables)]
            fn describe(doc: &mut RouteDoc) {
                $(doc.add_extractor::<$T>(None);)*
            }

            #[allow(unused_variables)]
            #[inline]
            fn extract_now(bound: &Self::Bound, request: &mut Request) -> Result<Self> {
                let ($($t,)*) = bound;
                Ok(($($T::from_request_now($t, request)?,)*))
            }

            #[allow(unused_variables)]
            async fn extract(bound: &Self::Bound, request: &mut Request) -> Result<Self> {
                let ($($t,)*) = bound;
                Ok(($($T::from_request($t, request).await?,)*))
            }
        }
    };
}

/// A function as a route keeps it.
struct Function<F, K, A> {
    f: Arc<F>,
    _kind: PhantomData<fn() -> (K, A)>,
}

/// A function on its worker, with what its arguments need.
struct BoundFunction<F, K, A: Extractors> {
    f: Arc<F>,
    bound: A::Bound,
    _kind: PhantomData<fn() -> K>,
}

impl<F, K, A> Function<F, K, A>
where
    Self: ErasedHandler + 'static,
{
    fn erase(f: F) -> Result<Box<dyn ErasedHandler>> {
        Ok(Box::new(Self { f: Arc::new(f), _kind: PhantomData }))
    }
}

impl<F, K, A> ErasedHandler for Function<F, K, A>
where
    F: Send + Sync + 'static,
    K: Kind,
    A: Extractors,
    BoundFunction<F, K, A>: BoundHandler,
{
    fn body_use(&self) -> BodyUse {
        K::BODY.combine(A::BODY)
    }

    fn body_users(&self) -> usize {
        A::BODY_USERS
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>> {
        let bound = A::bind(cx)?;
        Some(Box::new(BoundFunction::<F, K, A> { f: self.f.clone(), bound, _kind: PhantomData }))
    }

    fn describe(&self, doc: &mut RouteDoc) {
        A::describe(doc);
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

impl<F, K, A: Extractors> BoundFunction<F, K, A> {
    /// The arguments that `BoundHandler::extract` made of this request, or new ones, where these are all synchronous.
    fn arguments(&self, made: Option<Box<dyn Any>>, request: &mut Request) -> Result<A> {
        match made {
            None => A::extract_now(&self.bound, request),
            Some(made) => unpack(made),
        }
    }

    async fn arguments_later(&self, made: Option<Box<dyn Any>>, request: &mut Request) -> Result<A> {
        match made {
            None => A::extract(&self.bound, request).await,
            Some(made) => unpack(made),
        }
    }

    fn boxed<'a>(&'a self, request: &'a mut Request, slot: &'a mut Slot) -> Called<'a, Result<Box<dyn Any>>> {
        if A::IS_SYNC {
            return Called::Done(self.arguments(None, request).map(|arguments| Box::new(arguments) as Box<dyn Any>));
        }
        slot.begin(async move { Ok(Box::new(A::extract(&self.bound, request).await?) as Box<dyn Any>) })
    }
}

/// Arguments that were made before `pre_handler` hooks ran.
pub(super) fn unpack<A: 'static>(made: Box<dyn Any>) -> Result<A> {
    made.downcast()
        .map(|arguments| *arguments)
        .map_err(|_| Error::internal("the arguments were made by another handler"))
}

/// Synchronous functions that take what `K` says and extractors `A`, and return `R`. What is the same for any number of arguments is written
/// once, for this trait: the bodies of each of the implementations below are read by the compiler in every build.
trait CallNow<K, A, R> {
    fn call(&self, arguments: A, request: &mut Request, reply: &mut Reply) -> R;
}

/// As [`CallNow`], of asynchronous functions. The future is the function's own: another around it would be another layer to poll.
trait CallLater<K, A, R> {
    fn call(&self, arguments: A, request: &mut Request, reply: &mut Reply) -> impl Future<Output = R>;
}

impl<F, K, A, R> BoundHandler for BoundFunction<F, SyncFn<K, R>, A>
where
    F: CallNow<K, A, R>,
    A: Extractors,
    R: IntoReply,
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
        if !A::IS_SYNC {
            return slot.begin(async move {
                let arguments = self.arguments_later(arguments, request).await?;
                self.f.call(arguments, request, reply).into_reply(reply)
            });
        }
        Called::Done(match self.arguments(arguments, request) {
            Ok(arguments) => self.f.call(arguments, request, reply).into_reply(reply),
            Err(error) => Err(error),
        })
    }
}

impl<F, K, A, R> BoundHandler for BoundFunction<F, AsyncFnOf<K, R>, A>
where
    F: CallLater<K, A, R>,
    A: Extractors,
    R: IntoReply + 'static,
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
        if !A::IS_SYNC {
            return slot.begin(async move {
                let arguments = self.arguments_later(arguments, request).await?;
                let answer = self.f.call(arguments, request, reply).await;
                answer.into_reply(reply)
            });
        }
        match self.arguments(arguments, request) {
            Ok(arguments) => slot.begin(async move {
                let answer = self.f.call(arguments, request, reply).await;
                answer.into_reply(reply)
            }),
            Err(error) => Called::Done(Err(error)),
        }
    }
}

/// Implements the calls of functions with these arguments.
macro_rules! calls {
    ($kind:ty, [$($T:ident $t:ident),* $(,)?], ($($arg:ty),* $(,)?), |$f:ident, $request:ident, $reply:ident| $call:expr) => {
        impl<F, R, $($T: FromRequest),*> Handler<SyncFn<$kind, ($($T,)*)>> for F
        where
            F: Fn($($arg),*) -> R + Send + Sync + 'static,
            R: IntoReply + 'static,
        {
            fn erase(self) -> Result<Box<dyn ErasedHandler>> {
                Function::<F, SyncFn<$kind, R>, ($($T,)*)>::erase(self)
            }
        }

        impl<F, R, $($T),*> CallNow<$kind, ($($T,)*), R> for F
        where
            F: Fn($($arg),*) -> R,
        {
            #[inline]
            #[allow(unused_variables)]
            fn call(&self, ($($t,)*): ($($T,)*), $request: &mut Request, $reply: &mut Reply) -> R {
                let $f = self;
                $call
            }
        }

        impl<F, R, $($T: FromRequest),*> Handler<AsyncFnOf<$kind, ($($T,)*)>> for F
        where
            F: AsyncFn($($arg),*) -> R + Send + Sync + 'static,
            R: IntoReply + 'static,
        {
            fn erase(self) -> Result<Box<dyn ErasedHandler>> {
                Function::<F, AsyncFnOf<$kind, R>, ($($T,)*)>::erase(self)
            }
        }

        impl<F, R, $($T),*> CallLater<$kind, ($($T,)*), R> for F
        where
            F: AsyncFn($($arg),*) -> R,
        {
            #[inline]
            #[allow(unused_variables)]
            fn call(
                &self,
                ($($t,)*): ($($T,)*),
                $request: &mut Request,
                $reply: &mut Reply,
            ) -> impl Future<Output = R> {
                let $f = self;
                $call
            }
        }
    };
}

/// Functions of extractors alone.
macro_rules! arguments_only {
    ($($T:ident $t:ident),*) => {
        extractors!($($T $t),*);
        calls!(ArgumentsOnly, [$($T $t),*], ($($T),*), |f, request, reply| f($($t),*));
    };
}

/// Functions of extractors with the request at one place among them.
macro_rules! with_request {
    ($at:literal: $($B:ident $b:ident),* ; $($A:ident $a:ident),*) => {
        calls!(
            WithRequest<$at>,
            [$($B $b,)* $($A $a),*],
            ($($B,)* &mut Request $(, $A)*),
            |f, request, reply| f($($b,)* &mut *request $(, $a)*)
        );
    };
}

arguments_only!();
arguments_only!(A a);
arguments_only!(A a, B b);
arguments_only!(A a, B b, C c);
arguments_only!(A a, B b, C c, D d);
arguments_only!(A a, B b, C c, D d, E e);
arguments_only!(A a, B b, C c, D d, E e, G g);
arguments_only!(A a, B b, C c, D d, E e, G g, H h);
arguments_only!(A a, B b, C c, D d, E e, G g, H h, I i);

with_request!(0: ;);
with_request!(0: ; A a);
with_request!(1: A a;);
with_request!(0: ; A a, B b);
with_request!(1: A a; B b);
with_request!(2: A a, B b;);
with_request!(0: ; A a, B b, C c);
with_request!(1: A a; B b, C c);
with_request!(2: A a, B b; C c);
with_request!(3: A a, B b, C c;);
with_request!(0: ; A a, B b, C c, D d);
with_request!(1: A a; B b, C c, D d);
with_request!(2: A a, B b; C c, D d);
with_request!(3: A a, B b, C c; D d);
with_request!(4: A a, B b, C c, D d;);

calls!(WithReply, [], (&mut Request, &mut Reply), |f, request, reply| f(&mut *request, &mut *reply));
