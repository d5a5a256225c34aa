//! The parameters of the path as an argument.

use std::fmt;
use std::ops::Deref;

use serde::de::DeserializeOwned;

use super::params::{PathParams, Shape, named, shape_of};
use super::plans::{TextPart, TextPlan};
use super::{BindCx, Extract};
use crate::error::Result;
use crate::request::Request;
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// The parameters of the route's path: one value, a tuple in the order of the path, or a struct by name.
///
/// Values are percent-decoded, each for itself: `%2F` is a slash within a value. A value that does not have its type is 400, and
/// so is a malformed escape. A type that reads another number of parameters than the path has is an error from `build()`.
/// [`Text`](crate::Text) values are not copied.
///
/// ```
/// # use fastweb_core::{App, Inject, Path};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let file = async |Path((repo, line)): Path<(String, u32)>| format!("{repo}, line {line}");
/// let server = App::new().get("/{repo}/blob/{line}", file).build().await?;
/// assert_eq!(server.inject(Inject::get("/a%20b/blob/7")).await.text(), "a b, line 7");
/// assert_eq!(server.inject(Inject::get("/a/blob/x")).await.status(), 400);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> Extract for Path<T> {
    /// `None` where it is not read by name.
    type Bound = Option<TextPlan>;

    fn bind(cx: &mut BindCx<'_>) -> Option<Option<TextPlan>> {
        let given = cx.path_params();
        let wanted = match shape_of::<T>() {
            Shape::One if given != 1 => 1,
            Shape::Exactly(n) if given != n => n,
            Shape::One | Shape::Exactly(_) => return Some(None),
            _ => return TextPlan::bind::<T>(cx, TextPart::Params).map(Some),
        };
        let name = std::any::type_name::<T>();
        let plural = if wanted == 1 { "" } else { "s" };
        cx.missing(format!("wants Path<{name}>, which reads {wanted} parameter{plural}, and the path has {given}"));
        None
    }

    fn extract(plan: &Option<TextPlan>, req: &mut Request) -> Result<Self> {
        let plain = |req: &Request| {
            let params = PathParams { head: &req.head, params: &req.params, names: req.param_names() };
            T::deserialize(params).map_err(|error| error.into_error("params"))
        };
        match plan {
            None => plain(req).map(Path),
            Some(plan) => plan.read(req, plain).map(Path),
        }
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.params.add(TextPlan::schema_of::<T>(TextPart::Params));
    }
}

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Path<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Path").field(&self.0).finish()
    }
}

/// A type that can be read from one parameter of the path.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the path",
    label = "this argument has the name of a parameter of the path",
    note = "such an argument is a number, a text, a `bool`, an enum of plain words, or another type that implements `serde::Deserialize`",
    note = "an extractor gets another name than the parameter"
)]
pub trait ParamValue: Sized + 'static {
    /// Reads the parameter at this place of the path.
    ///
    /// # Errors
    /// It does not have the type.
    fn read(at: usize, req: &Request) -> Result<Self>;

    /// Its JSON Schema, where the type has one.
    #[cfg(feature = "schema")]
    fn schema() -> Option<serde_json::Value>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + 'static> ParamValue for T {
    fn read(at: usize, req: &Request) -> Result<Self> {
        let params = PathParams { head: &req.head, params: &req.params, names: req.param_names() };
        named(params, at).map_err(|error| error.into_error("params"))
    }

    #[cfg(feature = "schema")]
    fn schema() -> Option<serde_json::Value> {
        fastweb_schema::model::schema_of::<T>()
    }
}
