//! The headers of a reply, one by one.

use super::headers::{self, ReplyHeaders};
use super::{ContentType, Reply, ReplyBody};

impl Reply {
    /// The value of a header that was set, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        if name.eq_ignore_ascii_case("content-type") {
            return self.content_type();
        }
        let headers = match &self.body {
            ReplyBody::Frozen(frozen) => &frozen.headers,
            _ => &self.headers,
        };
        headers.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Whether a header was set.
    pub fn has_header(&self, name: &str) -> bool {
        if name.eq_ignore_ascii_case("content-type") {
            return self.content_type().is_some();
        }
        self.headers().get(name).is_some()
    }

    /// The headers that were set, in order, without `content-type`.
    pub fn headers(&self) -> &ReplyHeaders {
        match &self.body {
            ReplyBody::Frozen(frozen) => &frozen.headers,
            _ => &self.headers,
        }
    }

    /// Sets a header. Replaces what it was, except `set-cookie`, which is added.
    ///
    /// A name that is no token (RFC 9110, 5.6.2) or a value with control characters fails the request with
    /// `FW_ERR_INVALID_HEADER`: it is a fault of the application, and never reaches the wire.
    pub fn set_header(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> &mut Self {
        let name = name.as_ref();
        if !name.eq_ignore_ascii_case("set-cookie") {
            self.remove_header(name);
        }
        self.append_header(name, value)
    }

    /// Adds a header beside those of the same name.
    ///
    /// A malformed name or value fails the request, as with [`set_header`](Self::set_header).
    pub fn append_header(&mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> &mut Self {
        self.thaw();
        let (name, value) = (name.as_ref(), value.as_ref());
        if !headers::is_name(name) || !headers::is_value(value) {
            self.fault = Some(headers::refused(name, value));
        } else if name.eq_ignore_ascii_case("content-type") {
            self.content_type = ContentType::Owned(String::from_utf8_lossy(value).into_owned());
        } else if name.eq_ignore_ascii_case("connection") {
            self.close |= value.eq_ignore_ascii_case(b"close");
        } else if !headers::is_managed(name) {
            self.headers.append(name, value);
        }
        self
    }

    /// Takes all headers of this name away.
    pub fn remove_header(&mut self, name: &str) -> &mut Self {
        self.thaw();
        if name.eq_ignore_ascii_case("content-type") {
            self.content_type = ContentType::None;
        } else {
            self.headers.remove(name);
        }
        self
    }
}
