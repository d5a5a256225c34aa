//! The token by which fastweb finds a model inside of any type that serde reads or writes.
//!
//! A model tells serde that it is a newtype struct of the name [`MODEL`]. Other formats go on to what is in it, which is the derived code.
//! fastweb's own deserialiser knows the name, and instead of going on gives the visitor the text from there. How much of it was read goes
//! back by a thread-local cell, as does how deep the text is nested already: serde's methods have no place for it, and a cell costs two
//! instructions.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Model;
use super::cursor::Cursor;
use super::parse::Told;
use super::rules::Rules;
use super::schema::schema_of_model;
use super::write;

/// The name that a model gives itself. It is known by its place in memory, which no other string has.
pub static MODEL: &str = "$fastweb::Model";

#[inline]
pub(super) fn is_model(name: &'static str) -> bool {
    std::ptr::eq(name, MODEL)
}

/// What serde derives, under other names.
pub trait Plain: Sized {
    /// From the parts of the item.
    #[allow(missing_docs)]
    fn plain_deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// As its parts.
    #[allow(missing_docs)]
    fn plain_serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// What goes between fastweb's deserialiser and a model's visitor.
#[derive(Clone, Copy)]
pub(super) enum Message {
    None,
    /// Read what comes, which may be nested as deep.
    Read {
        depth: usize,
    },
    /// So much of the text was read.
    Consumed(usize),
}

thread_local! {
    static MESSAGE: Cell<Message> = const { Cell::new(Message::None) };
}

/// Gives the text to a model's visitor, and goes behind what it has read.
#[inline(always)]
pub(super) fn hand_over<'de, V: Visitor<'de>, E: Error>(cursor: &mut Cursor<'de>, visitor: V) -> Result<V::Value, E> {
    MESSAGE.set(Message::Read { depth: cursor.depth() });
    let value = visitor.visit_borrowed_str(cursor.rest());
    if let Message::Consumed(len) = MESSAGE.replace(Message::None) {
        cursor.advance(len);
    }
    value
}

/// The implementation of `Deserialize` for a model.
#[inline(always)]
#[allow(missing_docs)]
pub fn deserialize<'de, T: Model, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_newtype_struct(MODEL, ModelVisitor(PhantomData))
}

/// The implementation of `Serialize` for a model.
#[inline(always)]
#[allow(missing_docs)]
pub fn serialize<T: Model, S: Serializer>(model: &T, serializer: S) -> Result<S::Ok, S::Error> {
    write::serialize_model(model, serializer, |serializer| serializer.serialize_newtype_struct(MODEL, &Parts(model)))
}

struct Parts<'a, T>(&'a T);

impl<T: Plain> Serialize for Parts<'_, T> {
    #[inline(always)]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.plain_serialize(serializer)
    }
}

struct ModelVisitor<T>(PhantomData<T>);

impl<'de, T: Model> Visitor<'de> for ModelVisitor<T> {
    type Value = T;

    /// With `{:#}` the schema, with `{:+}` the models that are read the slow way, with `{:-}` those that are written so: for the probe, which knows
    /// no more of `T` than that it implements `Deserialize`.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return write!(f, "{}", schema_of_model::<T>());
        }
        if f.sign_plus() {
            let mut told = Told::default();
            T::tell(&mut told);
            return told.slow.iter().try_for_each(|(name, why)| writeln!(f, "{name}: {why}"));
        }
        if f.sign_minus() {
            let mut told = Told::default();
            T::tell(&mut told);
            return told.slow_to_write.iter().try_for_each(|(name, why)| writeln!(f, "{name}: {why}"));
        }
        f.write_str("a ")?;
        f.write_str(&T::schema_name())
    }

    /// Every other format.
    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::plain_deserialize(deserializer)
    }

    #[inline(always)]
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<T, E> {
        // A format that gives a string for a newtype struct has left no message.
        let Message::Read { depth } = MESSAGE.replace(Message::None) else {
            return T::plain_deserialize(serde::de::value::BorrowedStrDeserializer::new(text));
        };
        let mut cursor = Cursor::within(text, depth);
        match T::read(&mut cursor, &Rules::NONE) {
            Some(value) => {
                MESSAGE.set(Message::Consumed(cursor.position()));
                Ok(value)
            }
            None => Err(E::custom("")),
        }
    }
}
