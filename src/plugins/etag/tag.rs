//! Entity tags (RFC 9110, 8.8.3).

use std::fmt;
use std::fmt::Write;

use fastweb_core::{Reply, ReplyFields};

/// The name of one state of a resource: a client that has it asks by `if-none-match` whether there is another, and by `if-match` for a change of this one alone.
///
/// A strong tag promises that what has it is the same byte for byte; a weak one, `W/"7"`, that it is as good.
///
/// It is an answer's header like any other: `(tag, body)` is an answer.
///
/// ```
/// use fastweb::etag::EntityTag;
///
/// assert_eq!(EntityTag::from_version(7).to_string(), r#""7""#);
/// assert_eq!(EntityTag::from_version(7).weak().to_string(), r#"W/"7""#);
/// // What may not stand in a tag is escaped, so that any text is a tag and no two are the same.
/// assert_eq!(EntityTag::from_version("5\" of rain").to_string(), r#""5%22%20of%20rain""#);
/// assert!(EntityTag::from_version(7).weak_eq(&EntityTag::from_version(7).weak()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntityTag {
    /// What stands between the quotes.
    opaque: String,
    is_weak: bool,
}

impl EntityTag {
    /// A strong tag of something that is another one whenever the content is: a number that counts changes, the time of the last one, a hash that is stored. It costs nothing, and that is why
    /// it is the way to go before [`of`](Self::of).
    pub fn from_version(version: impl fmt::Display) -> Self {
        let mut opaque = Escaped(String::new());
        // Writing to a string does not fail; a `Display` that fails has written what it has.
        let _ = write!(opaque, "{version}");
        Self { opaque: opaque.0, is_weak: false }
    }

    /// A strong tag of the content itself, by XXH3: 128 bits, which is no protection against somebody who wants two contents to have the same.
    ///
    /// ```
    /// use fastweb::etag::EntityTag;
    ///
    /// assert_eq!(EntityTag::of(b"hello"), EntityTag::of(b"hello"));
    /// assert_ne!(EntityTag::of(b"hello"), EntityTag::of(b"hallo"));
    /// ```
    pub fn of(content: &[u8]) -> Self {
        Self { opaque: format!("{:032x}", xxhash_rust::xxh3::xxh3_128(content)), is_weak: false }
    }

    /// The weak form: for what may be written in several ways that are as good as each other.
    #[must_use]
    pub fn weak(mut self) -> Self {
        self.is_weak = true;
        self
    }

    /// Whether it is a weak one.
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }

    /// The strong comparison (RFC 9110, 8.8.3.2): of two tags of which one is weak it never says yes.
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.is_weak && !other.is_weak && self.opaque == other.opaque
    }

    /// The weak comparison: whether what stands between the quotes is the same.
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// A tag as it stands in a header. `None` where that is none.
    ///
    /// ```
    /// use fastweb::etag::EntityTag;
    ///
    /// assert_eq!(EntityTag::parse(r#"W/"7""#), Some(EntityTag::from_version(7).weak()));
    /// assert_eq!(EntityTag::parse("7"), None);
    /// ```
    pub fn parse(value: &str) -> Option<Self> {
        let mut tags = Tags(value.as_bytes());
        let tag = tags.next()?;
        if !tags.0.is_empty() {
            return None;
        }
        Some(Self { opaque: std::str::from_utf8(tag.opaque).ok()?.to_owned(), is_weak: tag.is_weak })
    }

    pub(super) fn opaque(&self) -> &[u8] {
        self.opaque.as_bytes()
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.is_weak { "W/" } else { "" }, self.opaque)
    }
}

impl ReplyFields for EntityTag {
    fn set(self, reply: &mut Reply) {
        reply.set_header("etag", self.to_string());
    }
}

/// Escapes what may not stand in a tag, and what escapes are made of.
struct Escaped(String);

impl Write for Escaped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            match byte {
                0x21..=0x7e if !matches!(byte, b'"' | b'%') => self.0.push(char::from(byte)),
                _ => write!(self.0, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

/// A tag in a list that a client has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed<'l> {
    pub(super) opaque: &'l [u8],
    pub(super) is_weak: bool,
}

/// The tags of a list, as far as it is one: what follows something malformed is not looked at.
pub(super) struct Tags<'l>(pub(super) &'l [u8]);

impl<'l> Iterator for Tags<'l> {
    type Item = Listed<'l>;

    fn next(&mut self) -> Option<Listed<'l>> {
        // RFC 9110, 5.6.1.2: a recipient passes over empty elements.
        let rest = trim_start(self.0, b" \t,");
        let (rest, is_weak) = rest.strip_prefix(b"W/").map_or((rest, false), |rest| (rest, true));
        let quoted = rest.strip_prefix(b"\"")?;
        let end = quoted.iter().position(|&byte| byte == b'"')?;
        let (opaque, rest) = (&quoted[..end], trim_start(&quoted[end + 1..], b" \t"));
        // No blanks, and no control characters, which no header has.
        if opaque.contains(&b' ') || opaque.contains(&b'\t') || !(rest.is_empty() || rest[0] == b',') {
            return None;
        }
        self.0 = rest;
        Some(Listed { opaque, is_weak })
    }
}

fn trim_start<'t>(text: &'t [u8], blanks: &[u8]) -> &'t [u8] {
    let at = text.iter().position(|byte| !blanks.contains(byte)).unwrap_or(text.len());
    &text[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_far_as_they_are_some() {
        let read = |list: &str| Tags(list.as_bytes()).map(|tag| (tag.is_weak, tag.opaque.to_vec())).collect::<Vec<_>>();
        let strong = |opaque: &str| (false, opaque.as_bytes().to_vec());
        let weak = |opaque: &str| (true, opaque.as_bytes().to_vec());
        for (list, expected) in [
            (r#""a""#, vec![strong("a")]),
            (r#" "a" , W/"b","c,d" "#, vec![strong("a"), weak("b"), strong("c,d")]),
            (r#",, "a",,"#, vec![strong("a")]),
            (r#""", W/"""#, vec![strong(""), weak("")]),
            ("\"\u{e4}\"", vec![strong("\u{e4}")]),
            (r#""a" "b""#, vec![]),
            (r#""a", b, "c""#, vec![strong("a")]),
            (r#"w/"a""#, vec![]),
            (r#""a"#, vec![]),
            (r#""a b""#, vec![]),
            ("", vec![]),
            ("*", vec![]),
        ] {
            assert_eq!(read(list), expected, "{list}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_version_is_a_tag_that_is_read_back(version in "\\PC*", is_weak in proptest::bool::ANY) {
            let mut tag = EntityTag::from_version(&version);
            if is_weak {
                tag = tag.weak();
            }
            let list = format!("\"x\", {tag}, \"y\"");
            let found = Tags(list.as_bytes()).nth(1).map(|found| (found.is_weak, found.opaque.to_vec()));
            proptest::prop_assert_eq!(found, Some((is_weak, tag.opaque().to_vec())));
            proptest::prop_assert_eq!(EntityTag::parse(&tag.to_string()), Some(tag));
        }

        #[test]
        fn different_versions_are_different_tags(a in "[%\"a2 ]{0,4}", b in "[%\"a2 ]{0,4}") {
            proptest::prop_assert_eq!(a == b, EntityTag::from_version(&a) == EntityTag::from_version(&b));
        }

        #[test]
        fn no_list_is_too_strange(list in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            proptest::prop_assert!(Tags(&list).count() <= list.len());
        }
    }
}
