//! Writing values as JSON text: what generated code is made of, and a serde serializer of fastweb's own that finds it.
//!
//! Generated code writes names, punctuation and brackets as texts that were joined when it was compiled, and every value by its own
//! `Serialize` into [`Values`]. That is a whole serializer, so that models are found wherever they stand: in lists, maps and
//! options, in types that merely derive `Serialize`, and in other models. The text is serde_json's, byte for byte.

mod channel;
mod parts;
mod text_only;
mod values;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
pub use serde_json::Error;

use super::token::Plain;
pub use crate::text::Spare;
use values::{Values, WRITTEN};

/// What is asked for before anything is written: most answers need no more.
const ROOM: usize = 256;

/// Writes `value` as JSON to the end of `out`: what `serde_json::to_writer` writes, byte for byte.
///
/// Models are written by the code that was generated for them, everything else through its `Serialize`.
///
/// ```
/// # use fastweb_schema::model::to_json;
/// let mut out = b"data: ".to_vec();
/// to_json(&[("Ada", 36), ("Grace", 85)], &mut out)?;
/// assert_eq!(out, br#"data: [["Ada",36],["Grace",85]]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
/// The value cannot be written as JSON: its `Serialize` fails, or the key of a map is no text. `out` is as it was then.
pub fn to_json<T: ?Sized + Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let start = out.len();
    let mut spare = Spare::reserve(out, ROOM);
    let result = spare.value(value);
    drop(spare);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// What generated code implements: the whole value as JSON text.
pub trait WriteJson {
    /// Writes it.
    ///
    /// # Errors
    /// A part of it cannot be written.
    fn write_json(&self, out: &mut Spare<'_>) -> Result<(), Error>;
}

/// The `Serialize` of a model: its generated code where fastweb's own serializer asks, `plain` for all others.
///
/// # Errors
/// A part of it cannot be written.
#[inline(always)]
pub(super) fn serialize_model<T: WriteJson, S: Serializer>(
    model: &T,
    mut serializer: S,
    plain: impl FnOnce(S) -> Result<S::Ok, S::Error>,
) -> Result<S::Ok, S::Error> {
    match channel::write(model, &mut serializer) {
        None => plain(serializer),
        Some(Ok(())) => serializer.serialize_unit_struct(WRITTEN),
        Some(Err(error)) => Err(S::Error::custom(error)),
    }
}

/// Writes a model by what serde derived for it.
///
/// # Errors
/// A part of it cannot be written.
#[inline]
pub fn write_plain<T: Plain>(model: &T, out: &mut Spare<'_>) -> Result<(), Error> {
    model.plain_serialize(Values(out))
}

impl Spare<'_> {
    /// Writes `value` by its `Serialize`.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    #[inline(always)]
    pub fn value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Values(self))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Writes itself otherwise than it tells serde.
    struct Generated;

    impl WriteJson for Generated {
        fn write_json(&self, out: &mut Spare<'_>) -> Result<(), Error> {
            out.write(b"\"generated\"");
            Ok(())
        }
    }

    impl Serialize for Generated {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serialize_model(self, serializer, |serializer| serializer.serialize_str("derived"))
        }
    }

    #[derive(Serialize)]
    struct Around<'a> {
        one: &'a Generated,
        option: Option<Generated>,
        boxed: Box<Generated>,
        list: Vec<Generated>,
        map: BTreeMap<u8, Generated>,
        tuple: (u8, Generated),
        nested: Option<&'a Around<'a>>,
    }

    #[test]
    fn generated_code_is_found_wherever_a_model_stands() {
        let around = |nested| Around {
            one: &Generated,
            option: Some(Generated),
            boxed: Box::new(Generated),
            list: vec![Generated, Generated],
            map: BTreeMap::from([(1, Generated)]),
            tuple: (1, Generated),
            nested,
        };
        let inner = around(None);
        let mut out = Vec::new();
        to_json(&[Some(around(Some(&inner)))], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("generated").count(), 14, "{text}");
        let derived = serde_json::to_string(&[Some(around(Some(&inner)))]).unwrap();
        assert_eq!(text, derived.replace("derived", "generated"));
    }
}
