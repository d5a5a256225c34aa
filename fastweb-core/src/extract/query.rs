//! The query as an argument.

use std::fmt;
use std::ops::Deref;

use serde::de::DeserializeOwned;

use super::pairs::{Pairs, PairsDeserializer};
use super::plans::{TextPart, TextPlan};
use super::{BindCx, Extract};
use crate::error::Result;
use crate::request::Request;
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// The query (`?q=rust&limit=10`), read as a struct, a map or a list of pairs.
///
/// A `Vec` field takes every value of its key, also where there is one: `?id=1&id=2`. A key that is repeated where one value is
/// wanted is 400, and so is a value that does not have its type, or a missing key without default. Unknown keys are not
/// looked at, unless the type is `#[serde(deny_unknown_fields)]`. [`Text`](crate::Text) fields are not copied.
///
/// ```
/// # use fastweb_core::{App, Inject, Query};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(serde::Deserialize)]
/// struct Search {
///     q: String,
///     #[serde(default)]
///     limit: u32,
/// }
/// let search = async |Query(s): Query<Search>| format!("{} {}", s.q, s.limit);
/// let server = App::new().get("/search", search).build().await?;
/// assert_eq!(server.inject(Inject::get("/search?q=a+b&limit=5")).await.text(), "a b 5");
/// let reply = server.inject(Inject::get("/search?q=a&limit=ten")).await;
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "querystring/limit must be integer");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> Extract for Query<T> {
    type Bound = TextPlan;

    fn bind(cx: &mut BindCx<'_>) -> Option<TextPlan> {
        TextPlan::bind::<T>(cx, TextPart::Query)
    }

    fn extract(plan: &TextPlan, req: &mut Request) -> Result<Self> {
        let plain = |req: &Request| {
            let text = req.head.query().unwrap_or_default();
            let mut pairs = Pairs::none(Some(&req.head));
            let read = pairs.parse(text).and_then(|pairs| T::deserialize(PairsDeserializer(pairs)));
            read.map_err(|error| error.into_error("querystring"))
        };
        plan.read(req, plain).map(Query)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.query.add(TextPlan::schema_of::<T>(TextPart::Query));
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query").field(&self.0).finish()
    }
}
