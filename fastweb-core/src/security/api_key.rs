//! Keys of the application's own.

use std::fmt;
use std::marker::PhantomData;

use super::{SecurityScheme, same, unauthorized};
use crate::error::{Error, Result};
use crate::extract::{BindCx, Extract, decode_form};
use crate::request::{Request, Text};
use crate::route::RouteDoc;

/// Where an API key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyIn {
    /// A header.
    Header,
    /// A parameter of the query. It stands in logs and in browsers' histories then.
    Query,
    /// A cookie.
    Cookie,
}

/// Where and under which name clients send a key. See [`ApiKey`].
pub trait ApiKeyScheme: 'static {
    /// Where.
    const PLACE: KeyIn;
    /// The name of the header, the parameter or the cookie.
    const NAME: &'static str;
}

/// A key that clients send in a header, the query or a cookie. Without it, or with two of them, it is 401.
///
/// ```
/// # use fastweb_core::{ApiKey, ApiKeyScheme, App, Inject, KeyIn, Result};
/// struct ShopKey;
///
/// impl ApiKeyScheme for ShopKey {
///     const PLACE: KeyIn = KeyIn::Header;
///     const NAME: &'static str = "x-api-key";
/// }
///
/// async fn stock(key: ApiKey<ShopKey>) -> Result<&'static str> {
///     if key.is("k-1") { Ok("7 hats") } else { Err(ApiKey::<ShopKey>::refused()) }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().get("/stock", stock).build().await?;
/// assert_eq!(server.inject(Inject::get("/stock").header("x-api-key", "k-1")).await.text(), "7 hats");
/// let reply = server.inject(Inject::get("/stock")).await;
/// assert_eq!(reply.header("www-authenticate"), Some(r#"ApiKey in="header", name="x-api-key""#));
/// # Ok(())
/// # }
/// ```
pub struct ApiKey<S> {
    key: Text,
    _scheme: PhantomData<fn() -> S>,
}

impl<S: ApiKeyScheme> ApiKey<S> {
    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it is this one. The time that it takes does not tell how much of it is right.
    pub fn is(&self, key: &str) -> bool {
        same(&self.key, key)
    }

    /// The answer where it is wrong: 401, with the challenge.
    pub fn refused() -> Error {
        unauthorized("the API key is not valid", challenge::<S>())
    }
}

/// No scheme of IANA's registry, but RFC 9110, 15.5.2 wants every 401 to have a challenge.
fn challenge<S: ApiKeyScheme>() -> String {
    format!(r#"ApiKey in="{}", name="{}""#, place::<S>().0, S::NAME)
}

fn place<S: ApiKeyScheme>() -> (&'static str, &'static str) {
    match S::PLACE {
        KeyIn::Header => ("header", "the header"),
        KeyIn::Query => ("query", "the parameter"),
        KeyIn::Cookie => ("cookie", "the cookie"),
    }
}

impl<S: ApiKeyScheme> Extract for ApiKey<S> {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let key = match S::PLACE {
            KeyIn::Header => only(in_header(req, S::NAME)),
            KeyIn::Query => only(in_query(req, S::NAME)),
            KeyIn::Cookie => only(in_cookies(req, S::NAME)),
        };
        let key = key.flatten().filter(|key| !key.is_empty());
        key.map(|key| Self { key, _scheme: PhantomData }).ok_or_else(|| {
            unauthorized(format!("an API key is missing in {} {}", place::<S>().1, S::NAME), challenge::<S>())
        })
    }

    fn describe(doc: &mut RouteDoc) {
        doc.add_security(SecurityScheme::ApiKey { place: S::PLACE, name: S::NAME });
    }
}

/// Of two keys nobody could say which one counts: a proxy may have looked at the other.
fn only<T>(mut keys: impl Iterator<Item = T>) -> Option<T> {
    let first = keys.next()?;
    keys.next().is_none().then_some(first)
}

fn in_header<'r>(req: &'r Request, name: &'r str) -> impl Iterator<Item = Option<Text>> + 'r {
    let values = req.headers().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
    values.map(|(_, value)| std::str::from_utf8(value).ok().map(|key| Text::in_head(&req.head, key)))
}

fn in_query<'r>(req: &'r Request, name: &'r str) -> impl Iterator<Item = Option<Text>> + 'r {
    let pairs = req.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let named = pairs.filter(move |(other, _)| decode_form(other).is_some_and(|other| other == name));
    named.map(|(_, value)| decode_form(value).map(|key| Text::from(key.into_owned())))
}

/// RFC 6265, 4.2: `cookie: a=1; b=2`.
fn in_cookies<'r>(req: &'r Request, name: &'r str) -> impl Iterator<Item = Option<Text>> + 'r {
    let fields = req.headers().filter(|(field, _)| field.eq_ignore_ascii_case("cookie"));
    let pairs = fields.filter_map(|(_, value)| std::str::from_utf8(value).ok()).flat_map(|value| value.split(';'));
    let named = pairs.filter_map(move |pair| {
        let (other, value) = pair.trim_matches(' ').split_once('=')?;
        (other == name).then_some(value)
    });
    named.map(|value| {
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        Some(Text::in_head(&req.head, bare))
    })
}

impl<S> Clone for ApiKey<S> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), _scheme: PhantomData }
    }
}

impl<S> fmt::Debug for ApiKey<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").finish_non_exhaustive()
    }
}
