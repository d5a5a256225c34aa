//! Documents: JSON that was parsed once.

mod deserializer;
mod error;
mod node;
mod number;
mod parser;
mod serialize;
mod string;
pub(crate) mod tape;
#[cfg(test)]
mod tests;
mod value;

pub use deserializer::DataError;
pub use error::{ParseError, ParseErrorKind};
pub use node::{Items, Members, Node};
pub(crate) use number::read as number_at;
pub(crate) use string::{plain_end, unescape};
pub(crate) use value::{Builder, raw_number};

use parser::{Open, Parser};
use serde::Deserialize;
use tape::{Cell, Raw};

/// A JSON text that was parsed once, and is validated, coerced and deserialised from here on.
///
/// It is a flat list of values over one text; no value is allocated by itself. One rule says what is accepted, whoever asks:
///
/// | what | verdict |
/// |---|---|
/// | RFC 8259 | accepted, and nothing else: no comments, no trailing commas, no `NaN` |
/// | nothing, or white space alone | refused: [`Empty`](ParseErrorKind::Empty) |
/// | bytes that are not UTF-8, or a byte order mark | refused |
/// | anything but white space after the value | refused |
/// | a name twice in one object | refused, also if the two are escaped in different ways |
/// | more than [`MAX_DEPTH`](Self::MAX_DEPTH) arrays and objects in each other | refused |
/// | integers from -2⁶³ to 2⁶⁴ - 1 | exact |
/// | integers beyond, fractions, exponents | the nearest 64-bit float |
/// | numbers beyond the greatest float | refused |
/// | `-0` | the float -0.0, which is zero for an integer |
/// | an escape for half of a surrogate pair | refused |
///
/// Apart from names that stand twice, this is what `serde_json` says of a `serde_json::Value`.
///
/// Parsing takes time and memory in proportion to the length of the text, at worst times the logarithm of the number of members of an
/// object: at most 16 bytes per value and twice the text.
///
/// ```
/// use fastweb_schema::Document;
///
/// let document = Document::parse(br#"{"name":"Ada","langs":["en","fr"]}"#)?;
/// assert_eq!(document.root().get("name").and_then(|name| name.as_str()), Some("Ada"));
///
/// #[derive(serde::Deserialize)]
/// struct User<'a> { name: &'a str, langs: Vec<&'a str> }
/// let user: User<'_> = document.deserialize()?;
/// assert_eq!((user.name, user.langs.len()), ("Ada", 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Document {
    text: String,
    tape: Vec<Cell>,
}

/// Memory that documents are parsed into, to be used again: the caller's, one per worker.
///
/// ```
/// use fastweb_schema::{Buffers, Document};
///
/// let mut buffers = Buffers::new();
/// for body in [b"[1]", b"[2]"] {
///     let document = Document::parse_with(body, &mut buffers)?;
///     // … and once it is not needed any more:
///     document.recycle(&mut buffers);
/// }
/// # Ok::<(), fastweb_schema::ParseError>(())
/// ```
#[derive(Debug, Default)]
pub struct Buffers {
    spare: Vec<(String, Vec<Cell>)>,
    stack: Vec<Open>,
    unescaped: String,
}

impl Buffers {
    /// Two for each of a few documents that are in use at the same time: params, query, headers, body.
    const SPARES: usize = 8;
    /// Greater ones are not kept: one large body does not hold its memory for ever.
    const LARGEST: usize = 64 * 1024;

    /// Empty ones: memory comes with the first document.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn take(&mut self) -> (String, Vec<Cell>) {
        self.spare.pop().unwrap_or_default()
    }

    pub(crate) fn give(&mut self, mut text: String, mut tape: Vec<Cell>) {
        let small = text.capacity() <= Self::LARGEST && tape.capacity() * size_of::<Cell>() <= 4 * Self::LARGEST;
        if small && self.spare.len() < Self::SPARES {
            text.clear();
            tape.clear();
            self.spare.push((text, tape));
        }
    }
}

/// A text that is one JSON number and nothing else.
pub(crate) fn read_number(text: &str) -> Option<Raw> {
    if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    number::read(text, 0).ok().filter(|(_, end)| *end == text.len()).map(|(cell, _)| cell.raw())
}

impl Document {
    /// How many arrays and objects may stand in each other: as many as `serde_json` allows.
    pub const MAX_DEPTH: usize = 127;

    /// The longest text, in bytes: 1 GiB. A body limit far below stands before it.
    pub const MAX_LEN: usize = 1 << 30;

    /// Parses a JSON text.
    ///
    /// # Errors
    ///
    /// If the text is not accepted: see the table of [`Document`].
    ///
    /// ```
    /// use fastweb_schema::Document;
    ///
    /// assert!(Document::parse(b"[1, 2, 3]").is_ok());
    /// assert_eq!(Document::parse(b"[1, 2, ]").unwrap_err().to_string(), "expected a value at line 1 column 8");
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, ParseError> {
        Self::parse_with(json, &mut Buffers::new())
    }

    /// Parses a JSON text into memory of `buffers`. [`recycle`](Self::recycle) gives it back.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    ///
    /// ```
    /// use fastweb_schema::{Buffers, Document};
    ///
    /// let mut buffers = Buffers::new();
    /// let document = Document::parse_with(b"true", &mut buffers)?;
    /// assert_eq!(document.root().as_bool(), Some(true));
    /// document.recycle(&mut buffers);
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn parse_with(json: &[u8], buffers: &mut Buffers) -> Result<Self, ParseError> {
        if json.len() > Self::MAX_LEN {
            return Err(ParseError::new(ParseErrorKind::TooLong, &[], 0));
        }
        if json.starts_with(b"\xEF\xBB\xBF") {
            return Err(ParseError::new(ParseErrorKind::ByteOrderMark, json, 0));
        }
        let json = std::str::from_utf8(json)
            .map_err(|error| ParseError::new(ParseErrorKind::InvalidUtf8, json, error.valid_up_to()))?;
        let (mut text, mut tape) = buffers.take();
        text.reserve(json.len() + string::PADDING.len());
        text.push_str(json);
        text.push_str(string::PADDING);
        let Buffers { stack, unescaped, .. } = buffers;
        let parsed = Parser { text: &text, len: json.len(), unescaped, tape: &mut tape, stack }.run();
        if !unescaped.is_empty() {
            text.push_str(unescaped);
            text.push_str(string::PADDING);
            // As with the other buffers: one large body does not hold its memory for ever.
            unescaped.clear();
            unescaped.shrink_to(Buffers::LARGEST);
        }
        match parsed {
            Ok(()) => Ok(Self { text, tape }),
            Err(error) => {
                buffers.give(text, tape);
                Err(error)
            }
        }
    }

    /// Gives the document's memory back to `buffers`.
    ///
    /// ```
    /// # use fastweb_schema::{Buffers, Document};
    /// let mut buffers = Buffers::new();
    /// Document::parse_with(b"{}", &mut buffers)?.recycle(&mut buffers);
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn recycle(self, buffers: &mut Buffers) {
        buffers.give(self.text, self.tape);
    }

    /// The value that the document is.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// assert_eq!(Document::parse(b"12")?.root().as_u64(), Some(12));
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    #[inline]
    pub fn root(&self) -> Node<'_> {
        Node::new(self, 0)
    }

    /// Builds a value from the document; strings of it may be borrowed.
    ///
    /// Integers are also taken from floats without a fraction, as JSON Schema has it: `1.0` is an integer.
    ///
    /// # Errors
    ///
    /// If the document does not have the shape of a `T`. The error says where, in the words of validation.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// let document = Document::parse(br#"{"ids":[1,2.0,"x"]}"#)?;
    /// let error = document.deserialize::<std::collections::HashMap<String, Vec<u8>>>().unwrap_err();
    /// assert_eq!((error.pointer(), error.message()), ("/ids/2", "must be integer"));
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn deserialize<'de, T: Deserialize<'de>>(&'de self) -> Result<T, DataError> {
        T::deserialize(self.root())
    }

    /// A string of the document.
    #[inline]
    pub(crate) fn text(&self, start: u32, len: u32) -> &str {
        &self.text[start as usize..start as usize + len as usize]
    }

    /// How many arrays and objects stand in each other.
    pub(crate) fn depth(&self) -> usize {
        let mut ends: Vec<u32> = Vec::new();
        let mut deepest = 0;
        for (index, cell) in self.tape.iter().enumerate() {
            while ends.last().is_some_and(|&end| end as usize <= index) {
                ends.pop();
            }
            if let Raw::Array { end, .. } | Raw::Object { end, .. } = cell.raw() {
                ends.push(end);
                deepest = deepest.max(ends.len());
            }
        }
        deepest
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    #[inline]
    pub(crate) fn tape(&self) -> &[Cell] {
        &self.tape
    }
}

/// As JSON.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.root().fmt(f)
    }
}
