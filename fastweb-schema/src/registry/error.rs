//! Why a schema cannot be used, and how to mend it.

use std::fmt;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ReferencingError, ValidationError};
use serde_json::Value;

use crate::validator::words;

/// A schema cannot be used: an error of the program, told at start-up.
///
/// It names the schema by its `$id`, the place in it, what is wrong and how to mend it:
///
/// ```
/// use fastweb_schema::Registry;
/// use serde_json::json;
///
/// let error = Registry::new()
///     .compile(&json!({ "$id": "user", "properties": { "nick": { "pattern": "^(?!admin)" } } }))
///     .unwrap_err();
/// assert_eq!(error.id(), Some("user"));
/// assert_eq!(error.pointer(), "/properties/nick/pattern");
/// assert!(error.to_string().contains("look-around"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    id: Option<String>,
    pointer: String,
    message: String,
}

impl SchemaError {
    pub(super) fn new(schema: &Value, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { id: id_of(schema).map(str::to_owned), pointer: pointer.into(), message: message.into() }
    }

    /// The `$id` of the schema, if it has one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The place in the schema, as a JSON pointer (RFC 6901); empty for the schema as a whole.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong there, and how to mend it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The judge refused `schema`. `others` are the schemas that it may refer to.
    pub(super) fn refused<'a>(
        schema: &'a Value,
        others: impl Iterator<Item = &'a Value>,
        error: &ValidationError<'_>,
    ) -> Self {
        let place = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::Referencing(error) => Self::dangling(schema, others, error),
            ValidationErrorKind::Format { format } if format == "regex" => {
                // The place is that of the pattern in the schema that was compiled, or in one that it refers to.
                let blamed = std::iter::once(schema)
                    .chain(others)
                    .find(|schema| schema.pointer(place).is_some())
                    .unwrap_or(schema);
                Self::new(blamed, place, pattern_message(blamed.pointer(place)))
            }
            kind => Self::new(schema, place, meta_message(place, kind, error)),
        }
    }

    /// A reference leads nowhere: the place is that of the `$ref` that says so.
    pub(super) fn dangling<'a>(
        schema: &'a Value,
        others: impl Iterator<Item = &'a Value>,
        error: &ReferencingError,
    ) -> Self {
        let (message, sought) = match error {
            ReferencingError::Unretrievable { uri, .. } => {
                let uri = uri.trim_start_matches("json-schema:///").trim_end_matches('#');
                let draft = schema.get("$schema").and_then(Value::as_str).unwrap_or_default();
                if draft.trim_end_matches('#') == uri {
                    return Self::new(schema, "/$schema", unknown_draft(uri));
                }
                (
                    format!(
                        "there is no schema \"{uri}\"; add it to the registry, schemas are never fetched from the network or from \
                         files"
                    ),
                    Sought::Schema(uri),
                )
            }
            ReferencingError::PointerToNowhere { pointer }
            | ReferencingError::InvalidPercentEncoding { pointer, .. }
            | ReferencingError::InvalidArrayIndex { pointer, .. } => (
                format!("the reference leads nowhere: there is nothing at \"{pointer}\" in the schema it names"),
                Sought::Fragment(pointer),
            ),
            ReferencingError::NoSuchAnchor { anchor } | ReferencingError::InvalidAnchor { anchor } => (
                format!("the reference leads nowhere: no schema has the anchor \"{anchor}\""),
                Sought::Fragment(anchor),
            ),
            ReferencingError::UnknownSpecification { specification } => {
                return Self::new(schema, "/$schema", unknown_draft(specification));
            }
            other => return Self::new(schema, "", format!("a reference cannot be followed: {other}")),
        };
        let found =
            std::iter::once(schema).chain(others).find_map(|candidate| Some((candidate, sought.within(candidate)?)));
        let (blamed, pointer) = found.unwrap_or_else(|| (schema, String::new()));
        Self::new(blamed, pointer, message)
    }
}

/// What a reference that leads nowhere looks like: the judge tells where it leads, not where it stands.
enum Sought<'a> {
    /// It names this schema, maybe relative to another.
    Schema(&'a str),
    /// It ends so.
    Fragment(&'a str),
}

impl Sought<'_> {
    fn is(&self, reference: &str) -> bool {
        let (target, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        match *self {
            Self::Schema(uri) => !target.is_empty() && uri.ends_with(target.trim_start_matches(['.', '/'])),
            Self::Fragment(sought) => fragment == sought,
        }
    }

    /// The pointer of the first such reference.
    fn within(&self, schema: &Value) -> Option<String> {
        match schema {
            Value::Object(members) => members.iter().find_map(|(name, value)| match value {
                Value::String(reference) if matches!(&**name, "$ref" | "$dynamicRef") && self.is(reference) => {
                    Some(format!("/{name}"))
                }
                value => {
                    let rest = self.within(value)?;
                    Some(format!("/{}{rest}", name.replace('~', "~0").replace('/', "~1")))
                }
            }),
            Value::Array(items) => {
                items.iter().enumerate().find_map(|(i, item)| Some(format!("/{i}{}", self.within(item)?)))
            }
            _ => None,
        }
    }
}

/// The drafts that `$schema` may name.
fn unknown_draft(uri: &str) -> String {
    format!(
        "\"{uri}\" is no known draft; use \"https://json-schema.org/draft/2020-12/schema\", \
         \"https://json-schema.org/draft/2019-09/schema\", \"http://json-schema.org/draft-07/schema#\", -06 or -04, \
         or leave $schema out"
    )
}

fn pattern_message(pattern: Option<&Value>) -> String {
    let name = pattern.and_then(Value::as_str).map(|pattern| format!(" \"{pattern}\"")).unwrap_or_default();
    format!(
        "the pattern{name} cannot be compiled; look-around and back-references are not supported, because patterns are matched in \
         linear time, and braces, brackets and parentheses have to be closed or escaped"
    )
}

/// What the meta-schema has against the schema.
fn meta_message(place: &str, kind: &ValidationErrorKind, error: &ValidationError<'_>) -> String {
    let keyword = place.rsplit('/').next().unwrap_or_default();
    let hint = match keyword {
        "type" => "use array, boolean, integer, null, number, object or string, or a list of them",
        "required" => {
            "list the names of the properties, once each; it belongs beside \"properties\", not into one of them"
        }
        "exclusiveMinimum" | "exclusiveMaximum" => "give the bound itself; only draft 4 takes true and false",
        "$schema" | "$id" | "id" | "$ref" => "give a URI or a URI reference",
        _ => "",
    };
    let (_, words) = words(kind, error.schema_path().as_str());
    let words = match kind {
        ValidationErrorKind::Custom { message, .. } => message.clone(),
        ValidationErrorKind::AnyOf { .. } if keyword == "type" => "is no type".to_owned(),
        _ => words,
    };
    let value = if keyword.is_empty() { "the schema" } else { "the value" };
    match hint {
        "" => format!("{value} {words}"),
        hint => format!("{value} {words}; {hint}"),
    }
}

/// `$id`, or `id` as draft 4 writes it.
pub(super) fn id_of(schema: &Value) -> Option<&str> {
    let id = match schema.get("$id") {
        Some(id) => Some(id),
        None => schema
            .get("id")
            .filter(|_| schema.get("$schema").and_then(Value::as_str).is_some_and(|draft| draft.contains("draft-04"))),
    };
    id.and_then(Value::as_str)
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => write!(f, "schema \"{id}\"")?,
            None => f.write_str("the schema")?,
        }
        match self.pointer() {
            "" => write!(f, ": {}", self.message),
            pointer => write!(f, " at {pointer}: {}", self.message),
        }
    }
}

impl std::error::Error for SchemaError {}
