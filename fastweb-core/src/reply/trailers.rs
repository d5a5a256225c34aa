//! The fields that follow the body.

use http::HeaderMap;

use super::Reply;
use crate::body::trailers;

impl Reply {
    /// This reply with a field that follows its body: see [`set_trailer`](Self::set_trailer).
    #[must_use]
    pub fn with_trailer(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.set_trailer(name, value);
        self
    }

    /// Sets a field that follows the body (RFC 9110, 6.5), in place of what it was. What is known only when the body was made is set by its
    /// [`BodyWriter`](crate::BodyWriter::set_trailer).
    ///
    /// It is sent to clients that asked for trailers (`te: trailers`) over HTTP/1.1, and nobody else ever learns of it: what matters is a header. A reply with
    /// trailers is chunked, and names them in a `trailer` header. A malformed one, or one that has to stand before the body, fails the request
    /// as with [`set_header`](Self::set_header).
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Reply};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let server = App::new().get("/", || Reply::text("hello").with_trailer("x-letters", "5")).build().await?;
    /// let reply = server.inject(Inject::get("/").header("te", "trailers")).await;
    /// assert_eq!((reply.text(), reply.trailer("x-letters")), ("hello", Some("5")));
    /// assert_eq!(server.inject(Inject::get("/")).await.trailer("x-letters"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_trailer(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> &mut Self {
        self.thaw();
        match trailers::checked(name.as_ref(), value.as_ref()) {
            Ok((name, value)) => drop(self.trailers.get_or_insert_default().insert(name, value)),
            Err(refused) => self.fault = Some(refused),
        }
        self
    }

    pub(crate) fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_deref()
    }

    /// Names the trailers that are known before the body.
    pub(crate) fn announce_trailers(&mut self) {
        if let Some(trailers) = &self.trailers
            && !self.has_header("trailer")
        {
            let names: Vec<&str> = trailers.keys().map(http::HeaderName::as_str).collect();
            let names = names.join(", ");
            self.append_header("trailer", names);
        }
    }
}
