//! The request's headers as an argument.

use std::fmt;
use std::rc::Rc;

use http::HeaderMap;

use crate::request::head::Head;

/// The headers of the request, as they came: nothing is copied.
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
#[derive(Clone)]
pub struct Headers(pub(super) Rc<Head>);

impl Headers {
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

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: values may hold credentials.
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
