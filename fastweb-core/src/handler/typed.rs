//! Handlers that a route macro has taken apart: each argument by itself, any number of them, parameters of the path by name.
//!
//! The arguments are a list of pairs, `(first, (second, ()))`, so that there is no longest one. What the macro writes is one such list
//! and one closure that gives its values to the function.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use super::functions::{unpack, uses};
use super::leaving::Answer;
use super::{BoundHandler, ErasedHandler};
use crate::dependency::{Dep, Dependency};
use crate::error::Result;
use crate::extract::{BindCx, BodyUse, FromRequest, ParamValue};
use crate::reply::{IntoReply, Reply};
use crate::request::Request;
use crate::route::{ArgumentSource, Route, RouteDoc};
use crate::slot::{Called, Slot};

/// One argument of a function.
#[doc(hidden)]
pub trait Argument: Send + Sync + 'static {
    /// What the function gets, or what that is borrowed from.
    type Value: 'static;
    type Bound: 'static;
    const BODY: BodyUse;
    const IS_SYNC: bool;

    fn describe(&self, doc: &mut RouteDoc);
    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Self::Bound>;
    fn make_now(bound: &Self::Bound, request: &mut Request) -> Result<Self::Value>;
    fn make(bound: &Self::Bound, request: &mut Request) -> impl Future<Output = Result<Self::Value>>;
}

/// All of them.
#[doc(hidden)]
pub trait Arguments: Send + Sync + 'static {
    type Values: 'static;
    type Bound: 'static;
    const BODY: BodyUse;
    const BODY_USERS: usize;
    const IS_SYNC: bool;

    fn describe(&self, doc: &mut RouteDoc);
    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Self::Bound>;
    fn make_now(bound: &Self::Bound, request: &mut Request) -> Result<Self::Values>;
    fn make(bound: &Self::Bound, request: &mut Request) -> impl Future<Output = Result<Self::Values>>;
}

impl Arguments for () {
    type Values = ();
    type Bound = ();
    const BODY: BodyUse = BodyUse::None;
    const BODY_USERS: usize = 0;
    const IS_SYNC: bool = true;

    fn describe(&self, _: &mut RouteDoc) {}

    fn bind(&self, _: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn make_now((): &(), _: &mut Request) -> Result<()> {
        Ok(())
    }

    async fn make((): &(), _: &mut Request) -> Result<()> {
        Ok(())
    }
}

impl<A: Argument, R: Arguments> Arguments for (A, R) {
    type Values = (A::Value, R::Values);
    type Bound = (A::Bound, R::Bound);
    const BODY: BodyUse = A::BODY.combine(R::BODY);
    const BODY_USERS: usize = uses(A::BODY) + R::BODY_USERS;
    const IS_SYNC: bool = A::IS_SYNC && R::IS_SYNC;

    fn describe(&self, doc: &mut RouteDoc) {
        self.0.describe(doc);
        self.1.describe(doc);
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Self::Bound> {
        // Both before the first `?`, so that everything that is missing is told at once.
        let (first, rest) = (self.0.bind(cx), self.1.bind(cx));
        Some((first?, rest?))
    }

    #[inline]
    fn make_now((first, rest): &Self::Bound, request: &mut Request) -> Result<Self::Values> {
        let first = A::make_now(first, request)?;
        Ok((first, R::make_now(rest, request)?))
    }

    async fn make((first, rest): &Self::Bound, request: &mut Request) -> Result<Self::Values> {
        let first = if A::IS_SYNC { A::make_now(first, request)? } else { A::make(first, request).await? };
        let rest = if R::IS_SYNC { R::make_now(rest, request)? } else { R::make(rest, request).await? };
        Ok((first, rest))
    }
}

struct Extracted<T> {
    name: Option<&'static str>,
    _type: PhantomData<fn() -> T>,
}

impl<T: FromRequest> Argument for Extracted<T> {
    type Value = T;
    type Bound = T::Bound;
    const BODY: BodyUse = T::BODY;
    const IS_SYNC: bool = T::IS_SYNC;

    fn describe(&self, doc: &mut RouteDoc) {
        doc.add_extractor::<T>(self.name);
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<T::Bound> {
        T::bind(cx)
    }

    #[inline]
    fn make_now(bound: &T::Bound, request: &mut Request) -> Result<T> {
        T::from_request_now(bound, request)
    }

    fn make(bound: &T::Bound, request: &mut Request) -> impl Future<Output = Result<T>> {
        T::from_request(bound, request)
    }
}

/// It is made, and dropped.
struct Guard<T>(PhantomData<fn() -> T>);

impl<T: FromRequest> Argument for Guard<T> {
    type Value = ();
    type Bound = T::Bound;
    const BODY: BodyUse = T::BODY;
    const IS_SYNC: bool = T::IS_SYNC;

    /// No argument, but what the type itself says of the route.
    fn describe(&self, doc: &mut RouteDoc) {
        T::describe(doc);
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<T::Bound> {
        T::bind(cx)
    }

    fn make_now(bound: &T::Bound, request: &mut Request) -> Result<()> {
        T::from_request_now(bound, request).map(drop)
    }

    async fn make(bound: &T::Bound, request: &mut Request) -> Result<()> {
        T::from_request(bound, request).await.map(drop)
    }
}

struct Param<T> {
    name: &'static str,
    _type: PhantomData<fn() -> T>,
}

impl<T: ParamValue> Argument for Param<T> {
    type Value = T;
    /// The place of the parameter: prefixes of scopes may have parameters of their own before it.
    type Bound = usize;
    const BODY: BodyUse = BodyUse::None;
    const IS_SYNC: bool = true;

    fn describe(&self, doc: &mut RouteDoc) {
        doc.add::<T>(Some(self.name), ArgumentSource::Path);
        #[cfg(feature = "schema")]
        if let Some(schema) = T::schema() {
            doc.params.add(serde_json::json!({ "type": "object", "properties": { self.name: schema } }));
        }
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<usize> {
        let at = cx.path_param(self.name);
        if at.is_none() {
            cx.missing(format!("wants the parameter {{{}}}, which the path does not have", self.name));
        }
        at
    }

    fn make_now(bound: &usize, request: &mut Request) -> Result<T> {
        T::read(*bound, request)
    }

    async fn make(bound: &usize, request: &mut Request) -> Result<T> {
        T::read(*bound, request)
    }
}

/// A synchronous function.
struct Now;
/// An asynchronous function.
struct Later;

/// A synchronous function on the pool for blocking work.
pub(super) struct Beside;

/// A function as a route keeps it.
struct Typed<A, F, K> {
    name: &'static str,
    answer: Option<&'static str>,
    replies: Option<fn(&mut RouteDoc)>,
    body: BodyUse,
    arguments: A,
    call: Arc<F>,
    _kind: PhantomData<fn() -> K>,
}

/// A function on its worker.
pub(super) struct BoundTyped<A: Arguments, F, K> {
    bound: A::Bound,
    pub(super) call: Arc<F>,
    _kind: PhantomData<fn() -> K>,
}

impl<A: Arguments, F: Send + Sync + 'static, K: 'static> ErasedHandler for Typed<A, F, K>
where
    BoundTyped<A, F, K>: BoundHandler,
{
    fn body_use(&self) -> BodyUse {
        A::BODY.combine(self.body)
    }

    fn body_users(&self) -> usize {
        A::BODY_USERS
    }

    fn bind(&self, cx: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>> {
        let bound = self.arguments.bind(cx)?;
        Some(Box::new(BoundTyped::<A, F, K> { bound, call: self.call.clone(), _kind: PhantomData }))
    }

    fn describe(&self, doc: &mut RouteDoc) {
        self.arguments.describe(doc);
        doc.answer = self.answer;
        if let Some(describe) = self.replies {
            describe(doc);
        }
    }

    fn name(&self) -> &'static str {
        self.name
    }
}

impl<A: Arguments, F, K> BoundTyped<A, F, K> {
    pub(super) async fn values(&self, made: Option<Box<dyn Any>>, request: &mut Request) -> Result<A::Values> {
        match made {
            None => A::make(&self.bound, request).await,
            Some(made) => unpack(made),
        }
    }

    fn values_now(&self, made: Option<Box<dyn Any>>, request: &mut Request) -> Result<A::Values> {
        match made {
            None => A::make_now(&self.bound, request),
            Some(made) => unpack(made),
        }
    }

    pub(super) fn boxed<'a>(
        &'a self,
        request: &'a mut Request,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<Box<dyn Any>>> {
        if A::IS_SYNC {
            return Called::Done(A::make_now(&self.bound, request).map(|values| Box::new(values) as Box<dyn Any>));
        }
        slot.begin(async move { Ok(Box::new(A::make(&self.bound, request).await?) as Box<dyn Any>) })
    }
}

impl<A, F> BoundHandler for BoundTyped<A, F, Now>
where
    A: Arguments,
    F: Fn(A::Values, &mut Request, &mut Reply) -> Result<()>,
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
                let values = self.values(arguments, request).await?;
                (self.call)(values, request, reply)
            });
        }
        Called::Done(self.values_now(arguments, request).and_then(|values| (self.call)(values, request, reply)))
    }
}

impl<A, F> BoundHandler for BoundTyped<A, F, Later>
where
    A: Arguments,
    F: AsyncFn(A::Values, &mut Request, &mut Reply) -> Result<()>,
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
                let values = self.values(arguments, request).await?;
                (self.call)(values, request, reply).await
            });
        }
        match self.values_now(arguments, request) {
            Ok(values) => slot.begin(async move { (self.call)(values, request, reply).await }),
            Err(error) => Called::Done(Err(error)),
        }
    }
}

/// An argument whose type knows how it is made.
pub fn extractor<T: FromRequest>(name: Option<&'static str>) -> impl Argument<Value = T> {
    Extracted::<T> { name, _type: PhantomData }
}

/// An argument that is a dependency.
pub fn dependency<T: Dependency>(name: Option<&'static str>) -> impl Argument<Value = Dep<T>> {
    Extracted::<Dep<T>> { name, _type: PhantomData }
}

/// An argument that is the parameter of this name.
pub fn param<T: ParamValue>(name: &'static str) -> impl Argument<Value = T> {
    Param::<T> { name, _type: PhantomData }
}

/// What the request has to get past before the function is called, which learns nothing of it.
pub fn guard<T: FromRequest>() -> impl Argument<Value = ()> {
    Guard::<T>(PhantomData)
}

/// As [`guard`], of a dependency.
pub fn dependency_guard<T: Dependency>() -> impl Argument<Value = ()> {
    Guard::<Dep<T>>(PhantomData)
}

/// What a function has answered.
pub fn answer<R: IntoReply>(answer: R, reply: &mut Reply) -> Result<()> {
    answer.into_reply(reply)
}

/// What is known of a function without its arguments.
#[doc(hidden)]
#[derive(Debug)]
pub struct Function {
    /// With its module.
    pub name: &'static str,
    pub methods: &'static [&'static str],
    pub path: &'static str,
    /// It takes the request itself, and may read the body while it runs.
    pub takes_request: bool,
    /// The full name of the type that it returns, where that has one.
    pub answer: Option<&'static str>,
    /// Says which answers that type stands for, where it may know.
    pub replies: Option<fn(&mut RouteDoc)>,
}

impl Function {
    #[track_caller]
    fn route<A, F, K: 'static>(self, arguments: A, call: F) -> Route
    where
        A: Arguments,
        F: Send + Sync + 'static,
        BoundTyped<A, F, K>: BoundHandler,
    {
        let body = if self.takes_request { BodyUse::Stream } else { BodyUse::None };
        let call = Arc::new(call);
        let handler = Typed {
            name: self.name,
            answer: self.answer,
            replies: self.replies,
            body,
            arguments,
            call,
            _kind: PhantomData::<fn() -> K>,
        };
        let methods = self.methods.iter().map(|&method| method.to_owned()).collect();
        Route::new(methods, self.path.to_owned(), Ok(Box::new(handler)))
    }

    /// The route of a synchronous function.
    #[track_caller]
    pub fn now<A, F>(self, arguments: A, call: F) -> Route
    where
        A: Arguments,
        F: Fn(A::Values, &mut Request, &mut Reply) -> Result<()> + Send + Sync + 'static,
    {
        self.route::<A, F, Now>(arguments, call)
    }

    /// The route of an asynchronous function.
    #[track_caller]
    pub fn later<A, F>(self, arguments: A, call: F) -> Route
    where
        A: Arguments,
        F: AsyncFn(A::Values, &mut Request, &mut Reply) -> Result<()> + Send + Sync + 'static,
    {
        self.route::<A, F, Later>(arguments, call)
    }

    /// The route of a synchronous function that runs on the pool for blocking work.
    #[track_caller]
    pub fn blocking<A, F>(self, arguments: A, call: F) -> Route
    where
        A: Arguments<Values: Send>,
        F: Fn(A::Values) -> Answer + Send + Sync + 'static,
    {
        self.route::<A, F, Beside>(arguments, call)
    }
}
