//! The request's cookies as an argument.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use serde::de::DeserializeOwned;

use super::pairs::{Pairs, PairsDeserializer};
use super::plans::{TextPart, TextPlan};
use super::{BindCx, Extract};
use crate::error::Result;
use crate::request::head::Head;
use crate::request::{Request, cookies};
#[cfg(feature = "schema")]
use crate::route::RouteDoc;

/// The cookies of the request (RFC 6265, 4.2): as they came, or as `Cookies<T>` read as a struct or a map by their names, by the rules of
/// [`Query`](crate::Query).
///
/// Values are as they came, without the quotes around them if there are any; cookies whose content is percent-encoded or signed are the
/// application's to decode. What is no `name=value` with a token for its name is passed over.
///
/// ```
/// # use fastweb_core::{App, Cookies, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let theme = async |cookies: Cookies| cookies.get("theme").unwrap_or("light").to_owned();
/// let server = App::new().get("/theme", theme).build().await?;
/// server.inject(Inject::get("/theme").header("cookie", "id=7; theme=dark")).await.assert_text("dark");
/// server.inject(Inject::get("/theme")).await.assert_text("light");
/// # Ok(())
/// # }
/// ```
///
/// ```
/// # use fastweb_core::{App, Cookies, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(serde::Deserialize)]
/// struct Visit {
///     #[serde(default)]
///     count: u32,
/// }
///
/// let visits = async |Cookies(visit): Cookies<Visit>| visit.count.to_string();
/// let server = App::new().get("/", visits).build().await?;
/// server.inject(Inject::get("/").header("cookie", "count=3; theme=dark")).await.assert_text("3");
/// server.inject(Inject::get("/").header("cookie", "count=x")).await.assert_status(400);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Cookies<T = AllCookies>(pub T);

/// All cookies of a request: nothing is copied. What [`Cookies`] has where nothing else is asked for.
#[derive(Clone)]
pub struct AllCookies(Rc<Head>);

impl AllCookies {
    /// The value of the first cookie of this name. Names are case-sensitive. Of several the client sends the one with the longest path first.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(candidate, _)| *candidate == name).map(|(_, value)| value)
    }

    /// All cookies in the order in which they came: names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        cookies::of(&self.0)
    }
}

impl Extract for Cookies {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        Ok(Self(AllCookies(Rc::clone(&req.head))))
    }
}

impl<T: DeserializeOwned + 'static> Extract for Cookies<T> {
    type Bound = TextPlan;

    fn bind(cx: &mut BindCx<'_>) -> Option<TextPlan> {
        TextPlan::bind::<T>(cx, TextPart::Cookies)
    }

    fn extract(plan: &TextPlan, req: &mut Request) -> Result<Self> {
        let plain = |req: &Request| {
            let mut pairs = Pairs::none(None);
            let first = pairs.plain(cookies::first_of_each(&req.head));
            let read = first.and_then(|pairs| T::deserialize(PairsDeserializer(pairs)));
            read.map_err(|error| error.into_error("cookies"))
        };
        plan.read(req, plain).map(Self)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut RouteDoc) {
        doc.cookies.add(TextPlan::schema_of::<T>(TextPart::Cookies));
    }
}

impl<T> Deref for Cookies<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl fmt::Debug for AllCookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: values may hold sessions.
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
