//! What types of the standard library are in JSON, read in one pass.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

use super::cursor::Cursor;
use super::rules::Rules;
use crate::document::Document;

/// What generated code reads in one pass. Whatever it reads is what serde reads of the same text, and is valid by the type's schema.
pub trait Parse: Sized {
    /// Whether there is code for this type itself. What is in it may still lack some: `tell` knows.
    const ONE_PASS: bool = true;

    /// Reads a value. `None` says nothing about the text: it is read the slow way then.
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self>;

    /// Reads what is left of an object whose first member was the tag of an enum; `more` says whether another one is at hand.
    #[inline]
    fn read_tagged(_cursor: &mut Cursor<'_>, _more: bool, _tag: &str) -> Option<Self> {
        None
    }

    /// Tells about every model within that is read or written the slow way.
    fn tell(_told: &mut Told) {}
}

/// What was found out about a model and all that is in it.
///
/// ```
/// use fastweb_schema::__private::model::{Parse, Told};
///
/// let mut told = Told::default();
/// Vec::<String>::tell(&mut told);
/// assert!(told.slow.is_empty());
/// ```
#[derive(Debug, Default)]
pub struct Told {
    seen: Vec<&'static str>,
    /// Models that are read the slow way, each with the reason.
    pub slow: Vec<(&'static str, String)>,
    /// Models that are written by serde, each with the reason.
    pub slow_to_write: Vec<(&'static str, &'static str)>,
}

impl Told {
    /// Whether a model was not asked before: models may be in themselves.
    pub fn is_new(&mut self, name: &'static str) -> bool {
        let is_new = !self.seen.contains(&name);
        if is_new {
            self.seen.push(name);
        }
        is_new
    }
}

/// Reads a type that may have no code for this, which generated code cannot know beforehand: what [`OrNot`] says holds only where the methods
/// of the same names for types that have it do not.
#[derive(Debug)]
pub struct Has<T>(PhantomData<T>);

#[allow(missing_docs)]
impl<T: Parse> Has<T> {
    pub const IS: bool = true;

    #[inline(always)]
    pub fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<T> {
        T::read(cursor, rules)
    }

    /// Not inlined, for what is out of order: types share one copy.
    #[inline(never)]
    pub fn read_apart(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<T> {
        T::read(cursor, rules)
    }

    #[inline(always)]
    pub fn read_tagged(cursor: &mut Cursor<'_>, more: bool, tag: &str) -> Option<T> {
        T::read_tagged(cursor, more, tag)
    }

    pub fn tell(told: &mut Told) {
        T::tell(told);
    }
}

/// See [`Has`].
#[allow(missing_docs)]
pub trait OrNot<T> {
    const IS: bool = false;

    fn read(_cursor: &mut Cursor<'_>, _rules: &Rules) -> Option<T> {
        None
    }

    fn read_apart(_cursor: &mut Cursor<'_>, _rules: &Rules) -> Option<T> {
        None
    }

    fn read_tagged(_cursor: &mut Cursor<'_>, _more: bool, _tag: &str) -> Option<T> {
        None
    }

    fn tell(_told: &mut Told) {}
}

impl<T> OrNot<T> for Has<T> {}

impl Parse for String {
    #[inline(always)]
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        cursor.string().filter(|text| rules.is_free || rules.accepts_text(text))
    }
}

macro_rules! texts {
    ($($ty:ty)*) => {$(
        impl Parse for $ty {
            #[inline]
            fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
                String::read(cursor, rules).map(Self::from)
            }
        }
    )*};
}
texts!(Box<str> Cow<'static, str>);

impl Parse for char {
    #[inline]
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        let text = String::read(cursor, rules)?;
        let mut letters = text.chars();
        letters.next().filter(|_| letters.next().is_none())
    }
}

/// Whatever it is.
impl Parse for serde_json::Value {
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        cursor.skip_white_space();
        let start = cursor.position();
        cursor.skip_value()?;
        let document = Document::parse(cursor.since(start)?.as_bytes()).ok()?;
        rules.is_free.then(|| Self::from(&document))
    }
}

impl Parse for bool {
    #[inline(always)]
    fn read(cursor: &mut Cursor<'_>, _: &Rules) -> Option<Self> {
        cursor.boolean()
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl Parse for $ty {
            #[inline(always)]
            fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
                let number = match cursor.digits() {
                    Some(digits) => Self::try_from(digits).ok()?,
                    None => Self::try_from(cursor.number()?.integer()?).ok()?,
                };
                (rules.is_free || rules.accepts_integer(number as i128)).then_some(number)
            }
        }
    )*};
}
integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

impl Parse for f64 {
    #[inline]
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        cursor.number().filter(|&number| rules.is_free || rules.accepts_number(number)).map(|number| number.f64())
    }
}

impl Parse for f32 {
    #[inline]
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        cursor.number().filter(|&number| rules.is_free || rules.accepts_number(number)).map(|number| number.f32())
    }
}

impl<T: Parse> Parse for Option<T> {
    #[inline(always)]
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        if cursor.null() { Some(None) } else { T::read(cursor, rules).map(Some) }
    }

    fn tell(told: &mut Told) {
        T::tell(told);
    }
}

impl<T: Parse> Parse for Box<T> {
    #[inline(always)]
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        T::read(cursor, rules).map(Self::new)
    }

    #[inline]
    fn read_tagged(cursor: &mut Cursor<'_>, more: bool, tag: &str) -> Option<Self> {
        T::read_tagged(cursor, more, tag).map(Self::new)
    }

    fn tell(told: &mut Told) {
        T::tell(told);
    }
}

impl<T: Parse> Parse for Vec<T> {
    #[inline]
    fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
        let mut items = Self::new();
        let mut more = cursor.open_array()?;
        if rules.unique_items {
            let mut texts = Vec::new();
            while more {
                cursor.skip_white_space();
                let start = cursor.position();
                items.push(T::read(cursor, rules.of_items())?);
                texts.push(cursor.since(start)?);
                more = cursor.next_item()?;
            }
            are_surely_unique(texts)?;
        } else {
            while more {
                items.push(T::read(cursor, rules.of_items())?);
                more = cursor.next_item()?;
            }
        }
        (rules.is_free || rules.accepts_len(items.len())).then_some(items)
    }

    fn tell(told: &mut Told) {
        T::tell(told);
    }
}

/// Only of texts without escapes and of whole numbers is it clear that they differ as they are written.
fn are_surely_unique(mut texts: Vec<&str>) -> Option<()> {
    let is_clear = |text: &&str| {
        let bytes = text.as_bytes();
        bytes.iter().all(u8::is_ascii_digit) || (bytes.first() == Some(&b'"') && !bytes.contains(&b'\\'))
    };
    if texts.len() > 1 && !texts.iter().all(is_clear) {
        return None;
    }
    texts.sort_unstable();
    texts.windows(2).all(|pair| pair[0] != pair[1]).then_some(())
}

macro_rules! sets {
    ($($set:ident<T $(, $hasher:ident)?> $($bound:path),+;)*) => {$(
        impl<T: Parse $(+ $bound)+ $(, $hasher: BuildHasher + Default)?> Parse for $set<T $(, $hasher)?> {
            fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
                let mut items = Self::default();
                let mut more = cursor.open_array()?;
                while more {
                    // A set is an array of unique items.
                    if !items.insert(T::read(cursor, rules.of_items())?) {
                        return None;
                    }
                    more = cursor.next_item()?;
                }
                (rules.is_free || rules.accepts_len(items.len())).then_some(items)
            }

            fn tell(told: &mut Told) {
                T::tell(told);
            }
        }
    )*};
}
sets! {
    HashSet<T, S> Eq, Hash;
    BTreeSet<T> Ord;
}

macro_rules! maps {
    ($($map:ident<T $(, $hasher:ident)?>;)*) => {$(
        impl<T: Parse $(, $hasher: BuildHasher + Default)?> Parse for $map<String, T $(, $hasher)?> {
            fn read(cursor: &mut Cursor<'_>, rules: &Rules) -> Option<Self> {
                let mut members = Self::default();
                let mut more = cursor.open_object()?;
                while more {
                    let name = cursor.name()?.to_owned();
                    // No name stands twice.
                    if members.insert(name, T::read(cursor, rules.of_items())?).is_some() {
                        return None;
                    }
                    more = cursor.next_member()?;
                }
                Some(members)
            }

            fn tell(told: &mut Told) {
                T::tell(told);
            }
        }
    )*};
}
maps! {
    HashMap<T, S>;
    BTreeMap<T>;
}
