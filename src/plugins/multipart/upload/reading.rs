//! Files as fields of models.
//!
//! serde has no place for a file, so a form is read with the number of each file as its value; what is read for an [`Upload`] takes the file of
//! that number from a thread-local list, which is there for as long as the form is read.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use fastweb_schema::__private::schemars::{JsonSchema, Schema, SchemaGenerator};
use fastweb_schema::__private::serde::de::{self, Deserialize, Deserializer, Visitor};
use fastweb_schema::__private::serde::ser::{Error as _, Serialize, Serializer};
use serde_json::{Value, json};

use super::{Upload, UploadBytes};

/// The keyword by which the fields of a model are known that are files. It stands in no document.
const KIND: &str = "x-fastweb-upload";

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Text,
    /// To the disk.
    File,
    /// Held in memory.
    Bytes,
}

/// A file that was received.
pub(in super::super) enum Received {
    File(Upload),
    Bytes(UploadBytes),
}

thread_local! {
    static RECEIVED: RefCell<Vec<Option<Received>>> = const { RefCell::new(Vec::new()) };
}

/// Reads with these files at hand. Those that nothing takes are gone behind it.
pub(in super::super) fn read_with<R>(files: Vec<Received>, read: impl FnOnce() -> R) -> R {
    struct Restored(Vec<Option<Received>>);
    impl Drop for Restored {
        fn drop(&mut self) {
            // Dropped when nothing is borrowed any more.
            let left = RECEIVED.replace(std::mem::take(&mut self.0));
            drop(left);
        }
    }
    let _restored = Restored(RECEIVED.replace(files.into_iter().map(Some).collect()));
    read()
}

fn take(number: &str) -> Option<Received> {
    let number: usize = number.parse().ok()?;
    RECEIVED.with_borrow_mut(|files| files.get_mut(number)?.take())
}

/// What the schema of a property says of it. `root` has what is shared.
pub(in super::super) fn kind_of(schema: &Value, root: &Value, depth: u8) -> Kind {
    match schema.get(KIND).and_then(Value::as_str) {
        Some("file") => return Kind::File,
        Some(_) => return Kind::Bytes,
        None if depth == 0 => return Kind::Text,
        None => {}
    }
    let shared =
        schema.get("$ref").and_then(Value::as_str).and_then(|pointer| root.pointer(pointer.strip_prefix('#')?));
    let any = ["anyOf", "oneOf", "allOf"].iter().filter_map(|keyword| schema.get(keyword)?.as_array()).flatten();
    let within = shared.into_iter().chain(schema.get("items")).chain(any);
    within.map(|schema| kind_of(schema, root, depth - 1)).find(|kind| *kind != Kind::Text).unwrap_or(Kind::Text)
}

/// The schema as others are told it.
pub(in super::super) fn without_kinds(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get(KIND).is_some_and(Value::is_string) {
                members.remove(KIND);
            }
            members.values_mut().for_each(without_kinds);
        }
        Value::Array(items) => items.iter_mut().for_each(without_kinds),
        _ => {}
    }
}

struct Number(&'static str);

impl Visitor<'_> for Number {
    type Value = Received;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, number: &str) -> Result<Received, E> {
        take(number).ok_or_else(|| E::custom("must be a file of a multipart form"))
    }
}

macro_rules! file_of_a_form {
    ($($type:ident: $kind:ident as $word:literal;)+) => {$(
        /// Only within a `MultipartForm`.
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match deserializer.deserialize_str(Number("a file"))? {
                    Received::$kind(file) => Ok(file),
                    _ => Err(de::Error::custom("must be a file of a multipart form")),
                }
            }
        }

        /// Always fails: models are `Serialize`, and a file that came is no answer. [`Upload::into_body`] is one.
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(S::Error::custom("a file that came with a form is not written as a value"))
            }
        }

        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema($word)
            }
        }
    )+};
}

file_of_a_form! {
    Upload: File as "file";
    UploadBytes: Bytes as "bytes";
}

/// The bytes as they are: OpenAPI 3.1.1, 4.8.14.5, and what the tools of OpenAPI 3.0 know it by.
fn schema(kind: &str) -> Schema {
    let schema =
        json!({ "type": "string", "format": "binary", "contentMediaType": "application/octet-stream", KIND: kind });
    Schema::try_from(schema).unwrap_or_default()
}
