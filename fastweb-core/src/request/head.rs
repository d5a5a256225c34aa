//! A request's head as flat offsets into the buffer that it was read into.
//!
//! No header is copied and no map is built: filling an `http::HeaderMap` with three headers takes 252 ns where noting their
//! offsets takes 51 (2026-11, httparse 1.10). Nothing here knows which HTTP version the bytes came from.
//!
//! This is one of the crate's modules with `unsafe` code: text is not checked again each time it is looked at (two checks per request
//! were 230 of 7,070 instructions, 2026-11). What it rests on:
//! - a [`TextSpan`] is made here alone, from a `&str` that lies within the filled part of this head's buffer, or is empty; or of places that the
//!   caller of [`Head::fill_at`] has vouched for;
//! - the buffer's filled bytes do not change while the head holds its `Rc`: writing into a [`Buffer`] needs `&mut`. A head that settles in another one takes
//!   all of them along;
//! - spans are used with the head that made them: they are private to it and to [`Text`](super::Text), which holds both.

#![allow(unsafe_code)]

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use http::{HeaderMap, HeaderName, HeaderValue, Version};

use crate::buffer::{Buffer, BufferPool};

/// A range of bytes, counted from the start of the head's buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    /// The `len` bytes from `start` on.
    pub(crate) fn new(start: usize, len: usize) -> Self {
        Self { start: start as u32, len: len as u32 }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }

    /// As [`within`](Self::within), unchecked: for bytes, where a wrong place can only panic when it is looked at.
    fn between(whole: &[u8], part: &[u8]) -> Self {
        Self { start: distance(whole, part) as u32, len: part.len() as u32 }
    }

    /// Where `part` lies in `whole`.
    ///
    /// # Panics
    /// It lies elsewhere.
    fn within(whole: &[u8], part: &[u8]) -> Self {
        let start = distance(whole, part);
        assert!(start <= whole.len() && part.len() <= whole.len() - start, "a part of another buffer");
        Self { start: start as u32, len: part.len() as u32 }
    }
}

/// How far `part` is from the start of `whole`.
fn distance(whole: &[u8], part: &[u8]) -> usize {
    // An empty part may be a constant of whoever made it. It is the same everywhere.
    if part.is_empty() { 0 } else { (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize) }
}

/// A range of bytes that are UTF-8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TextSpan(Span);

#[derive(Clone, Copy, Debug)]
struct Field {
    name: Span,
    value: Span,
}

/// The head of one request.
pub(crate) struct Head {
    buffer: Option<Rc<Buffer>>,
    method: TextSpan,
    /// The target without scheme and authority: path and query.
    target: TextSpan,
    /// How much of `target` is the path. A query, if there is one, begins after the `?` that follows.
    path_len: usize,
    version: Version,
    /// All header lines.
    lines: Span,
    content_type: Span,
    /// Where the fields are in them. Made when the first one is asked for: many handlers ask for none.
    fields: OnceCell<Vec<Field>>,
    /// The memory of the last `fields`.
    spare: Cell<Vec<Field>>,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            buffer: None,
            method: TextSpan::default(),
            target: TextSpan::default(),
            path_len: 0,
            version: Version::HTTP_11,
            lines: Span::default(),
            content_type: Span::default(),
            fields: OnceCell::new(),
            spare: Cell::default(),
        }
    }
}

impl Head {
    /// No head is longer, whatever the configured limit.
    pub(crate) const LONGEST: usize = 60 * 1024;

    /// Makes this a head in `buffer`. `lines` are its header lines, which have been found valid, with their line ends.
    ///
    /// # Panics
    /// Method or target do not lie in the buffer.
    #[inline(always)] // One caller, once per request.
    pub(crate) fn fill(&mut self, buffer: &Rc<Buffer>, parts: Parts<'_>) {
        let whole = buffer.filled();
        self.version = parts.version;
        self.method = TextSpan(Span::within(whole, parts.method.as_bytes()));
        self.target = TextSpan(Span::within(whole, parts.target.as_bytes()));
        self.path_len = parts.path_len;
        self.lines = Span::between(whole, parts.lines);
        self.content_type = Span::between(whole, parts.content_type);
        self.buffer = Some(buffer.clone());
        self.forget_fields();
    }

    /// The same for whoever has read the bytes and knows what they are.
    ///
    /// # Safety
    /// `places.method` and `places.target` lie in the filled part of `buffer`, and what stands there is UTF-8.
    #[inline(always)] // As above.
    pub(crate) unsafe fn fill_at(&mut self, buffer: &Rc<Buffer>, places: Places) {
        debug_assert!(
            buffer.filled()[places.method.range()].is_ascii() && buffer.filled()[places.target.range()].is_ascii()
        );
        self.version = Version::HTTP_11;
        self.method = TextSpan(places.method);
        self.target = TextSpan(places.target);
        self.path_len = places.path_len;
        self.lines = places.lines;
        self.content_type = places.content_type;
        self.buffer = Some(buffer.clone());
        self.forget_fields();
    }

    #[inline]
    fn forget_fields(&mut self) {
        if let Some(mut fields) = self.fields.take() {
            fields.clear();
            self.spare.set(fields);
        }
    }

    /// Lets go of the buffer, so that its connection may read into it again.
    pub(crate) fn detach(&mut self) {
        self.buffer = None;
        self.path_len = 0;
        self.forget_fields();
    }

    /// Makes do with a buffer of its own length, where nobody else refers to the one that it is in: that goes back. For a request that lasts.
    pub(crate) fn settle(&mut self, pool: &BufferPool) {
        let Some(buffer) = &mut self.buffer else { return };
        if Rc::get_mut(buffer).is_some() && pool.is_little(buffer.len()) {
            // The same bytes at the same places, for which all spans are good.
            let settled = Rc::new(Buffer::of(buffer.filled()));
            pool.put_read(std::mem::replace(buffer, settled));
        }
    }

    fn filled(&self) -> &[u8] {
        self.buffer.as_ref().map_or(&[], |buffer| buffer.filled())
    }

    /// Where `part` stands in this head's buffer.
    ///
    /// # Panics
    /// It stands elsewhere.
    pub(super) fn locate(&self, part: &str) -> TextSpan {
        TextSpan(Span::within(self.filled(), part.as_bytes()))
    }

    fn bytes(&self, span: Span) -> &[u8] {
        match &self.buffer {
            Some(buffer) => &buffer.filled()[span.start as usize..][..span.len as usize],
            None => &[],
        }
    }

    /// The text of a span of this head.
    pub(super) fn text(&self, span: TextSpan) -> &str {
        let bytes = self.bytes(span.0);
        // SAFETY: the module's documentation: `within` made the span from a `&str` over these very bytes, or `fill_at` was told of them, and they have
        // not changed since: the head holds its `Rc<Buffer>` from then on, `settle` puts the same bytes in its place, and without a buffer there are none.
        unsafe { std::str::from_utf8_unchecked(bytes) }
    }

    pub(crate) fn method(&self) -> &str {
        self.text(self.method)
    }

    pub(crate) fn target(&self) -> &str {
        self.text(self.target)
    }

    #[inline]
    pub(crate) fn path(&self) -> &str {
        &self.target()[..self.path_len]
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.target().get(self.path_len + 1..)
    }

    /// The authority of a target in absolute-form or authority-form (RFC 9112, 3.2.2 and 3.2.3).
    pub(crate) fn authority(&self) -> Option<&str> {
        let filled = self.filled();
        let target_start = (self.method.0.start + self.method.0.len) as usize + 1;
        // `target` is the local part. Where it is the whole of it, it begins behind the method.
        if self.target.0.start as usize == target_start {
            return None;
        }
        let line = filled.get(target_start..)?.split(|&byte| byte == b' ').next()?;
        let target = std::str::from_utf8(line).ok()?;
        // That of `CONNECT` is an authority and nothing else.
        let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
        Some(rest.split(['/', '?']).next().unwrap_or_default())
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Empty where there is none.
    pub(crate) fn content_type(&self) -> &[u8] {
        self.bytes(self.content_type)
    }

    fn index(&self) -> &[Field] {
        self.fields.get_or_init(|| {
            let mut fields = self.spare.take();
            let whole = self.filled();
            let lines = self.bytes(self.lines).split(|&byte| byte == b'\n');
            fields.extend(lines.filter_map(|line| {
                let colon = line.iter().position(|&byte| byte == b':')?;
                let value = line[colon + 1..].trim_ascii();
                Some(Field { name: Span::between(whole, &line[..colon]), value: Span::between(whole, value) })
            }));
            fields
        })
    }

    /// The same head with other headers.
    ///
    /// # Errors
    /// It would be longer than any head may be.
    #[cfg(feature = "tower")]
    pub(crate) fn with_headers(&self, headers: &HeaderMap) -> Option<Self> {
        let scheme = self.authority().map(|authority| format!("http://{authority}")).unwrap_or_default();
        let mut text = format!("{} {scheme}", self.method()).into_bytes();
        let target = text.len()..text.len() + self.target().len();
        text.extend_from_slice(self.target().as_bytes());
        text.extend_from_slice(b" HTTP/1.1\r\n");
        let lines = text.len();
        let mut content_type = 0..0;
        for (name, value) in headers {
            text.extend_from_slice(name.as_str().as_bytes());
            text.extend_from_slice(b": ");
            if *name == http::header::CONTENT_TYPE && content_type.is_empty() {
                content_type = text.len()..text.len() + value.len();
            }
            text.extend_from_slice(value.as_bytes());
            text.extend_from_slice(b"\r\n");
        }
        if text.len() > Self::LONGEST {
            return None;
        }
        let mut buffer = Buffer::new(text.len());
        buffer.append(&text);
        let buffer = Rc::new(buffer);
        let whole = buffer.filled();
        let mut head = Self::default();
        let parts = Parts {
            version: self.version,
            method: std::str::from_utf8(&whole[..self.method().len()]).ok()?,
            target: std::str::from_utf8(&whole[target]).ok()?,
            path_len: self.path_len,
            lines: &whole[lines..],
            content_type: &whole[content_type],
        };
        head.fill(&buffer, parts);
        Some(head)
    }

    /// Names as they were written, and values.
    pub(crate) fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.index().iter().map(|field| {
            // A name is a token: ASCII.
            (std::str::from_utf8(self.bytes(field.name)).unwrap_or_default(), self.bytes(field.value))
        })
    }

    /// The first field of this name, whatever the case of its letters.
    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        let wanted = name.as_bytes();
        let found = self.index().iter().find(|field| self.bytes(field.name).eq_ignore_ascii_case(wanted));
        found.map(|field| self.bytes(field.value))
    }

    pub(crate) fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.index().len());
        for (name, value) in self.fields() {
            // Both were checked against stricter rules by the parser; what `http` refuses all the same is left out.
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
                map.append(name, value);
            }
        }
        map
    }
}

/// What a head consists of, as parts of its buffer.
pub(crate) struct Parts<'h> {
    pub(crate) version: Version,
    pub(crate) method: &'h str,
    /// Path and query.
    pub(crate) target: &'h str,
    pub(crate) path_len: usize,
    pub(crate) lines: &'h [u8],
    pub(crate) content_type: &'h [u8],
}

/// The same as places of it, of a head of HTTP/1.1.
pub(crate) struct Places {
    pub(crate) method: Span,
    /// Path and query.
    pub(crate) target: Span,
    pub(crate) path_len: usize,
    pub(crate) lines: Span,
    pub(crate) content_type: Span,
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values are left out: they may hold credentials.
        let names: Vec<&str> = self.fields().map(|(name, _)| name).collect();
        f.debug_struct("Head")
            .field("method", &self.method())
            .field("target", &self.target())
            .field("version", &self.version)
            .field("headers", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(text: &str) -> Rc<Buffer> {
        let mut buffer = Buffer::new(100);
        buffer.append(text.as_bytes());
        Rc::new(buffer)
    }

    fn parts<'h>(method: &'h str, target: &'h str, path_len: usize, lines: &'h str) -> Parts<'h> {
        let (version, lines) = (Version::HTTP_11, lines.as_bytes());
        Parts { version, method, target, path_len, lines, content_type: b"" }
    }

    #[test]
    fn parts_are_found_in_their_buffer() {
        let buffer = buffer("GET /a?b HTTP/1.1\r\nName: value \r\nEmpty:\r\nTwice:a:b\r\n\r\n");
        let all = std::str::from_utf8(buffer.filled()).expect("ASCII");
        let mut head = Head::default();
        head.fill(&buffer, parts(&all[..3], &all[4..8], 2, &all[19..]));
        assert_eq!((head.method(), head.path(), head.query()), ("GET", "/a", Some("b")));
        assert_eq!(head.field("NAME"), Some(&b"value"[..]));
        let fields: Vec<_> = head.fields().collect();
        assert_eq!(fields, [("Name", &b"value"[..]), ("Empty", b""), ("Twice", b"a:b")]);
        head.detach();
        assert_eq!((head.method(), head.path(), head.query(), head.fields().count()), ("", "", None, 0));
    }

    #[test]
    fn a_head_that_settles_stays_the_same_and_gives_its_buffer_back() {
        let text = "GET /a?b HTTP/1.1\r\nName: value\r\n\r\n";
        let pool = BufferPool::new(4 * text.len());
        let mut lent = pool.take_read();
        Rc::get_mut(&mut lent).expect("the pool's own").append(text.as_bytes());
        let mut head = Head::default();
        head.fill(&lent, parts(&text_of(&lent)[..3], &text_of(&lent)[4..8], 2, &text_of(&lent)[19..]));
        let place = Rc::as_ptr(&lent);
        // Somebody else has it, too: a body in the same buffer, or the connection, which reads on behind it.
        head.settle(&pool);
        assert_eq!(Rc::strong_count(&lent), 2);
        drop(lent);
        head.settle(&pool);
        assert_eq!((head.method(), head.path(), head.query()), ("GET", "/a", Some("b")));
        assert_eq!(head.fields().collect::<Vec<_>>(), [("Name", &b"value"[..])]);
        assert_eq!(Rc::as_ptr(&pool.take_read()), place);
        // One that is long stays where it is.
        let pool = BufferPool::new(text.len());
        let mut lent = pool.take_read();
        Rc::get_mut(&mut lent).expect("the pool's own").append(text.as_bytes());
        head.fill(&lent, parts(&text_of(&lent)[..3], &text_of(&lent)[4..8], 2, &text_of(&lent)[19..]));
        let place = Rc::as_ptr(&lent);
        drop(lent);
        head.settle(&pool);
        assert_ne!(Rc::as_ptr(&pool.take_read()), place);
        assert_eq!(head.target(), "/a?b");
    }

    fn text_of(buffer: &Buffer) -> &str {
        std::str::from_utf8(buffer.filled()).expect("ASCII")
    }

    #[test]
    #[should_panic(expected = "a part of another buffer")]
    fn parts_of_other_memory_are_refused() {
        Head::default().fill(&buffer("GET /"), parts("GET", "/", 1, ""));
    }
}
