//! What documents fail with.

use serde_json::{Value, json};

use super::*;
use crate::Registry;

fn compile(schema: Value) -> Validator {
    Registry::new().compile(&schema).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn fails(schema: Value, json: &str, expected: &[(&str, &str, &str)]) {
    let document = Document::parse(json.as_bytes()).expect("JSON");
    let validator = compile(schema);
    assert_eq!(validator.is_valid(&document), expected.is_empty());
    let failures = validator.validate(&document).err().map(Failures::into_iter).into_iter().flatten();
    let failures: Vec<_> = failures.map(|failure| (failure.pointer, failure.keyword, failure.message)).collect();
    let failures: Vec<_> =
        failures.iter().map(|(pointer, keyword, message)| (&**pointer, *keyword, &**message)).collect();
    assert_eq!(failures, expected);
}

#[test]
fn every_keyword_has_its_words() {
    for (schema, json, pointer, keyword, message) in [
        (json!({ "type": "integer" }), "1.5", "", "type", "must be integer"),
        (json!({ "type": ["string", "null"] }), "1", "", "type", "must be string,null"),
        (json!({ "enum": [1, "a"] }), "2", "", "enum", "must be equal to one of the allowed values"),
        (json!({ "const": 1 }), "2", "", "const", "must be equal to constant"),
        (json!({ "minimum": 1 }), "0", "", "minimum", "must be >= 1"),
        (json!({ "maximum": 1.5 }), "2", "", "maximum", "must be <= 1.5"),
        (json!({ "exclusiveMinimum": 1 }), "1", "", "exclusiveMinimum", "must be > 1"),
        (json!({ "exclusiveMaximum": 1 }), "1", "", "exclusiveMaximum", "must be < 1"),
        (json!({ "multipleOf": 0.01 }), "0.005", "", "multipleOf", "must be multiple of 0.01"),
        (json!({ "minLength": 2 }), "\"é\"", "", "minLength", "must NOT have fewer than 2 characters"),
        (json!({ "maxLength": 1 }), "\"éé\"", "", "maxLength", "must NOT have more than 1 characters"),
        (json!({ "pattern": "^a$" }), "\"b\"", "", "pattern", "must match pattern \"^a$\""),
        (json!({ "format": "uuid" }), "\"b\"", "", "format", "must match format \"uuid\""),
        (json!({ "minItems": 1 }), "[]", "", "minItems", "must NOT have fewer than 1 items"),
        (json!({ "maxItems": 1 }), "[1,2]", "", "maxItems", "must NOT have more than 1 items"),
        (json!({ "uniqueItems": true }), "[1,1.0]", "", "uniqueItems", "must NOT have duplicate items"),
        (json!({ "contains": { "type": "null" } }), "[1]", "", "contains", "must contain at least 1 valid item(s)"),
        (json!({ "unevaluatedItems": false }), "[1]", "", "unevaluatedItems", "must NOT have unevaluated items"),
        (json!({ "required": ["a"] }), "{}", "", "required", "must have required property 'a'"),
        (json!({ "minProperties": 1 }), "{}", "", "minProperties", "must NOT have fewer than 1 properties"),
        (json!({ "maxProperties": 0 }), "{\"a\":1}", "", "maxProperties", "must NOT have more than 0 properties"),
        (
            json!({ "additionalProperties": false }),
            "{\"a\":1}",
            "",
            "additionalProperties",
            "must NOT have additional properties",
        ),
        (
            json!({ "unevaluatedProperties": false }),
            "{\"a\":1}",
            "",
            "unevaluatedProperties",
            "must NOT have unevaluated properties",
        ),
        (
            json!({ "propertyNames": { "maxLength": 1 } }),
            "{\"ab\":1}",
            "",
            "propertyNames",
            "property name must be valid",
        ),
        (json!({ "properties": { "a": false } }), "{\"a\":1}", "/a", "false schema", "boolean schema is false"),
        (json!({ "anyOf": [{ "type": "null" }, { "const": 1 }] }), "2", "", "anyOf", "must match a schema in anyOf"),
        (json!({ "oneOf": [true, { "const": 1 }] }), "1", "", "oneOf", "must match exactly one schema in oneOf"),
        (json!({ "not": { "const": 1 } }), "1", "", "not", "must NOT be valid"),
        (
            json!({ "dependentRequired": { "a": ["b"] } }),
            "{\"a\":1}",
            "",
            "required",
            "must have required property 'b'",
        ),
        (json!({ "properties": { "a/b~": { "type": "null" } } }), "{\"a/b~\":1}", "/a~1b~0", "type", "must be null"),
    ] {
        fails(schema, json, &[(pointer, keyword, message)]);
    }
}

#[test]
fn failures_come_in_the_order_of_the_document_and_are_bounded() {
    let schema = json!({
        "properties": {
            "a": { "type": "string" },
            "b": { "items": { "type": "string" } },
            "c": { "type": "string", "minLength": 2 },
        },
        "required": ["a", "d"],
    });
    let expected = [
        ("", "required", "must have required property 'd'"),
        ("/c", "minLength", "must NOT have fewer than 2 characters"),
        ("/b/0", "type", "must be string"),
        ("/b/2", "type", "must be string"),
        ("/a", "type", "must be string"),
    ];
    fails(schema.clone(), r#"{"c":"x","b":[1,"y",2],"a":3}"#, &expected);

    let many = |n: usize| format!(r#"{{"a":"","d":1,"b":[{}1]}}"#, "1,".repeat(n));
    let failures = |json: &str| {
        let document = Document::parse(json.as_bytes()).expect("JSON");
        compile(schema.clone())
            .validate(&document)
            .expect_err("wrong")
            .into_iter()
            .map(|f| f.pointer)
            .collect::<Vec<_>>()
    };
    let pointers: Vec<_> = (0..16).map(|i| format!("/b/{i}")).collect();
    assert_eq!(failures(&many(100)), pointers);
    assert_eq!(failures(&many(100_000)), pointers);
}

#[test]
fn no_failure_repeats_what_was_sent() {
    let schema = json!({
        "additionalProperties": false,
        "properties": {
            "a": { "type": "integer" }, "b": { "enum": [1] }, "c": { "format": "email" }, "d": { "pattern": "^x" }, "e": { "maxLength": 1 },
            "f": { "anyOf": [{ "const": 1 }, { "minLength": 99 }] }, "g": { "not": {} }, "h": { "propertyNames": { "maxLength": 1 } },
            "i": { "uniqueItems": true }, "j": { "unevaluatedProperties": false }, "k": { "unevaluatedItems": false }, "l": false,
        },
    });
    let json = r#"{"a":"secret","b":"secret","c":"secret","d":"secret","e":"secret","f":"secret","g":"secret","h":{"secret":1},
        "i":["secret","secret"],"j":{"secret":1},"k":["secret"],"l":"secret","secret":1}"#;
    let failures = compile(schema).validate(&Document::parse(json.as_bytes()).expect("JSON")).expect_err("wrong");
    assert_eq!(failures.as_slice().len(), 13);
    assert!(!format!("{failures:?}{failures}").contains("secret"), "{failures}");
}
