//! The request's cookies as an argument.

use std::fmt;
use std::rc::Rc;

use super::{BindCx, Extract};
use crate::error::Result;
use crate::request::head::Head;
use crate::request::{Request, cookies};

/// The cookies of the request (RFC 6265, 4.2): nothing is copied.
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
#[derive(Clone)]
pub struct Cookies(Rc<Head>);

impl Cookies {
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
        Ok(Self(Rc::clone(&req.head)))
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: values may hold sessions.
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
