//! Forms: bodies of `application/x-www-form-urlencoded`, and the rules by which other media types are read like them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use serde::de::DeserializeOwned;

use super::body::whole;
use super::pairs::{Pairs, PairsDeserializer};
use super::plans::{TextPart, TextPlan};
use super::{BindCx, BodyUse, Extract};
use crate::error::{Code, Error, Result};
use crate::request::Request;
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// The request's body, read from `application/x-www-form-urlencoded`: what HTML forms send.
///
/// Values are read by the rules of [`Query`](crate::Query): a struct, a map or a list of pairs; a `Vec` field takes every value of its key. A body of
/// another media type is 415, one with a malformed escape or without UTF-8 is 400, and so is a value that does not have its type.
///
/// ```
/// # use fastweb_core::{App, Form, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(serde::Deserialize)]
/// struct Login {
///     name: String,
///     #[serde(default)]
///     remember: bool,
/// }
///
/// let login = async |Form(login): Form<Login>| format!("{} {}", login.name, login.remember);
/// let server = App::new().post("/login", login).build().await?;
/// let form = |body: &str| Inject::post("/login").header("content-type", "application/x-www-form-urlencoded").body(body);
/// server.inject(form("name=Ada+L&remember=true")).await.assert_text("Ada L true");
/// let reply = server.inject(form("name=Ada&remember=on")).await;
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "body/remember must be boolean");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

impl<T: DeserializeOwned + 'static> Extract for Form<T> {
    type Bound = TextPlan;
    const BODY: BodyUse = BodyUse::Whole;

    fn bind(cx: &mut BindCx<'_>) -> Option<TextPlan> {
        TextPlan::bind::<T>(cx, TextPart::Form)
    }

    fn extract(plan: &TextPlan, req: &mut Request) -> Result<Self> {
        check_media_type(req)?;
        let plain = |req: &Request| {
            let text = std::str::from_utf8(whole(req)?).map_err(|error| {
                Error::from_code(Code::InvalidBody).with_message(format!("The form is no UTF-8 text: {error}"))
            })?;
            let mut pairs = Pairs::none(None);
            let form = pairs.parse(text).and_then(|pairs| T::deserialize(PairsDeserializer(pairs)));
            form.map_err(|error| error.into_error("body"))
        };
        plan.read(req, plain).map(Form)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.add_body(FORM, TextPlan::schema_of::<T>(TextPart::Form));
    }
}

fn check_media_type(req: &Request) -> Result<()> {
    if req.is_parsed {
        return Err(Error::internal(
            "a content-type parser has made JSON of a form that the handler takes as `Form`: take `Json`, or give the parser a narrower \
             media type",
        ));
    }
    let media_type = req.head.content_type();
    let essence = media_type.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
    if essence.eq_ignore_ascii_case(FORM.as_bytes()) {
        return Ok(());
    }
    let what = if media_type.is_empty() { "no" } else { "another" };
    let message = format!("This route reads {FORM}, and the request has {what} content-type");
    Err(Error::from_code(Code::UnsupportedMediaType).with_message(message))
}

/// How names and values become a `T` by the rules of [`Form`], wherever they come from: what extractors of other media types are bound to.
///
/// ```
/// # use fastweb_core::{App, BindCx, BodyUse, FormPlan, FromRequest, Inject, Request, Result};
/// /// Lines of `name: value`.
/// struct Lines<T>(T);
///
/// impl<T: serde::de::DeserializeOwned + 'static> FromRequest for Lines<T> {
///     type Bound = FormPlan<T>;
///     const BODY: BodyUse = BodyUse::Stream;
///
///     fn bind(cx: &mut BindCx<'_>) -> Option<FormPlan<T>> {
///         FormPlan::bind(cx)
///     }
///
///     async fn from_request(plan: &FormPlan<T>, req: &mut Request) -> Result<Self> {
///         let text = req.text().await?;
///         plan.read(text.lines().filter_map(|line| line.split_once(": "))).map(Lines)
///     }
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Point {
///     x: i32,
///     y: i32,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let sum = |Lines(point): Lines<Point>| (point.x + point.y).to_string();
/// let server = App::new().post("/", sum).build().await?;
/// server.inject(Inject::post("/").body("x: 1\ny: 2")).await.assert_text("3");
/// let reply = server.inject(Inject::post("/").body("x: 1\ny: two")).await;
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "body/y must be integer");
/// # Ok(())
/// # }
/// ```
pub struct FormPlan<T> {
    plan: TextPlan,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + 'static> FormPlan<T> {
    /// Looks up the schema of the type, where it has one. `None` where that is none, which stops the start.
    pub fn bind(cx: &mut BindCx<'_>) -> Option<Self> {
        TextPlan::bind::<T>(cx, TextPart::Form).map(|plan| Self { plan, of: PhantomData })
    }

    /// Reads names and values: several of one name are a list.
    ///
    /// # Errors
    /// They are no valid `T` (400).
    pub fn read<'p>(&self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Result<T> {
        let pairs = pairs.into_iter().map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))).collect();
        self.plan.read_pairs(pairs, |named| {
            let mut pairs = Pairs::none(None);
            let pairs = pairs.plain(named.iter().map(|(name, value)| (&**name, &**value)));
            let form = pairs.and_then(|pairs| T::deserialize(PairsDeserializer(pairs)));
            form.map_err(|error| error.into_error("body"))
        })
    }

    /// The JSON Schema of such a form, if the type is a model with fields: for [`RouteDoc::add_body`].
    #[cfg(feature = "schema")]
    pub fn schema() -> Option<serde_json::Value> {
        TextPlan::schema_of::<T>(TextPart::Form)
    }
}

impl<T> fmt::Debug for FormPlan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormPlan").finish_non_exhaustive()
    }
}

impl<T> Deref for Form<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Form<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Form<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Form").field(&self.0).finish()
    }
}
