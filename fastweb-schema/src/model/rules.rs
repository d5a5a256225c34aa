//! What a value has to be beside its type: `#[schema(…)]`, for the parser and for the schema alike.

use std::sync::OnceLock;

use serde_json::json;

use crate::registry::Registry;
use crate::validator::judge::{Judge, Judged};
use crate::validator::{Simple, everyday};

/// What is checked of a value. Each rule speaks of values of its kind alone, as keywords of JSON Schema do.
///
/// ```
/// use fastweb_schema::__private::model::{Cursor, Parse, Rules};
///
/// let rules = Rules { max_length: 3, is_free: false, ..Rules::NONE };
/// assert_eq!(String::read(&mut Cursor::new("\"abc\""), &rules).as_deref(), Some("abc"));
/// assert_eq!(String::read(&mut Cursor::new("\"abcd\""), &rules), None);
/// ```
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Rules {
    /// Whether there are none.
    pub is_free: bool,
    pub min_length: u32,
    pub max_length: u32,
    pub format: Option<&'static Format>,
    pub pattern: Option<&'static Pattern>,
    pub minimum: Limit,
    pub maximum: Limit,
    pub exclusive_minimum: Limit,
    pub exclusive_maximum: Limit,
    pub multiple_of: Limit,
    pub min_items: u32,
    pub max_items: u32,
    pub unique_items: bool,
    pub items: Option<&'static Rules>,
}

/// A bound of numbers.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Limit {
    None,
    Unsigned(u64),
    Negative(i64),
    Float(f64),
}

impl Rules {
    /// Nothing is checked.
    pub const NONE: Self = Self {
        is_free: true,
        min_length: 0,
        max_length: u32::MAX,
        format: None,
        pattern: None,
        minimum: Limit::None,
        maximum: Limit::None,
        exclusive_minimum: Limit::None,
        exclusive_maximum: Limit::None,
        multiple_of: Limit::None,
        min_items: 0,
        max_items: u32::MAX,
        unique_items: false,
        items: None,
    };

    /// Whether a text is surely what it has to be.
    #[inline(always)]
    pub(super) fn accepts_text(&self, text: &String) -> bool {
        // A code point takes one to four bytes: mostly the number of bytes alone decides.
        let len = text.len();
        if len > self.max_length as usize || len.div_ceil(4) < self.min_length as usize {
            let count = text.chars().count();
            if count > self.max_length as usize || count < self.min_length as usize {
                return false;
            }
        }
        self.format.is_none_or(|format| format.accepts(text))
            && self.pattern.is_none_or(|pattern| pattern.accepts(text))
    }

    #[inline(always)]
    pub(super) fn accepts_len(&self, len: usize) -> bool {
        len >= self.min_items as usize && len <= self.max_items as usize
    }

    /// What holds for the items.
    #[inline(always)]
    pub(super) fn of_items(&self) -> &'static Rules {
        self.items.unwrap_or(&Self::NONE)
    }
}

/// Says yes only to what the judge accepts, too.
type Surely = fn(&[u8]) -> bool;

/// `format`.
#[derive(Debug)]
pub struct Format {
    pub(super) name: &'static str,
    judge: OnceLock<Option<Judge>>,
    everyday: OnceLock<Option<Surely>>,
}

impl Format {
    /// By its name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, judge: OnceLock::new(), everyday: OnceLock::new() }
    }

    #[inline]
    fn accepts(&self, text: &String) -> bool {
        let everyday = self.everyday.get_or_init(|| everyday(self.name));
        everyday.is_some_and(|surely| surely(text.as_bytes())) || self.judged(text)
    }

    #[cold]
    fn judged(&self, text: &String) -> bool {
        let judge = || Registry::new().judge(&json!({ "format": self.name })).ok();
        self.judge.get_or_init(judge).as_ref().is_some_and(|judge| judge.is_valid(Judged::Name(text)))
    }
}

/// `pattern`.
#[derive(Debug)]
pub struct Pattern {
    pub(super) source: &'static str,
    simple: OnceLock<Option<Simple>>,
    judge: OnceLock<Option<Judge>>,
}

impl Pattern {
    /// By its text.
    pub const fn new(source: &'static str) -> Self {
        Self { source, simple: OnceLock::new(), judge: OnceLock::new() }
    }

    #[inline]
    fn accepts(&self, text: &String) -> bool {
        match self.simple.get_or_init(|| Simple::compile(self.source)) {
            Some(simple) => simple.accepts(text.as_bytes()),
            None => self.judged(text),
        }
    }

    fn judged(&self, text: &String) -> bool {
        let judge = || Registry::new().judge(&json!({ "pattern": self.source })).ok();
        self.judge.get_or_init(judge).as_ref().is_some_and(|judge| judge.is_valid(Judged::Name(text)))
    }
}
