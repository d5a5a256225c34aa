//! An input of the fuzzer: a schema and documents, as JSON texts one behind the other.

use fastweb_schema::{__private, Document, Failures, Registry};
use serde::de::IgnoredAny;
use serde_json::Value;

/// What the fast lane knows; `$ref` apart, which may go in circles.
const KEYWORDS: [&str; 32] = [
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "required",
    "properties",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "$defs",
    "title",
    "default",
];

/// Validates the documents by both lanes and panics where they differ. `None` if there is nothing to compare.
pub(crate) fn check(input: &[u8]) -> Option<()> {
    let mut rest = std::str::from_utf8(input).ok()?;
    let mut next = || {
        let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        texts.next()?.ok()?;
        let (text, others) = rest.split_at_checked(texts.byte_offset())?;
        rest = others;
        Some(text)
    };
    let schema: Value = serde_json::from_str(next()?).ok()?;
    // What is wrong with the schema must be told, and no schema may take long.
    let lanes = __private::Lanes::compile(&Registry::new(), &schema).ok();
    assert_eq!(lanes.is_some(), Registry::new().compile(&schema).is_ok(), "{schema}");
    let lanes = lanes?;
    let known = is_known(&schema);
    let mut compared = None;
    while let Some(text) = next() {
        let Ok(document) = Document::parse(text.as_bytes()) else { continue };
        let (fast, judged) = lanes.check(&document);
        match fast {
            Some(fast) => assert_eq!(fast, judged, "{text} by {schema}"),
            None => assert!(!known, "the fast lane does not know {text} by {schema}"),
        }
        match lanes.validate(&document) {
            Ok(()) => assert!(judged, "{text} by {schema}"),
            Err(failures) => {
                assert!(!judged, "{text} by {schema}");
                assert!((1..=Failures::LIMIT).contains(&failures.as_slice().len()), "{text} by {schema}");
            }
        }
        // However a document came to be.
        let copy = Document::from(&Value::from(&document));
        assert_eq!(lanes.check(&copy), (fast, judged), "a copy of {text} by {schema}");
        compared = Some(());
    }
    compared
}

/// Whether the schema is made of the fast lane's keywords alone.
fn is_known(schema: &Value) -> bool {
    let Some(members) = schema.as_object() else { return true };
    members.iter().all(|(keyword, operand)| {
        KEYWORDS.contains(&keyword.as_str())
            && match (keyword.as_str(), operand) {
                ("properties" | "$defs", Value::Object(schemas)) => schemas.values().all(is_known),
                ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => schemas.iter().all(is_known),
                ("items" | "additionalProperties" | "not" | "if" | "then" | "else", schema) => is_known(schema),
                // Lengths beyond four billion are the judge's.
                (keyword, Value::Number(count)) if keyword.starts_with("min") || keyword.starts_with("max") => {
                    matches!(keyword, "minimum" | "maximum") || count.as_f64().is_some_and(|count| count < 4e9)
                }
                _ => true,
            }
    })
}
