//! Pairs of names and values, `a=1&b=2`, as serde sees them: the query, and forms.

use std::rc::Rc;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::text_value::{Escapes, TextValue, ValueError};
use crate::bytes::block::{Block, at};
use crate::request::head::Head;

/// Pairs that are noted without an allocation.
const INLINE: usize = 8;

/// More pairs are refused: values of one key are found by comparing each key with each.
const MOST_PAIRS: usize = 512;

/// Key and value as they came.
#[derive(Clone, Copy, Default)]
struct Pair<'h> {
    key: &'h str,
    value: &'h str,
}

pub(crate) struct Pairs<'h> {
    head: Option<&'h Rc<Head>>,
    escapes: Escapes,
    /// No key stands twice. Only of few pairs it is known.
    all_differ: bool,
    len: usize,
    inline: [Pair<'h>; INLINE],
    more: Vec<Pair<'h>>,
}

impl<'h> Pairs<'h> {
    /// None yet of a `head`, where they are parts of one.
    pub(crate) fn none(head: Option<&'h Rc<Head>>) -> Self {
        let inline = [Pair::default(); INLINE];
        Self { head, escapes: Escapes::None, all_differ: true, len: 0, inline, more: Vec::new() }
    }

    /// The pairs of `text`. These are none yet: 300 bytes of them are not moved from there to here.
    pub(crate) fn parse(&mut self, text: &'h str) -> Result<&Self, ValueError> {
        let (mut start, mut equals, mut escaped) = (0, None, 0);
        for (nth, bytes) in text.as_bytes().chunks(16).enumerate() {
            let block = Block::padded(bytes);
            let ends = block.equal(b'&');
            let mut found = ends | block.equal(b'=');
            escaped |= block.equal(b'%') | block.equal(b'+');
            while found != 0 {
                let bit = found & found.wrapping_neg();
                found ^= bit;
                let place = nth * 16 + at(bit);
                if ends & bit != 0 {
                    self.push_part(text, start, equals.take(), place)?;
                    start = place + 1;
                } else if equals.is_none() {
                    equals = Some(place);
                }
            }
        }
        self.push_part(text, start, equals, text.len())?;
        // Where nothing is escaped, which is most often, keys and values stand for themselves.
        if escaped != 0 {
            self.escapes = Escapes::Form;
        }
        Ok(self.compared())
    }

    /// A pair that stands from `start` to `end` of `text`, with an equals sign or without.
    #[inline(always)]
    fn push_part(&mut self, text: &'h str, start: usize, equals: Option<usize>, end: usize) -> Result<(), ValueError> {
        match equals {
            Some(equals) => self.push(Pair { key: &text[start..equals], value: &text[equals + 1..end] }),
            None if start < end => self.push(Pair { key: &text[start..end], value: "" }),
            None => Ok(()),
        }
    }

    /// Names and values that stand for themselves. These are none yet.
    pub(super) fn plain(&mut self, named: impl IntoIterator<Item = (&'h str, &'h str)>) -> Result<&Self, ValueError> {
        for (key, value) in named {
            self.push(Pair { key, value })?;
        }
        Ok(self.compared())
    }

    #[inline]
    fn push(&mut self, pair: Pair<'h>) -> Result<(), ValueError> {
        match self.inline.get_mut(self.len) {
            Some(place) => *place = pair,
            None if self.len < MOST_PAIRS => self.more.push(pair),
            None => return Err(de::Error::custom(format_args!("it has more than {MOST_PAIRS} values"))),
        }
        self.len += 1;
        Ok(())
    }

    /// Finds whether a key stands twice.
    fn compared(&mut self) -> &Self {
        let pairs = self.inline.get(..self.len).unwrap_or_default();
        self.all_differ = self.len <= INLINE
            && (1..pairs.len()).all(|at| pairs[..at].iter().all(|before| !self.same_key(*before, pairs[at])));
        self
    }

    fn get(&self, at: usize) -> Option<Pair<'h>> {
        if at >= self.len {
            return None;
        }
        self.inline.get(at).or_else(|| self.more.get(at - INLINE)).copied()
    }

    /// All pairs as they came.
    #[cfg(feature = "schema")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'h str, &'h str)> {
        (0..self.len).filter_map(|at| self.get(at)).map(|pair| (pair.key, pair.value))
    }

    fn key(&self, pair: Pair<'h>) -> TextValue<'h> {
        TextValue { head: self.head, raw: pair.key, escapes: self.escapes }
    }

    fn value(&self, pair: Pair<'h>) -> TextValue<'h> {
        TextValue { head: self.head, raw: pair.value, escapes: self.escapes }
    }

    fn same_key(&self, a: Pair<'h>, b: Pair<'h>) -> bool {
        let (x, y) = (a.key, b.key);
        if self.escapes == Escapes::None || x == y {
            return x == y;
        }
        let escaped = |key: &str| key.contains(['%', '+']);
        // Keys of equal text are of equal length unless one of them is escaped.
        (escaped(x) || escaped(y)) && matches!((self.key(a).decode(), self.key(b).decode()), (Ok(x), Ok(y)) if x == y)
    }

    /// The first pair at or after `from` with the key of `like`.
    #[inline]
    fn next_of(&self, like: Pair<'h>, from: usize) -> Option<usize> {
        (from..self.len).find(|&at| self.get(at).is_some_and(|pair| self.same_key(pair, like)))
    }

    fn is_first_of_its_key(&self, at: usize) -> bool {
        self.all_differ || self.get(at).is_some_and(|pair| self.next_of(pair, 0) == Some(at))
    }

    /// The first pair behind `pair`, which stands at `at`, with its key.
    #[inline]
    fn twin_of(&self, pair: Pair<'h>, at: usize) -> Option<usize> {
        if self.all_differ { None } else { self.next_of(pair, at + 1) }
    }
}

/// Pairs as a struct, a map or a list.
pub(super) struct PairsDeserializer<'a, 'h>(pub(super) &'a Pairs<'h>);

impl<'de> Deserializer<'de> for PairsDeserializer<'_, 'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(Entries { pairs: self.0, at: 0 })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(PairList { pairs: self.0, at: 0 })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.0.len == 0 { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Key by key, each once.
struct Entries<'a, 'h> {
    pairs: &'a Pairs<'h>,
    at: usize,
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        while self.at < self.pairs.len && !self.pairs.is_first_of_its_key(self.at) {
            self.at += 1;
        }
        match self.pairs.get(self.at) {
            Some(pair) => seed.deserialize(self.pairs.key(pair)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        let first = self.at;
        self.at += 1;
        let Some(pair) = self.pairs.get(first) else { return Err(de::Error::custom("a value is missing")) };
        seed.deserialize(Values { pairs: self.pairs, pair, first }).map_err(|error| {
            let key = self.pairs.key(pair).decode();
            error.at(key.as_deref().unwrap_or("?"))
        })
    }
}

/// All values of one key.
struct Values<'a, 'h> {
    pairs: &'a Pairs<'h>,
    pair: Pair<'h>,
    first: usize,
}

impl<'h> Values<'_, 'h> {
    #[inline]
    fn single(&self) -> Result<TextValue<'h>, ValueError> {
        match self.pairs.twin_of(self.pair, self.first) {
            None => Ok(self.pairs.value(self.pair)),
            Some(_) => Err(ValueError::must_be("a single value")),
        }
    }
}

macro_rules! single_values {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.single()?.$method(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for Values<'_, 'de> {
    type Error = ValueError;

    single_values! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_identifier deserialize_map
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(ValueList { pairs: self.pairs, pair: self.pair, at: Some(self.first) })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if name == crate::request::text::NEWTYPE {
            self.single()?.deserialize_newtype_struct(name, visitor)
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.single()?.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! { unit_struct struct }
}

struct ValueList<'a, 'h> {
    pairs: &'a Pairs<'h>,
    pair: Pair<'h>,
    at: Option<usize>,
}

impl<'de> SeqAccess<'de> for ValueList<'_, 'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ValueError> {
        let Some((at, pair)) = self.at.and_then(|at| Some((at, self.pairs.get(at)?))) else { return Ok(None) };
        self.at = self.pairs.twin_of(self.pair, at);
        seed.deserialize(self.pairs.value(pair)).map(Some)
    }
}

/// `Vec<(String, String)>`: every pair, in order.
struct PairList<'a, 'h> {
    pairs: &'a Pairs<'h>,
    at: usize,
}

impl<'de> SeqAccess<'de> for PairList<'_, 'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ValueError> {
        let Some(pair) = self.pairs.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(OnePair { key: self.pairs.key(pair), value: self.pairs.value(pair) }).map(Some)
    }
}

struct OnePair<'h> {
    key: TextValue<'h>,
    value: TextValue<'h>,
}

impl<'de> Deserializer<'de> for OnePair<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(PairParts([Some(self.key), Some(self.value)]))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct PairParts<'h>([Option<TextValue<'h>>; 2]);

impl<'de> SeqAccess<'de> for PairParts<'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ValueError> {
        let part = self.0.iter_mut().find_map(Option::take);
        part.map(|part| seed.deserialize(part)).transpose()
    }
}
