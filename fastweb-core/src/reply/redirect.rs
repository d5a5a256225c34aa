//! Redirects: answers that send the client elsewhere.

use http::StatusCode;

use super::Reply;

impl Reply {
    /// 302 to `location`: a whole URL, or a reference to be read from where the client is (`/login`, `../new`, `?page=2`). Other statuses with
    /// [`with_status`](Self::with_status): 303 after a form was posted, 308 for good.
    ///
    /// The location is safe as a header whatever it holds: bytes that no URL has, line ends among them, are percent-encoded, and escapes that it has
    /// stay. Whether it may lead away from this server is for the caller to decide: a location from the request can be any URL, `//example.com` too.
    ///
    /// ```
    /// # use fastweb_core::{App, Inject, Reply};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fastweb_core::Result<()> {
    /// let app = App::new()
    ///     .get("/old", || Reply::redirect("/new"))
    ///     .post("/forms", async || Reply::redirect("/thanks?for=ä").with_status(303));
    /// let server = app.build().await?;
    /// server.inject(Inject::get("/old")).await.assert_status(302).assert_header("location", "/new");
    /// server.inject(Inject::post("/forms")).await.assert_status(303).assert_header("location", "/thanks?for=%C3%A4");
    /// # Ok(())
    /// # }
    /// ```
    pub fn redirect(location: impl AsRef<str>) -> Self {
        let mut reply = Self::new();
        reply.set_redirect(location);
        reply
    }

    /// Makes this a redirect to `location`, as [`redirect`](Self::redirect) does: with the status that was set if that is a 3xx, else with 302, and
    /// without a body.
    pub fn set_redirect(&mut self, location: impl AsRef<str>) -> &mut Self {
        if !self.status().is_redirection() {
            self.set_status(StatusCode::FOUND);
        }
        self.remove_header("content-type").set_body(crate::Body::empty());
        self.set_header("location", encode(location.as_ref()))
    }
}

/// `location` with everything percent-encoded that may not stand in a URI reference (RFC 3986, 2). A `%` stays: it is taken for the begin of an escape.
fn encode(location: &str) -> String {
    let mut encoded = String::with_capacity(location.len());
    for byte in location.bytes() {
        if may_stand(byte) {
            encoded.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// Reserved and unreserved characters, and the `%` of escapes.
fn may_stand(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_encoded_once() {
        for (location, encoded) in [
            ("/a/b?c=d#e", "/a/b?c=d#e"),
            ("https://[::1]:80/", "https://[::1]:80/"),
            ("/a b%20c", "/a%20b%20c"),
            ("/ä", "/%C3%A4"),
            ("/a\r\nset-cookie: b", "/a%0D%0Aset-cookie:%20b"),
            ("/\"<>\\^`{|}\u{7f}\0", "/%22%3C%3E%5C%5E%60%7B%7C%7D%7F%00"),
            ("", ""),
        ] {
            assert_eq!(encode(location), encoded);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_location_can_be_sent(location in "\\PC*|[\\x00-\\x7f]*") {
            let mut reply = Reply::redirect(&location);
            proptest::prop_assert!(reply.take_fault().is_none());
            proptest::prop_assert!(reply.header("location").is_some_and(|sent| sent.is_ascii()));
        }
    }
}
