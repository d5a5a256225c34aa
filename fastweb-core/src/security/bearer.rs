//! Tokens.

use std::fmt;

use super::{SecurityScheme, credentials, same, unauthorized};
use crate::error::{Error, Result};
use crate::extract::{BindCx, Extract};
use crate::request::{Request, Text};
use crate::route::RouteDoc;

/// The token of `authorization: Bearer …` ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)). Without one it is 401.
///
/// ```
/// # use fastweb_core::{App, Bearer, Inject, Result};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// async fn secret(token: Bearer) -> Result<&'static str> {
///     if token.is("s3cr3t") { Ok("42") } else { Err(Bearer::refused()) }
/// }
/// let server = App::new().get("/", secret).build().await?;
/// let with = |token| Inject::get("/").header("authorization", token);
/// assert_eq!(server.inject(with("Bearer s3cr3t")).await.text(), "42");
/// let reply = server.inject(with("Bearer guessed")).await;
/// assert_eq!(reply.header("www-authenticate"), Some(r#"Bearer realm="api", error="invalid_token""#));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Bearer(Text);

impl Bearer {
    /// The token.
    pub fn token(&self) -> &str {
        &self.0
    }

    /// Whether it is this one. The time that it takes does not tell how much of it is right.
    pub fn is(&self, token: &str) -> bool {
        same(&self.0, token)
    }

    /// The answer where it is wrong or no longer valid: 401, with the challenge.
    pub fn refused() -> Error {
        unauthorized("the token is not valid", r#"Bearer realm="api", error="invalid_token""#.to_owned())
    }
}

impl Extract for Bearer {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let token = credentials(req, "Bearer").filter(|token| is_token(token));
        let token = token.map(|token| Text::in_head(&req.head, token));
        // RFC 6750, 3.1: who has sent no credentials is told no error.
        token.map(Self).ok_or_else(|| unauthorized("a bearer token is missing", r#"Bearer realm="api""#.to_owned()))
    }

    fn describe(doc: &mut RouteDoc) {
        doc.add_security(SecurityScheme::Bearer);
    }
}

/// RFC 6750, 2.1: `b64token`.
fn is_token(text: &str) -> bool {
    let text = text.trim_end_matches('=');
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").finish_non_exhaustive()
    }
}
