//! Synchronous functions that run on the pool for blocking work.

use std::any::{Any, type_name};
use std::marker::PhantomData;
use std::sync::Arc;

use super::functions::{Extractors, unpack};
use super::{BoundHandler, ErasedHandler, Handler};
use crate::blocking::Blocking;
use crate::error::Result;
use crate::extract::{BindCx, BodyUse, FromRequest};
use crate::reply::{IntoReply, Reply};
use crate::request::Request;
use crate::route::RouteDoc;
use crate::slot::{Called, Slot};

/// Marks synchronous functions that run on the pool, with arguments `A` and the result `R`.
#[derive(Debug)]
pub struct BlockingFn<A, R>(PhantomData<fn() -> (A, R)>);

/// Such a function as a route keeps it, and on its worker.
struct BlockingHandler<F, A, R, B> {
    f: Arc<F>,
    bound: B,
    _kind: PhantomData<fn() -> (A, R)>,
}

/// A function of the arguments `A`, all of them at once.
trait Function<A, R>: Send + Sync + 'static {
    fn call(&self, arguments: A) -> R;
}

impl<F, A, R> ErasedHandler for BlockingHandler<F, A, R, ()>
where
    F: Function<A, R>,
    A: Extractors + Send,
    R: IntoReply + Send + 'static,
{
    fn body_use(&self) -> BodyUse {
        A::BODY
    }

    fn body_users(&self) -> usize {
        A::BODY_USERS
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>> {
        let bound = A::bind(cx)?;
        Some(Box::new(BlockingHandler { f: self.f.clone(), bound, _kind: self._kind }))
    }

    fn describe(&self, doc: &mut RouteDoc) {
        A::describe(doc);
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

impl<F, A, R> BoundHandler for BlockingHandler<F, A, R, Bound<A>>
where
    F: Function<A, R>,
    A: Extractors + Send,
    R: IntoReply + Send + 'static,
{
    fn extract<'a>(&'a self, request: &'a mut Request, slot: &'a mut Slot) -> Called<'a, Result<Box<dyn Any>>> {
        slot.begin(async move { Ok(Box::new(A::extract(&self.bound, request).await?) as Box<dyn Any>) })
    }

    fn call<'a>(
        &'a self,
        arguments: Option<Box<dyn Any>>,
        request: &'a mut Request,
        reply: &'a mut Reply,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<()>> {
        slot.begin(async move {
            let arguments = match arguments {
                None => A::extract(&self.bound, request).await?,
                Some(made) => unpack(made)?,
            };
            let f = self.f.clone();
            let answer = request.pool().submit(move || f.call(arguments));
            answer.await?.into_reply(reply)
        })
    }
}

type Bound<A> = <A as Extractors>::Bound;

macro_rules! blocking_functions {
    ($($T:ident $t:ident),*) => {
        impl<F, R, $($T),*> Function<($($T,)*), R> for F
        where
            F: Fn($($T),*) -> R + Send + Sync + 'static,
        {
            fn call(&self, ($($t,)*): ($($T,)*)) -> R {
                self($($t),*)
            }
        }

        impl<F, R, $($T: FromRequest + Send),*> Handler<BlockingFn<($($T,)*), R>> for Blocking<F>
        where
            F: Fn($($T),*) -> R + Send + Sync + 'static,
            R: IntoReply + Send + 'static,
        {
            fn erase(self) -> Result<Box<dyn ErasedHandler>> {
                Ok(Box::new(BlockingHandler::<F, ($($T,)*), R, ()> { f: Arc::new(self.0), bound: (), _kind: PhantomData }))
            }
        }
    };
}

blocking_functions!();
blocking_functions!(A a);
blocking_functions!(A a, B b);
blocking_functions!(A a, B b, C c);
blocking_functions!(A a, B b, C c, D d);
blocking_functions!(A a, B b, C c, D d, E e);
blocking_functions!(A a, B b, C c, D d, E e, G g);
blocking_functions!(A a, B b, C c, D d, E e, G g, H h);
blocking_functions!(A a, B b, C c, D d, E e, G g, H h, I i);
