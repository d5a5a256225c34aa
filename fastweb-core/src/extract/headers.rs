//! The request's headers as an argument.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use http::HeaderMap;
use serde::de::DeserializeOwned;

use super::pairs::{Pairs, PairsDeserializer};
use super::plans::{TextPart, TextPlan};
use super::{BindCx, Extract};
use crate::error::Result;
use crate::request::Request;
use crate::request::head::Head;
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// The headers of the request: as they came, or as `Headers<T>` read as a struct or a map by their names in lower case.
///
/// ```
/// # use fastweb_core::{App, Headers, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let agent = async |headers: Headers| headers.get("user-agent").unwrap_or("unknown").to_owned();
/// let server = App::new().get("/", agent).build().await?;
/// assert_eq!(server.inject(Inject::get("/").header("User-Agent", "curl")).await.text(), "curl");
/// # Ok(())
/// # }
/// ```
///
/// Values of a struct are read by the rules of [`Query`](crate::Query): a header that comes several times goes into a `Vec`.
///
/// ```
/// # use fastweb_core::{App, Headers, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "kebab-case")]
/// struct Paging {
///     x_page: u32,
///     x_per_page: Option<u32>,
/// }
///
/// let list = async |Headers(paging): Headers<Paging>| format!("{} {:?}", paging.x_page, paging.x_per_page);
/// let server = App::new().get("/", list).build().await?;
/// server.inject(Inject::get("/").header("X-Page", "2")).await.assert_text("2 None");
/// let reply = server.inject(Inject::get("/").header("x-page", "two")).await;
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "headers/x-page must be integer");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Headers<T = AllHeaders>(pub T);

impl Extract for Headers {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(Self(AllHeaders(Rc::clone(&req.head))))
    }
}

impl<T: DeserializeOwned + 'static> Extract for Headers<T> {
    type Bound = TextPlan;

    fn bind(cx: &mut BindCx<'_>) -> Option<TextPlan> {
        TextPlan::bind::<T>(cx, TextPart::Headers)
    }

    fn extract(plan: &TextPlan, req: &mut Request) -> Result<Self> {
        let plain = |req: &Request| {
            let named: Vec<_> = by_name(req).collect();
            let mut pairs = Pairs::none(None);
            let pairs = pairs.plain(named.iter().map(|(name, value)| (&**name, &**value)));
            let read = pairs.and_then(|pairs| T::deserialize(PairsDeserializer(pairs)));
            read.map_err(|error| error.into_error("headers"))
        };
        plan.read(req, plain).map(Self)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.headers.add(TextPlan::schema_of::<T>(TextPart::Headers));
    }
}

/// Names in lower case, and values as text.
pub(crate) fn by_name(req: &Request) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    req.headers().map(|(name, value)| {
        let name = match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(name.to_ascii_lowercase()),
            false => Cow::Borrowed(name),
        };
        (name, String::from_utf8_lossy(value))
    })
}

impl<T> Deref for Headers<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// All headers of a request: nothing is copied. What [`Headers`] has where nothing else is asked for.
#[derive(Clone)]
pub struct AllHeaders(Rc<Head>);

impl AllHeaders {
    /// The first value of a header where it is text, whatever the case of the name's letters.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_bytes(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// The first value of a header.
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.field(name)
    }

    /// All values of a header that are text.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).filter_map(|(_, v)| std::str::from_utf8(v).ok())
    }

    /// All headers in the order in which they came, names as they were written.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.0.fields()
    }

    /// The number of headers.
    pub fn len(&self) -> usize {
        self.0.fields().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A copy as [`http::HeaderMap`].
    pub fn to_header_map(&self) -> HeaderMap {
        self.0.header_map()
    }
}

impl fmt::Debug for AllHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: values may hold credentials.
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
