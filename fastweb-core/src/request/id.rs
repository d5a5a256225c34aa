//! Request ids: the server's own counter, one that came with the request, or one that the application makes.

use std::fmt;
use std::sync::Arc;

use super::Request;
use crate::reply::{Reply, is_header_name};

/// The id of a request. By default its number, unique within the running server and shown in base 36, as in Fastify: `req-1`, `req-1k`. By
/// [`App::request_ids`](crate::App::request_ids) it may come from a header, or from the application.
///
/// A number is a number until somebody prints it; making one costs nothing.
///
/// ```
/// # use fastweb_core::App;
/// # use fastweb_core::{Inject, Request};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let server = App::new().get("/", |req: &mut Request| req.id().to_string()).build().await?;
/// let reply = server.inject(Inject::get("/")).await;
/// assert!(reply.text().starts_with("req-"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Number(u64),
    Text(Arc<str>),
}

impl RequestId {
    pub(crate) fn number(number: u64) -> Self {
        Self(Repr::Number(number))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Number(number) => write_number(*number, f),
            Repr::Text(text) => f.write_str(text),
        }
    }
}

fn write_number(number: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    // 36^13 > 2^64
    let mut text = [b'0'; 13];
    let mut at = text.len();
    let mut rest = number;
    loop {
        at -= 1;
        text[at] = DIGITS[(rest % 36) as usize];
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    f.write_str("req-")?;
    f.write_str(std::str::from_utf8(&text[at..]).unwrap_or_default())
}

/// Where the ids of requests come from, and whether clients are told: [`App::request_ids`](crate::App::request_ids).
///
/// ```
/// # use fastweb_core::{App, Inject, Request, RequestIds};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let ids = RequestIds::new().from_header("x-request-id").echo("x-request-id");
/// let server = App::new().request_ids(ids).get("/", |req: &mut Request| req.id().to_string()).build().await?;
/// let reply = server.inject(Inject::get("/").header("x-request-id", "a1-b2")).await;
/// reply.assert_text("a1-b2").assert_header("x-request-id", "a1-b2");
/// // What is no id is passed over.
/// let reply = server.inject(Inject::get("/").header("x-request-id", "two words")).await;
/// assert!(reply.text().starts_with("req-"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct RequestIds {
    pub(crate) header: Option<Box<str>>,
    pub(crate) generate: Option<Arc<Generate>>,
    pub(crate) echo: Option<Box<str>>,
}

pub(crate) type Generate = dyn Fn(&Request) -> String + Send + Sync;

/// An id that is longer is none: it stands in every line that is logged about its request.
const LONGEST: usize = 128;

impl RequestIds {
    /// The server's own numbers, and clients are not told: the default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the id from this header where the request has it and it is one: 1 to 128 letters, digits and `-_.:/+=@~`. Clients can then choose their
    /// ids, and two requests may have the same.
    #[must_use]
    pub fn from_header(mut self, name: impl Into<Box<str>>) -> Self {
        self.header = Some(name.into());
        self
    }

    /// Makes the ids of requests that bring none: Fastify's `genReqId`. It runs before the first hook of a request. What it makes is held to the
    /// same characters and length; where it makes something else, that is logged and the request has its number.
    ///
    /// ```
    /// # use std::sync::atomic::{AtomicU64, Ordering};
    /// # use fastweb_core::{App, Inject, Request, RequestIds};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let count = AtomicU64::new(0);
    /// let ids = RequestIds::new().generate(move |_| format!("shop-{}", count.fetch_add(1, Ordering::Relaxed)));
    /// let server = App::new().request_ids(ids).get("/", |req: &mut Request| req.id().to_string()).build().await?;
    /// assert_eq!(server.inject(Inject::get("/")).await.text(), "shop-0");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn generate(mut self, generate: impl Fn(&Request) -> String + Send + Sync + 'static) -> Self {
        self.generate = Some(Arc::new(generate));
        self
    }

    /// Sends the id of every request with its reply, in this header.
    #[must_use]
    pub fn echo(mut self, name: impl Into<Box<str>>) -> Self {
        self.echo = Some(name.into());
        self
    }

    pub(crate) fn is_usual(&self) -> bool {
        self.header.is_none() && self.generate.is_none() && self.echo.is_none()
    }

    /// What is wrong with these.
    pub(crate) fn problem(&self) -> Option<String> {
        let names = [&self.header, &self.echo];
        let wrong = names.into_iter().flatten().find(|name| !is_header_name(name))?;
        Some(format!("RequestIds names the header {wrong:?}, which is no header's name: write one like `x-request-id`"))
    }

    /// Whether ids have to be made before the first hook.
    pub(crate) fn are_made(&self) -> bool {
        self.header.is_some() || self.generate.is_some()
    }

    /// Gives `request` its id, where that is not its number.
    pub(crate) fn assign(&self, request: &mut Request) {
        let brought = self.header.as_deref().and_then(|name| request.header(name)).filter(|id| is_id(id));
        let id: Arc<str> = match (brought, &self.generate) {
            (Some(id), _) => id.into(),
            (None, Some(generate)) => match generate(request) {
                id if is_id(&id) => id.into(),
                _ => {
                    let number = request.id();
                    tracing::error!(request_id = %number, "an id that was made for a request is empty, too long or has other characters than ids have");
                    return;
                }
            },
            (None, None) => return,
        };
        request.extensions_mut().insert(RequestId(Repr::Text(id)));
    }

    pub(crate) fn tell(name: &str, request: &Request, reply: &mut Reply) {
        reply.set_header(name, request.id().to_string());
    }
}

/// Visible characters that mean nothing in a header, a log or a shell.
fn is_id(text: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@~".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(may_stand)
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestIds")
            .field("header", &self.header)
            .field("generate", &self.generate.is_some())
            .field("echo", &self.echo)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_base_36() {
        let text = |number| RequestId::number(number).to_string();
        assert_eq!(text(0), "req-0");
        assert_eq!(text(35), "req-z");
        assert_eq!(text(36), "req-10");
        assert_eq!(text(u64::MAX), "req-3w5e11264sgsf");
    }

    #[test]
    fn ids_are_bounded() {
        for good in ["a", "01HZX-5.b", "Root=1-67891233-abcdef012345678912345678", &"x".repeat(LONGEST)] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "a b", "a\n", "ä", "a\"", "a;b", "a,b", "${x}", &"x".repeat(LONGEST + 1)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
