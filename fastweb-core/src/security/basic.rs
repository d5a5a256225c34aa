//! Name and password.

use std::fmt;

use super::base64::decode;
use super::{SecurityScheme, credentials, same, unauthorized};
use crate::error::{Error, Result};
use crate::extract::{BindCx, Extract};
use crate::request::Request;
use crate::route::RouteDoc;

/// Name and password as browsers send them ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)). Without them it is 401, and browsers ask.
///
/// ```
/// # use fastweb_core::{App, Basic, Inject, Result};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// async fn report(basic: Basic) -> Result<String> {
///     if !basic.is("ada", "lovelace") {
///         return Err(Basic::refused());
///     }
///     Ok(format!("for {}", basic.user()))
/// }
/// let server = App::new().get("/report", report).build().await?;
/// let request = Inject::get("/report").header("authorization", "Basic YWRhOmxvdmVsYWNl");
/// assert_eq!(server.inject(request).await.text(), "for ada");
/// let reply = server.inject(Inject::get("/report")).await;
/// assert_eq!(reply.status(), 401);
/// assert_eq!(reply.header("www-authenticate"), Some(r#"Basic realm="api", charset="UTF-8""#));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Basic {
    /// Both, with a colon between them.
    both: String,
    colon: usize,
}

impl Basic {
    /// The name.
    pub fn user(&self) -> &str {
        &self.both[..self.colon]
    }

    /// The password. It may have colons, and it may be empty.
    pub fn password(&self) -> &str {
        &self.both[self.colon + 1..]
    }

    /// Whether name and password are these. The time that it takes does not tell how much of them is right.
    pub fn is(&self, user: &str, password: &str) -> bool {
        same(self.user(), user) & same(self.password(), password)
    }

    /// The answer where they are wrong: 401, with the challenge.
    pub fn refused() -> Error {
        unauthorized("name or password is wrong", challenge())
    }
}

fn challenge() -> String {
    r#"Basic realm="api", charset="UTF-8""#.to_owned()
}

impl Extract for Basic {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let both = credentials(req, "Basic").and_then(decode).and_then(|bytes| String::from_utf8(bytes).ok());
        let parsed = both.and_then(|both| both.find(':').map(|colon| Self { both, colon }));
        parsed.ok_or_else(|| unauthorized("name and password are missing", challenge()))
    }

    fn describe(doc: &mut RouteDoc) {
        doc.add_security(SecurityScheme::Basic);
    }
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic").field("user", &self.user()).finish_non_exhaustive()
    }
}
