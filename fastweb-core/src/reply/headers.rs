//! The headers of a reply, kept as the bytes that will be sent.

use std::fmt;

use crate::error::{Code, Error};

/// The headers of a reply, in the order in which they were set.
///
/// They are kept as they stand on the wire, so that sending them is one copy.
#[derive(Clone, Default)]
pub struct ReplyHeaders {
    /// `name: value\r\n`, one after the other.
    block: Vec<u8>,
    fields: Vec<Field>,
}

#[derive(Clone, Copy)]
struct Field {
    start: usize,
    name_len: usize,
    /// Behind the `\r\n`.
    end: usize,
}

impl ReplyHeaders {
    /// The first value of the header, whatever the case of its letters.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers: name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields.iter().map(|field| {
            let name = &self.block[field.start..field.start + field.name_len];
            let value = &self.block[field.start + field.name_len + 2..field.end - 2];
            (std::str::from_utf8(name).unwrap_or_default(), value)
        })
    }

    /// The number of headers.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The header lines as they are sent.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.block
    }

    /// Adds a header whose name and value were checked.
    pub(super) fn append(&mut self, name: &str, value: &[u8]) {
        let start = self.block.len();
        self.block.reserve(name.len() + value.len() + 4);
        self.block.extend_from_slice(name.as_bytes());
        self.block.extend_from_slice(b": ");
        self.block.extend_from_slice(value);
        self.block.extend_from_slice(b"\r\n");
        self.fields.push(Field { start, name_len: name.len(), end: self.block.len() });
    }

    pub(super) fn remove(&mut self, name: &str) {
        while let Some(at) = self.position(name) {
            let removed = self.fields.remove(at);
            self.block.drain(removed.start..removed.end);
            let len = removed.end - removed.start;
            for later in &mut self.fields[at..] {
                later.start -= len;
                later.end -= len;
            }
        }
    }

    /// Takes over the headers of `other` in place of those of the same names, except `set-cookie`, of which there may be many.
    pub(super) fn replace_with(&mut self, other: &ReplyHeaders) {
        for (name, _) in other.iter() {
            if !name.eq_ignore_ascii_case("set-cookie") {
                self.remove(name);
            }
        }
        for (name, value) in other.iter() {
            self.append(name, value);
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.iter().position(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
    }

    pub(super) fn clear(&mut self) {
        self.block.clear();
        self.fields.clear();
    }
}

impl fmt::Debug for ReplyHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(name, value)| (name, value.escape_ascii().to_string()))).finish()
    }
}

/// A token (RFC 9110, 5.6.2).
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_token_byte)
}

pub(crate) fn is_token_byte(byte: u8) -> bool {
    matches!(
        byte,
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
    ) || byte.is_ascii_alphanumeric()
}

/// No control characters but the tab, and no blank at either end (RFC 9110, 5.5).
pub(crate) fn is_value(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == b'\t' || (byte >= 0x20 && byte != 0x7f))
        && !value.first().is_some_and(|b| matches!(b, b' ' | b'\t'))
        && !value.last().is_some_and(|b| matches!(b, b' ' | b'\t'))
}

/// Headers that the connection writes itself.
pub(super) fn is_managed(name: &str) -> bool {
    ["content-length", "transfer-encoding", "date", "keep-alive"]
        .iter()
        .any(|managed| name.eq_ignore_ascii_case(managed))
}

/// An error of fastweb's own table for a header that may not stand in a reply, because of its name or of its value.
pub(super) fn refused(name: &str, value: &[u8]) -> Error {
    let shown = name.escape_default();
    let message = if !is_name(name) {
        format!("the reply header `{shown}` has a name that is no token: letters, digits and !#$%&'*+-.^_`|~")
    } else if value.iter().any(|&byte| byte != b'\t' && (byte < 0x20 || byte == 0x7f)) {
        format!("the reply header `{shown}` has a value with control characters: encode what comes from elsewhere")
    } else {
        format!("the reply header `{shown}` has a value with blanks at its ends: trim it")
    };
    // For the log: the name may be what somebody has tried to inject.
    Error::from_code(Code::InvalidHeader).with_message(message).hidden()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_keep_their_order_and_can_be_removed() {
        let mut headers = ReplyHeaders::default();
        headers.append("a", b"1");
        headers.append("Set-Cookie", b"x=1");
        headers.append("b", b"2");
        headers.append("set-cookie", b"y=2");
        assert_eq!(headers.as_bytes(), b"a: 1\r\nSet-Cookie: x=1\r\nb: 2\r\nset-cookie: y=2\r\n");
        headers.remove("SET-COOKIE");
        assert_eq!(headers.as_bytes(), b"a: 1\r\nb: 2\r\n");
        assert_eq!(headers.get("B"), Some(&b"2"[..]));
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn names_and_values_are_checked() {
        assert!(is_name("x-a_b"));
        for bad in ["", "a b", "a:", "ä", "a\r"] {
            assert!(!is_name(bad), "{bad:?}");
        }
        assert!(is_value(b""));
        assert!(is_value("naïve\ttext".as_bytes()));
        for bad in ["a\r\nb: c", "a\nb", "a\0", " a", "a ", "\u{7f}"] {
            assert!(!is_value(bad.as_bytes()), "{bad:?}");
        }
    }
}
