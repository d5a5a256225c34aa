//! One value of a document.

use std::fmt;

use super::Document;
use super::tape::{Cell, Kind, Raw};

/// One value of a [`Document`]: as cheap to copy as a reference.
///
/// ```
/// use fastweb_schema::Document;
///
/// let document = Document::parse(br#"{"items":[{"sku":"a/b","count":2}]}"#)?;
/// let count = document.root().pointer("/items/0/count").and_then(|count| count.as_u64());
/// assert_eq!(count, Some(2));
/// # Ok::<(), fastweb_schema::ParseError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    index: usize,
}

impl<'a> Node<'a> {
    #[inline]
    pub(crate) fn new(document: &'a Document, index: usize) -> Self {
        Self { document, index }
    }

    #[inline]
    pub(crate) fn cell(self) -> Cell {
        self.document.tape()[self.index]
    }

    #[inline]
    pub(crate) fn raw(self) -> Raw {
        self.cell().raw()
    }

    #[inline]
    pub(crate) fn document(self) -> &'a Document {
        self.document
    }

    /// Where it stands on the tape: greater for what comes later in the text.
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.index
    }

    /// Whether it is `null`.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// assert!(Document::parse(b"null")?.root().is_null());
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn is_null(self) -> bool {
        self.raw() == Raw::Null
    }

    /// The value of `true` or `false`.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// assert_eq!(Document::parse(b"true")?.root().as_bool(), Some(true));
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        match self.raw() {
            Raw::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// An integer from 0 to 2⁶⁴ - 1 that is written without fraction and exponent.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// assert_eq!(Document::parse(b"12")?.root().as_u64(), Some(12));
    /// assert_eq!(Document::parse(b"12.5")?.root().as_u64(), None);
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn as_u64(self) -> Option<u64> {
        match self.raw() {
            Raw::Unsigned(value) => Some(value),
            _ => None,
        }
    }

    /// An integer from -2⁶³ to 2⁶³ - 1 that is written without fraction and exponent.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// assert_eq!(Document::parse(b"-12")?.root().as_i64(), Some(-12));
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn as_i64(self) -> Option<i64> {
        match self.raw() {
            Raw::Unsigned(value) => value.try_into().ok(),
            Raw::Negative(value) => Some(value),
            _ => None,
        }
    }

    /// A number, as the nearest float.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// assert_eq!(Document::parse(b"1.5")?.root().as_f64(), Some(1.5));
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn as_f64(self) -> Option<f64> {
        match self.raw() {
            Raw::Unsigned(value) => Some(value as f64),
            Raw::Negative(value) => Some(value as f64),
            Raw::Float(value) => Some(value),
            _ => None,
        }
    }

    /// A string, without its escapes.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// assert_eq!(Document::parse(br#""a\u0062c""#)?.root().as_str(), Some("abc"));
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        let cell = self.cell();
        (cell.kind() == Kind::String).then(|| self.document.text(cell.place(), cell.len()))
    }

    /// The items of an array.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// let document = Document::parse(b"[1,2,3]")?;
    /// let sum: u64 = document.root().items().into_iter().flatten().filter_map(|item| item.as_u64()).sum();
    /// assert_eq!(sum, 6);
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    #[inline]
    pub fn items(self) -> Option<Items<'a>> {
        match self.raw() {
            Raw::Array { len, .. } => Some(Items::new(self, len)),
            _ => None,
        }
    }

    /// The members of an object, in the order of the text.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// let document = Document::parse(br#"{"b":1,"a":2}"#)?;
    /// let names: Vec<_> = document.root().members().into_iter().flatten().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["b", "a"]);
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    #[inline]
    pub fn members(self) -> Option<Members<'a>> {
        match self.raw() {
            Raw::Object { len, .. } => Some(Members::new(self, len)),
            _ => None,
        }
    }

    /// The member of an object with this name. Looks at one member after the other.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// let document = Document::parse(br#"{"a":null}"#)?;
    /// assert!(document.root().get("a").is_some());
    /// assert!(document.root().get("b").is_none());
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn get(self, name: &str) -> Option<Node<'a>> {
        self.members()?.find(|(candidate, _)| *candidate == name).map(|(_, value)| value)
    }

    /// The value at a JSON pointer (RFC 6901), from here.
    ///
    /// ```
    /// # use fastweb_schema::Document;
    /// let document = Document::parse(br#"{"a/b":[true]}"#)?;
    /// assert_eq!(document.root().pointer("/a~1b/0").and_then(|value| value.as_bool()), Some(true));
    /// # Ok::<(), fastweb_schema::ParseError>(())
    /// ```
    pub fn pointer(self, pointer: &str) -> Option<Node<'a>> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |node, token| match node.raw() {
            Raw::Array { .. } => {
                let is_index = token == "0" || !token.starts_with(['0', '+']);
                node.items()?.nth(token.parse().ok().filter(|_| is_index)?)
            }
            Raw::Object { .. } if !token.contains('~') => node.get(token),
            _ => node.get(&token.replace("~1", "/").replace("~0", "~")),
        })
    }
}

/// As JSON.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// The items of an array. Made by [`Node::items`].
#[derive(Clone, Debug)]
pub struct Items<'a> {
    document: &'a Document,
    index: usize,
    left: u32,
}

impl<'a> Items<'a> {
    /// Of an array that has so many.
    #[inline]
    pub(super) fn new(array: Node<'a>, len: u32) -> Self {
        Self { document: array.document, index: array.index + 1, left: len }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    #[inline]
    fn next(&mut self) -> Option<Node<'a>> {
        self.left = self.left.checked_sub(1)?;
        let item = Node::new(self.document, self.index);
        self.index = item.cell().next(self.index);
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The members of an object. Made by [`Node::members`].
#[derive(Clone, Debug)]
pub struct Members<'a> {
    document: &'a Document,
    index: usize,
    left: u32,
}

impl<'a> Members<'a> {
    /// Of an object that has so many.
    #[inline]
    pub(super) fn new(object: Node<'a>, len: u32) -> Self {
        Self { document: object.document, index: object.index + 1, left: len }
    }

    #[inline]
    pub(super) fn document(&self) -> &'a Document {
        self.document
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Node<'a>);

    #[inline]
    fn next(&mut self) -> Option<(&'a str, Node<'a>)> {
        self.left = self.left.checked_sub(1)?;
        let name = self.document.tape()[self.index];
        let value = Node::new(self.document, self.index + 1);
        self.index = value.cell().next(value.index);
        Some((self.document.text(name.place(), name.len()), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Members<'_> {}
