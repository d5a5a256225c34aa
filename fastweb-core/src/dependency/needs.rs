//! What a dependency is made of.

use std::future::Future;

use crate::error::Result;
use crate::extract::{BindCx, BodyUse};
use crate::handler::Extractors;
use crate::request::Request;
use crate::route::RouteDoc;

/// A tuple of up to eight extractors: what [`Dependency::provide`](crate::Dependency::provide) gets. There is nothing to implement.
///
/// ```
/// # use fastweb_core::{Dependency, Headers, Method, Needs, Result};
/// struct Trace(String);
///
/// impl Dependency for Trace {
///     type Needs = (Method, Headers);
///
///     async fn provide((method, headers): Self::Needs) -> Result<Self> {
///         Ok(Trace(format!("{method} {:?}", headers.get("x-trace"))))
///     }
/// }
/// fn is_needs<T: Needs>() {}
/// is_needs::<(Method, Headers)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a dependency cannot need `{Self}`",
    label = "not a tuple of extractors",
    note = "it is a tuple of up to eight extractors: `()`, `(State<Db>,)`, `(Headers, Dep<Caller>)`; mind the comma behind a single one"
)]
pub trait Needs: Sized + 'static {
    #[doc(hidden)]
    type Bound: 'static;
    #[doc(hidden)]
    const IS_SYNC: bool;

    #[doc(hidden)]
    fn body() -> (BodyUse, usize);
    #[doc(hidden)]
    fn describe(doc: &mut RouteDoc);
    #[doc(hidden)]
    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound>;
    #[doc(hidden)]
    fn make_now(bound: &Self::Bound, request: &mut Request) -> Result<Self>;
    #[doc(hidden)]
    fn make(bound: &Self::Bound, request: &mut Request) -> impl Future<Output = Result<Self>>;
}

impl<T: Extractors> Needs for T {
    type Bound = T::Bound;
    const IS_SYNC: bool = T::IS_SYNC;

    fn body() -> (BodyUse, usize) {
        (T::BODY, T::BODY_USERS)
    }

    fn describe(doc: &mut RouteDoc) {
        T::describe_each(doc);
    }

    fn bind(cx: &mut BindCx<'_>) -> Option<T::Bound> {
        T::bind(cx)
    }

    fn make_now(bound: &T::Bound, request: &mut Request) -> Result<T> {
        T::extract_now(bound, request)
    }

    fn make(bound: &T::Bound, request: &mut Request) -> impl Future<Output = Result<T>> {
        T::extract(bound, request)
    }
}
