//! A JSON text that is read once, from its start to its end, by generated code.
//!
//! Whatever does not go smoothly is `None`, without a reason: the text is then read again the slow way, which knows it. So `None` is also the
//! answer to what is rare and would take effort here.

use super::number::Num;
use crate::document::{Document, plain_end, unescape};

/// Where reading stands.
///
/// ```
/// use fastweb_schema::__private::model::Cursor;
///
/// let mut cursor = Cursor::new("{ \"a\": [true] }");
/// assert_eq!(cursor.open_object(), Some(true));
/// assert_eq!(cursor.name(), Some("a"));
/// assert_eq!(cursor.skip_value(), Some(()));
/// assert_eq!(cursor.next_member(), Some(false));
/// assert!(cursor.is_at_end());
/// ```
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// How many arrays and objects may still be opened.
    depth: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: Document::MAX_DEPTH }
    }

    /// At the start of what is left of a text.
    pub(super) fn within(rest: &'a str, depth: usize) -> Self {
        Self { text: rest, at: 0, depth }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn advance(&mut self, by: usize) {
        self.at += by;
    }

    /// The text from a position to where reading stands.
    pub(super) fn since(&self, start: usize) -> Option<&'a str> {
        self.text.get(start..self.at)
    }

    #[inline(always)]
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The byte at hand; 0, which no JSON has outside of strings, at the end.
    #[inline(always)]
    pub(super) fn peek(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Goes to the next value or sign, and returns its first byte.
    #[inline(always)]
    pub(super) fn skip_white_space(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' { byte } else { self.skip_more_white_space() }
    }

    #[inline(never)]
    fn skip_more_white_space(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
    }

    /// Whether nothing but white space is left.
    #[inline]
    pub fn is_at_end(&mut self) -> bool {
        self.skip_white_space() == 0 && self.at == self.text.len()
    }

    /// Takes `expected` if it is what comes next.
    #[inline(always)]
    pub fn eat(&mut self, expected: &[u8]) -> bool {
        let is_next = self.bytes().get(self.at..).is_some_and(|rest| rest.starts_with(expected));
        if is_next {
            self.at += expected.len();
        }
        is_next
    }

    #[inline(always)]
    fn open(&mut self, bracket: u8, end: u8) -> Option<bool> {
        if self.skip_white_space() != bracket {
            return None;
        }
        self.at += 1;
        let is_empty = self.skip_white_space() == end;
        if is_empty {
            self.at += 1;
            // An empty one counts, too.
            return if self.depth == 0 { None } else { Some(false) };
        }
        self.depth = self.depth.checked_sub(1)?;
        Some(true)
    }

    #[inline(always)]
    fn next(&mut self, end: u8) -> Option<bool> {
        let byte = self.skip_white_space();
        self.at += 1;
        if byte == b',' {
            self.skip_white_space();
            return Some(true);
        }
        self.depth += 1;
        (byte == end).then_some(false)
    }

    /// Opens an object: whether it has a member, which is at hand then.
    #[inline(always)]
    pub fn open_object(&mut self) -> Option<bool> {
        self.open(b'{', b'}')
    }

    /// Goes on behind a member: whether there is another one, or the object has ended.
    #[inline(always)]
    pub fn next_member(&mut self) -> Option<bool> {
        self.next(b'}')
    }

    /// Opens an array: whether it has an item, which is at hand then.
    #[inline(always)]
    pub fn open_array(&mut self) -> Option<bool> {
        self.open(b'[', b']')
    }

    /// Goes on behind an item: whether there is another one, or the array has ended.
    #[inline(always)]
    pub fn next_item(&mut self) -> Option<bool> {
        self.next(b']')
    }

    /// The name at hand, if it has no escapes, and the colon after it: the value is next.
    #[inline]
    pub fn name(&mut self) -> Option<&'a str> {
        let name = self.plain_string()?;
        if self.skip_white_space() != b':' {
            return None;
        }
        self.at += 1;
        Some(name)
    }

    /// A string without escapes.
    #[inline]
    pub fn plain_string(&mut self) -> Option<&'a str> {
        if self.skip_white_space() != b'"' {
            return None;
        }
        let start = self.at + 1;
        let end = plain_end(self.bytes(), start);
        if self.bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// A string, with or without escapes.
    #[inline]
    pub fn string(&mut self) -> Option<String> {
        if self.skip_white_space() != b'"' {
            return None;
        }
        let start = self.at + 1;
        let end = plain_end(self.bytes(), start);
        match self.bytes().get(end)? {
            b'"' => {
                self.at = end + 1;
                Some(self.text.get(start..end)?.to_owned())
            }
            b'\\' => self.escaped_string(start, end),
            _ => None,
        }
    }

    #[cold]
    fn escaped_string(&mut self, start: usize, end: usize) -> Option<String> {
        let mut string = String::new();
        self.at = 1 + unescape(self.text, start, end, &mut string).ok()?;
        Some(string)
    }

    /// A whole number that is not below zero, up to nineteen digits.
    #[inline(always)]
    pub(super) fn digits(&mut self) -> Option<u64> {
        self.skip_white_space();
        let start = self.at;
        let bytes = self.bytes();
        let mut at = start;
        let mut number = 0u64;
        while let Some(digit @ 0..=9) = bytes.get(at).map(|byte| byte.wrapping_sub(b'0')) {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
        let count = at - start;
        let is_plain = matches!(count, 1..=19) && (bytes.get(start) != Some(&b'0') || count == 1);
        if !is_plain || matches!(bytes.get(at), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at = at;
        Some(number)
    }

    /// Any number.
    #[inline(never)]
    pub(super) fn number(&mut self) -> Option<Num> {
        if !matches!(self.skip_white_space(), b'-' | b'0'..=b'9') {
            return None;
        }
        let (number, end) = crate::document::number_at(self.text, self.at).ok()?;
        self.at = end;
        Some(Num(number.raw()))
    }

    /// `true` or `false`.
    #[inline]
    pub fn boolean(&mut self) -> Option<bool> {
        match self.skip_white_space() {
            b't' => self.eat(b"true").then_some(true),
            _ => self.eat(b"false").then_some(false),
        }
    }

    /// Takes `null`, if that is what comes next.
    #[inline]
    pub fn null(&mut self) -> bool {
        self.skip_white_space() == b'n' && self.eat(b"null")
    }

    /// Goes behind a value that nobody wants, and that has to be JSON all the same.
    pub fn skip_value(&mut self) -> Option<()> {
        match self.skip_white_space() {
            b'"' => self.plain_string().map(drop),
            b'{' => {
                let mut more = self.open_object()?;
                let mut names = Names::new();
                while more {
                    let name = self.name()?;
                    names.add(name)?;
                    self.skip_value()?;
                    more = self.next_member()?;
                }
                Some(())
            }
            b'[' => {
                let mut more = self.open_array()?;
                while more {
                    self.skip_value()?;
                    more = self.next_item()?;
                }
                Some(())
            }
            b't' | b'f' => self.boolean().map(drop),
            b'n' => self.null().then_some(()),
            _ => self.number().map(drop),
        }
    }
}

/// The names of members that nobody asked for, which may not stand twice either.
///
/// ```
/// use fastweb_schema::__private::model::Names;
///
/// let mut names = Names::new();
/// assert!(names.add("a").is_some() && names.add("b").is_some());
/// assert!(names.add("a").is_none());
/// ```
#[derive(Debug)]
pub struct Names<'a> {
    names: [&'a str; Names::MOST],
    len: usize,
}

impl<'a> Names<'a> {
    /// Objects with more are read the slow way, which searches large ones in another manner.
    const MOST: usize = 16;

    /// None yet.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { names: [""; Self::MOST], len: 0 }
    }

    /// `None` if it is there already, or if there are too many.
    pub fn add(&mut self, name: &'a str) -> Option<()> {
        if self.names[..self.len].contains(&name) {
            return None;
        }
        *self.names.get_mut(self.len)? = name;
        self.len += 1;
        Some(())
    }
}
