//! Text that need not be copied out of the request.

use std::borrow::Borrow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::head::{Head, TextSpan};

/// A string that may be a part of the request's head instead of a copy of it.
///
/// Use it where an argument of a handler is read and forgotten: `Path<Text>` and `Query` fields of this type allocate nothing
/// unless the text had to be percent-decoded. It keeps the head's buffer alive for as long as it lives, and it stays on its
/// worker (it is not `Send`): [`into_owned`](Text::into_owned) makes the `String` that may leave.
///
/// ```
/// use fastweb_core::Text;
///
/// let text = Text::from("ada");
/// assert_eq!(text, "ada");
/// assert_eq!(text.len(), 3);
/// let name: String = text.into_owned();
/// # assert_eq!(name, "ada");
/// ```
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    InHead { head: Rc<Head>, span: TextSpan },
    Owned(String),
}

impl Text {
    /// A part of `head` that stays there.
    ///
    /// # Panics
    /// `part` is no part of it.
    pub(crate) fn in_head(head: &Rc<Head>, part: &str) -> Self {
        Self(Repr::InHead { span: head.locate(part), head: head.clone() })
    }

    /// The text as `&str`.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::InHead { head, span } => head.text(*span),
            Repr::Owned(text) => text,
        }
    }

    /// The text as a `String` of its own, copied only if it was not one already.
    pub fn into_owned(self) -> String {
        match self.0 {
            Repr::InHead { head, span } => head.text(span).to_owned(),
            Repr::Owned(text) => text,
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Owned(text))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Repr::Owned(text.to_owned()))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.into_owned()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self(Repr::Owned(String::new()))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// By this name `Text` asks fastweb's own deserialisers for a part of the head. Every other deserialiser sees a newtype around
/// a string and gives a copy.
pub(crate) const NEWTYPE: &str = "fastweb::Text";

thread_local! {
    /// The text on its way from a deserialiser of this crate to the visitor below: serde has no type for it.
    static HANDED_OVER: Cell<Option<Text>> = const { Cell::new(None) };
}

/// Gives `text` to the visitor of [`Text`]. Only for visitors that came with [`NEWTYPE`].
pub(crate) fn hand_over<'de, V: Visitor<'de>, E: serde::de::Error>(text: Text, visitor: V) -> Result<V::Value, E> {
    HANDED_OVER.with(|place| place.set(Some(text)));
    let result = visitor.visit_unit();
    HANDED_OVER.with(Cell::take);
    result
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Text, E> {
                let text = HANDED_OVER.with(Cell::take);
                text.ok_or_else(|| E::invalid_type(serde::de::Unexpected::Unit, &self))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text, D::Error> {
                String::deserialize(deserializer).map(Text::from)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::from(text))
            }

            fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Text, E> {
                Ok(Text::from(text))
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
                std::str::from_utf8(bytes).map(Text::from).map_err(E::custom)
            }
        }

        deserializer.deserialize_newtype_struct(NEWTYPE, TextVisitor)
    }
}
