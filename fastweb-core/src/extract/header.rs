//! One header of the request as an argument.

use std::any::type_name;
use std::fmt;
use std::ops::Deref;

use super::{BindCx, Extract};
use crate::error::{Detail, Error, Result};
use crate::reply::is_header_name;
use crate::request::Request;

/// A type that is read from one header: its name stands at the type, so that it is written once, and not at every handler.
///
/// ```
/// # use fastweb_core::{App, FromHeader, Header, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// struct Depth(u8);
///
/// impl FromHeader for Depth {
///     const NAME: &'static str = "depth";
///
///     fn from_header(value: &str) -> Result<Self, String> {
///         value.parse().map(Depth).map_err(|_| "must be an integer from 0 to 255".to_owned())
///     }
/// }
///
/// let list = async |Header(Depth(depth)): Header<Depth>| format!("{depth} levels");
/// let server = App::new().get("/tree", list).build().await?;
/// server.inject(Inject::get("/tree").header("Depth", "2")).await.assert_text("2 levels");
/// let reply = server.inject(Inject::get("/tree").header("depth", "all")).await.assert_status(400).clone();
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "headers/depth must be an integer from 0 to 255");
/// # Ok(())
/// # }
/// ```
pub trait FromHeader: Sized + 'static {
    /// The header's name, in lower case.
    const NAME: &'static str;

    /// Reads the value.
    ///
    /// # Errors
    /// What the value must be: it completes the sentence "headers/x-name …", which the client reads. Never the value itself.
    fn from_header(value: &str) -> Result<Self, String>;
}

/// One header, read as `T`, which says its name: see [`FromHeader`]. Where the header comes more than once, its first value.
///
/// A request without it, or with a value that is none, is 400. `Option<Header<T>>` is `None` then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header<T>(pub T);

impl<T: FromHeader> Extract for Header<T> {
    type Bound = ();

    fn bind(cx: &mut BindCx<'_>) -> Option<()> {
        if !is_header_name(T::NAME) {
            cx.missing(format!("wants Header<{}>, whose name {:?} is no header's", type_name::<T>(), T::NAME));
            return None;
        }
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let Some(value) = req.header_bytes(T::NAME) else {
            let message = format!("must have required property '{}'", T::NAME);
            return Err(invalid(String::new(), "required", message));
        };
        let read = std::str::from_utf8(value).map_err(|_| "must be text".to_owned()).and_then(T::from_header);
        read.map(Self).map_err(|message| invalid(format!("/{}", T::NAME), "format", message))
    }
}

fn invalid(pointer: String, keyword: &'static str, message: String) -> Error {
    Error::invalid(Detail { part: "headers", pointer, keyword, message })
}

impl<T> Deref for Header<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for Header<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
