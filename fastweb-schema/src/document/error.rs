//! Why bytes are no document, and where.

use std::fmt;

/// The reason why bytes are not a [`Document`](crate::Document).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is nothing, or white space alone.
    Empty,
    /// The text starts with a byte order mark.
    ByteOrderMark,
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// The text ends before the value does.
    UnexpectedEnd,
    /// A value has to stand here.
    ExpectedValue,
    /// A name in double quotes has to stand here.
    ExpectedName,
    /// A colon has to stand between a name and its value.
    ExpectedColon,
    /// A comma or the end of the array or object has to stand here.
    ExpectedCommaOrEnd,
    /// Something follows the document.
    TrailingData,
    /// A number is not written as JSON writes numbers.
    InvalidNumber,
    /// A number is beyond what a 64-bit float can hold.
    NumberOutOfRange,
    /// An escape in a string is none of JSON's.
    InvalidEscape,
    /// Half of a surrogate pair stands without its other half.
    LoneSurrogate,
    /// A control character stands unescaped in a string.
    ControlCharacter,
    /// An object has a name twice.
    DuplicateName,
    /// Arrays and objects are nested deeper than [`Document::MAX_DEPTH`](crate::Document::MAX_DEPTH).
    TooDeep,
    /// The text is longer than [`Document::MAX_LEN`](crate::Document::MAX_LEN) bytes.
    TooLong,
}

impl ParseErrorKind {
    fn message(self) -> &'static str {
        match self {
            Self::Empty => "there is no value",
            Self::ByteOrderMark => "it starts with a byte order mark; send UTF-8 without one",
            Self::InvalidUtf8 => "it is not UTF-8",
            Self::UnexpectedEnd => "it ends too early",
            Self::ExpectedValue => "expected a value",
            Self::ExpectedName => "expected a name in double quotes",
            Self::ExpectedColon => "expected ':' after the name",
            Self::ExpectedCommaOrEnd => "expected ',' or the end of the array or object",
            Self::TrailingData => "expected the end, but more follows the value",
            Self::InvalidNumber => "the number is malformed",
            Self::NumberOutOfRange => "the number is out of range",
            Self::InvalidEscape => "the escape in the string is invalid",
            Self::LoneSurrogate => "half of a surrogate pair stands alone in the string",
            Self::ControlCharacter => "a control character in a string has to be escaped",
            Self::DuplicateName => "the object has this name twice",
            Self::TooDeep => "arrays and objects are nested too deep",
            Self::TooLong => "the text is too long",
        }
    }
}

/// Bytes are not a [`Document`](crate::Document): why, and where.
///
/// Its text tells a client where to look and repeats nothing that was sent:
///
/// ```
/// use fastweb_schema::{Document, ParseErrorKind};
///
/// let error = Document::parse(b"{\"a\":1,\n \"a\":2}").unwrap_err();
/// assert_eq!(error.kind(), ParseErrorKind::DuplicateName);
/// assert_eq!((error.line(), error.column(), error.offset()), (2, 2, 9));
/// assert_eq!(error.to_string(), "the object has this name twice at line 2 column 2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ParseErrorKind,
    line: usize,
    column: usize,
    offset: usize,
}

impl ParseError {
    /// Lines and columns are counted here, once there is an error: parsing does not pay for them.
    #[cold]
    pub(crate) fn new(kind: ParseErrorKind, json: &[u8], offset: usize) -> Self {
        let before = &json[..offset.min(json.len())];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        // Bytes that do not continue a code point.
        let column = 1 + before[line_start..].iter().filter(|&&b| b & 0xC0 != 0x80).count();
        Self { kind, line, column, offset }
    }

    /// What is wrong.
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in that line, in code points, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The offset in the whole text, in bytes, from 0.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.kind.message(), self.line, self.column)
    }
}

impl std::error::Error for ParseError {}
