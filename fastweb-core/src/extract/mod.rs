//! Extractors: the arguments of handlers.

mod body;
mod headers;
#[cfg(feature = "json")]
mod json;
mod params;
mod path;
mod query;
mod state;
mod text_value;

pub use headers::Headers;
#[cfg(feature = "json")]
pub use json::{Json, RawJson};
pub use path::Path;
pub use query::Query;
pub use state::State;

use std::rc::Rc;
use std::sync::Arc;

use crate::error::Result;
use crate::request::Request;

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

/// A type that can be an argument of a handler.
///
/// Comes with: [`Path`], [`Query`], [`Headers`], [`State`], [`Json`], [`Bytes`](bytes::Bytes), [`String`], [`Text`](crate::Text), [`Body`](crate::Body), [`Method`](http::Method),
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
}

/// Where extractors find what they need from the application.
#[derive(Debug)]
pub struct BindCx<'a> {
    states: &'a crate::app::States,
    params: usize,
    missing: &'a mut Vec<String>,
}

impl<'a> BindCx<'a> {
    pub(crate) fn new(states: &'a crate::app::States, params: usize, missing: &'a mut Vec<String>) -> Self {
        Self { states, params, missing }
    }

    /// The application's state of type `T`. Says that it is missing where it is.
    pub fn state<T: Send + Sync + 'static>(&mut self) -> Option<Arc<T>> {
        let found = self.states.get::<T>();
        if found.is_none() {
            self.missing(format!("wants State<{}>, which nobody gave", std::any::type_name::<T>()));
        }
        found
    }

    /// The number of parameters in the route's path.
    pub fn path_params(&self) -> usize {
        self.params
    }

    /// Makes the start fail: `problem` completes the sentence "the handler …".
    pub fn missing(&mut self, problem: impl Into<String>) {
        self.missing.push(problem.into());
    }
}

impl<T: Extract> Extract for Option<T> {
    type Bound = T::Bound;
    const BODY: BodyUse = T::BODY;

    fn bind(cx: &mut BindCx<'_>) -> Option<T::Bound> {
        T::bind(cx)
    }

    fn extract(bound: &T::Bound, req: &mut Request) -> Result<Self> {
        Ok(T::extract(bound, req).ok())
    }
}

impl<T: Extract> Extract for Result<T> {
    type Bound = T::Bound;
    const BODY: BodyUse = T::BODY;

    fn bind(cx: &mut BindCx<'_>) -> Option<T::Bound> {
        T::bind(cx)
    }

    fn extract(bound: &T::Bound, req: &mut Request) -> Result<Self> {
        Ok(T::extract(bound, req))
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
plain_extractor!(Headers, req => Headers(Rc::clone(&req.head)));

pub(crate) fn decode_path(raw: &str) -> Option<std::borrow::Cow<'_, str>> {
    text_value::decode(raw, text_value::Escapes::Path)
}

#[cfg(feature = "json")]
pub(crate) use json::parse as parse_json;
