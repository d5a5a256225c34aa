//! Extractors: the arguments of handlers.

mod attached;
mod body;
mod cookies;
mod form;
mod from_request;
#[cfg(all(any(fuzzing, test), feature = "json"))]
pub(crate) mod fuzzing;
mod header;
mod headers;
#[cfg(feature = "json")]
mod json;
mod page;
mod pairs;
mod params;
mod path;
mod query;
mod state;
mod text_value;
#[cfg(not(feature = "schema"))]
mod untyped;
#[cfg(feature = "json")]
mod unvalidated;

pub use attached::{ConnectInfo, Extension};
pub use cookies::{AllCookies, Cookies};
pub use form::{Form, FormPlan};
pub use from_request::FromRequest;
pub use header::{FromHeader, Header};
pub use headers::{AllHeaders, Headers};
#[cfg(feature = "json")]
pub use json::{Json, RawJson};
pub use page::Page;
pub use path::Path;
pub use query::Query;
pub use state::{RequestState, State, WorkerState};
#[cfg(feature = "json")]
pub use unvalidated::Unvalidated;

#[cfg(feature = "schema")]
use crate::schema as plans;
#[cfg(not(feature = "schema"))]
use untyped as plans;

use std::any::{Any, type_name};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::app::StateKind;
use crate::dependency::{Override, PlanBuilder};
use crate::error::Result;
use crate::request::Request;
use crate::route::{RouteDoc, RouteRecord};

/// What an extractor does with the request's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyUse {
    /// It does not look at the body.
    #[default]
    None,
    /// It wants the whole body in memory before the handler runs.
    Whole,
    /// It reads the body while the handler runs.
    Stream,
}

impl BodyUse {
    /// What two do that may both look at it.
    pub(crate) const fn combine(self, other: Self) -> Self {
        match (self, other) {
            (Self::Whole, _) | (_, Self::Whole) => Self::Whole,
            (Self::Stream, _) | (_, Self::Stream) => Self::Stream,
            (Self::None, Self::None) => Self::None,
        }
    }
}

/// A type that can be an argument of a handler.
///
/// Comes with: [`Path`], [`Query`], [`Headers`], [`Header`], [`Cookies`], [`State`], [`Extension`], [`ConnectInfo`], [`Json`], [`Form`], [`Bytes`](bytes::Bytes), [`String`], [`Text`](crate::Text), [`Body`](crate::Body), [`Method`](http::Method),
/// [`RequestId`](crate::RequestId), and `Option` and `Result` of every extractor. Arguments may stand in any order. What an argument
/// needs from the application is looked up once, in [`bind`](Extract::bind): what is missing is an error from `build()`.
///
/// ```
/// use fastweb_core::{App, BindCx, Error, Extract, Inject, Request, Result};
///
/// /// The caller, by the API key that it sends.
/// struct Caller(String);
///
/// impl Extract for Caller {
///     type Bound = ();
///
///     fn bind(_: &mut BindCx<'_>) -> Option<()> {
///         Some(())
///     }
///
///     fn extract((): &(), req: &mut Request) -> Result<Self> {
///         let key = req.header("x-api-key").ok_or_else(|| Error::unauthorized("x-api-key is missing"))?;
///         Ok(Caller(key.to_owned()))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().get("/", async |caller: Caller| caller.0).build().await?;
/// assert_eq!(server.inject(Inject::get("/")).await.status(), 401);
/// assert_eq!(server.inject(Inject::get("/").header("x-api-key", "k")).await.text(), "k");
/// # Ok(())
/// # }
/// ```
///
/// What has to be awaited is a [`FromRequest`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a handler",
    label = "not an extractor",
    note = "arguments are `Path<T>`, `Query<T>`, `Json<T>`, `State<T>`, `Headers`, `Bytes`, `String`, `Body`, `&mut Request`, and types that implement `fastweb::Extract`",
    note = "a value from the path is `Path<u64>`, one from the application is `State<Db>`"
)]
pub trait Extract: Sized + 'static {
    /// What it needs from the application, as its worker keeps it.
    type Bound: 'static;

    /// What it does with the body. At most one argument of a handler uses it.
    const BODY: BodyUse = BodyUse::None;

    /// Looks up what it needs: once per worker and route, at start-up. `None` where that is missing, with
    /// [`BindCx::missing`] saying what.
    fn bind(cx: &mut BindCx<'_>) -> Option<Self::Bound>;

    /// Makes the argument from the request.
    ///
    /// # Errors
    /// The request does not have it, or not in the right form. The request then takes the way of an error.
    fn extract(bound: &Self::Bound, req: &mut Request) -> Result<Self>;

    /// Writes what it asks of requests into the documentation of a route.
    fn describe(doc: &mut RouteDoc) {
        let _ = doc;
    }
}

/// Where extractors find what they need from the application.
pub struct BindCx<'a> {
    record: &'a RouteRecord,
    /// The worker's own state. `build()` tries to bind without a worker.
    worker: Option<&'a [Rc<dyn Any>]>,
    missing: &'a mut Vec<String>,
    pub(crate) plan: PlanBuilder,
}

impl<'a> BindCx<'a> {
    pub(crate) fn new(
        record: &'a RouteRecord,
        worker: Option<&'a [Rc<dyn Any>]>,
        missing: &'a mut Vec<String>,
    ) -> Self {
        Self { record, worker, missing, plan: PlanBuilder::default() }
    }

    /// The state of type `T` that the route's scope has. Says that it is missing where it is.
    pub fn state<T: Send + Sync + 'static>(&mut self) -> Option<Arc<T>> {
        let found = self.record.states.get::<T>();
        if found.is_none() {
            self.state_is_missing::<T>("State", StateKind::Shared, ".state(…)");
        }
        found
    }

    /// The worker's own state of type `T`. Says that it is missing where no scope of the route declares it; `None` too while `build()` tries what
    /// is there.
    pub fn worker_state<T: 'static>(&mut self) -> Option<Rc<T>> {
        let Some(number) = self.record.states.worker::<T>() else {
            self.state_is_missing::<T>("WorkerState", StateKind::Worker, ".worker_state(async || …)");
            return None;
        };
        self.worker?.get(number)?.clone().downcast().ok()
    }

    /// Whether requests of this route have a value of type `T` of their own. Says that it is missing where no scope of the route declares it.
    pub fn request_state<T: 'static>(&mut self) -> Option<()> {
        let found = self.record.states.request::<T>().map(drop);
        if found.is_none() {
            self.state_is_missing::<T>("RequestState", StateKind::Request, ".request_state(|_| …)");
        }
        found
    }

    fn state_is_missing<T>(&mut self, extractor: &str, kind: StateKind, mend: &str) {
        let wanted = type_name::<T>();
        let there = self.record.states.names(kind);
        let there = if there.is_empty() { String::new() } else { format!(" (there is {})", there.join(", ")) };
        self.missing(format!(
            "wants {extractor}<{wanted}>, which nobody gave{there}: add `{mend}` to the application or to a scope of the route"
        ));
    }

    /// What is to be provided instead of the dependency `T`.
    pub(crate) fn override_of<T: 'static>(&self) -> Option<Arc<Override<T>>> {
        self.record.states.dependency::<T>()
    }

    /// Binds what may be left out where it fails.
    fn optionally<B>(&mut self, bind: impl FnOnce(&mut Self) -> B) -> B {
        self.plan.optional += 1;
        let bound = bind(self);
        self.plan.optional -= 1;
        bound
    }

    /// What the route was told for whoever knows `T`: [`RouteInfo::config`](crate::RouteInfo::config), at start-up.
    ///
    /// ```
    /// # use fastweb_core::{App, BindCx, Extract, Request, Result, get};
    /// /// How many of something a route's answers have.
    /// struct PerPage(usize);
    ///
    /// impl Extract for PerPage {
    ///     type Bound = usize;
    ///
    ///     fn bind(cx: &mut BindCx<'_>) -> Option<usize> {
    ///         Some(cx.config::<PerPage>().map_or(10, |page| page.0))
    ///     }
    ///
    ///     fn extract(bound: &usize, _: &mut Request) -> Result<Self> {
    ///         Ok(PerPage(*bound))
    ///     }
    /// }
    ///
    /// let app = App::new().route(get("/users", async |page: PerPage| page.0.to_string()).config(PerPage(50)));
    /// # drop(app);
    /// ```
    pub fn config<T: 'static>(&self) -> Option<&'a T> {
        self.record.configs.get()
    }

    /// The place of a parameter of the route's path.
    pub(crate) fn path_param(&self, name: &str) -> Option<usize> {
        self.record.param_names.iter().position(|candidate| **candidate == *name)
    }

    /// The number of parameters in the route's path.
    pub fn path_params(&self) -> usize {
        self.record.param_names.len()
    }

    /// Makes the start fail: `problem` completes the sentence "the handler …".
    pub fn missing(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        self.missing.push(match self.plan.context() {
            Some(dependency) => format!("{dependency} {problem}"),
            None => problem,
        });
    }
}

impl fmt::Debug for BindCx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BindCx").field("route", &self.record.description).finish_non_exhaustive()
    }
}

impl<T: Extract> Extract for Option<T> {
    type Bound = T::Bound;
    const BODY: BodyUse = T::BODY;

    fn bind(cx: &mut BindCx<'_>) -> Option<T::Bound> {
        cx.optionally(T::bind)
    }

    fn extract(bound: &T::Bound, req: &mut Request) -> Result<Self> {
        Ok(T::extract(bound, req).ok())
    }

    fn describe(doc: &mut RouteDoc) {
        doc.optionally(T::describe);
    }
}

impl<T: Extract> Extract for Result<T> {
    type Bound = T::Bound;
    const BODY: BodyUse = T::BODY;

    fn bind(cx: &mut BindCx<'_>) -> Option<T::Bound> {
        cx.optionally(T::bind)
    }

    fn extract(bound: &T::Bound, req: &mut Request) -> Result<Self> {
        Ok(T::extract(bound, req))
    }

    fn describe(doc: &mut RouteDoc) {
        doc.optionally(T::describe);
    }
}

macro_rules! plain_extractor {
    ($type:ty, $req:ident => $value:expr) => {
        impl Extract for $type {
            type Bound = ();

            fn bind(_: &mut BindCx<'_>) -> Option<()> {
                Some(())
            }

            fn extract((): &(), $req: &mut Request) -> Result<Self> {
                Ok($value)
            }
        }
    };
}

plain_extractor!(http::Method, req => req.method());
plain_extractor!(http::Uri, req => req.uri());
plain_extractor!(http::Version, req => req.version());
plain_extractor!(crate::request::RequestId, req => req.id());
plain_extractor!(crate::request::CancellationToken, req => req.cancellation());

#[cfg(feature = "schema")]
pub(crate) use body::whole;
#[cfg(feature = "schema")]
pub(crate) use form::FORM;
#[cfg(feature = "schema")]
pub(crate) use headers::by_name;
#[cfg(feature = "schema")]
pub(crate) use json::essence;
#[cfg(feature = "schema")]
pub(crate) use pairs::Pairs;
pub(crate) use path::ParamValue;

pub(crate) fn decode_path(raw: &str) -> Option<std::borrow::Cow<'_, str>> {
    text_value::decode(raw, text_value::Escapes::Path)
}

pub(crate) fn decode_form(raw: &str) -> Option<std::borrow::Cow<'_, str>> {
    text_value::decode(raw, text_value::Escapes::Form)
}

#[cfg(feature = "json")]
pub(crate) use json::reads_as_json;
#[cfg(feature = "json")]
pub(crate) use plans::JsonPlan;
