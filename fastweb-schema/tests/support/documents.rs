//! An input of the fuzzer: a response schema and values for it, as JSON documents one behind the other.

use fastweb_schema::{Document, Serializer};
use serde_json::Value;

use super::filter::filter;

/// Keywords by which schemas lead elsewhere, which the slow way does not follow.
const ELSEWHERE: [&str; 6] = ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "\\u"];

/// Writes the values by the schema and compares with the slow way; panics where they differ. `None` if there is nothing to compare.
pub(crate) fn check(input: &[u8]) -> Option<()> {
    let text = std::str::from_utf8(input).ok()?;
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let schema = documents.next()?.ok()?;
    // What is wrong with the schema must be told, and no schema may take long.
    let serializer = Serializer::compile(&schema).ok()?;
    for value in documents.map_while(Result::ok) {
        let mut out = Vec::new();
        let by_value = serializer.write_value(&value, &mut out).is_ok();
        let mut by_serde = Vec::new();
        assert_eq!(serializer.write(&value, &mut by_serde).is_ok(), by_value, "{value} by {schema}");
        let mut by_document = Vec::new();
        let document = Document::from(&value);
        assert_eq!(serializer.write_value(document.root(), &mut by_document).is_ok(), by_value, "{value} by {schema}");
        assert_eq!(by_document, out, "{value} by {schema}");
        let _ = serializer.write_value_telling(&value, &mut Vec::new());
        assert!(by_value || (out.is_empty() && by_serde.is_empty()));
        let written: Option<Value> = by_value.then(|| serde_json::from_slice(&out).expect("it is JSON"));
        if by_value {
            assert_eq!(Some(serde_json::from_slice(&by_serde).expect("it is JSON")), written, "{value} by {schema}");
        }
        if ELSEWHERE.iter().any(|keyword| text.contains(keyword)) || !has_simple_patterns(&schema) {
            continue;
        }
        // Read back, because serde_json's parser is not exact for all floats.
        let expected =
            filter(&schema, &value).map(|value| serde_json::from_str(&value.to_string()).expect("it is JSON"));
        assert_eq!(written, expected, "{value} by {schema}");
    }
    Some(())
}

/// Whether all patterns are such as the slow way matches: a prefix behind `^`.
fn has_simple_patterns(schema: &Value) -> bool {
    let is_simple = |pattern: &String| {
        pattern.strip_prefix('^').is_some_and(|prefix| prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    match schema {
        Value::Array(items) => items.iter().all(has_simple_patterns),
        Value::Object(members) => members.iter().all(|(name, member)| {
            has_simple_patterns(member)
                && (name != "patternProperties"
                    || member.as_object().is_none_or(|patterns| patterns.keys().all(is_simple)))
        }),
        _ => true,
    }
}
