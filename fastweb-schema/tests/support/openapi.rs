//! Whether a document is one of OpenAPI 3.1, by the meta-schemas of the OpenAPI Initiative, and whether its examples are what they are examples of.

// Each test binary uses a part of this.
#![allow(dead_code)]

use std::sync::LazyLock;

use fastweb_schema::{Document, Registry, Validator};
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../openapi/meta/schema.json");
const DIALECT: &str = include_str!("../openapi/meta/dialect.json");
const BASE: &str = include_str!("../openapi/meta/base.json");

/// Fails with everything that is wrong with `document`.
#[track_caller]
pub(crate) fn assert_openapi(document: &Value) {
    let mut problems = violations(document);
    problems.extend(dangling(document));
    if problems.is_empty() {
        problems = examples(document);
    }
    assert!(problems.is_empty(), "{problems:#?}\n{document:#}");
}

/// What the meta-schemas have against it, Schema Objects included.
pub(crate) fn violations(document: &Value) -> Vec<String> {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(meta_schema);
    match VALIDATOR.validate(&Document::from(document)) {
        Ok(()) => Vec::new(),
        Err(failures) => vec![failures.to_string()],
    }
}

fn meta_schema() -> Validator {
    let mut registry = Registry::new();
    for schema in [SCHEMA, DIALECT, BASE] {
        registry.add(serde_json::from_str(schema).expect("JSON")).expect("a schema");
    }
    // The meta-schema leaves open what a Schema Object is; this says it.
    let with_dialect = json!({
        "$id": "https://example.com/openapi-with-dialect",
        "$ref": "https://spec.openapis.org/oas/3.1/schema/2022-10-07",
        "$defs": {
            "schema": { "$dynamicAnchor": "meta", "$ref": "https://spec.openapis.org/oas/3.1/dialect/base" }
        },
    });
    registry.compile(&with_dialect).expect("a schema")
}

/// Compiles the schema at a pointer of the document.
pub(crate) fn compile(document: &Value, pointer: &str) -> Validator {
    let mut registry = Registry::new();
    // Its own references are relative to the document, as these.
    registry.add_as("openapi", document.clone()).expect("a schema, if one that says nothing");
    let pointer: String = pointer
        .bytes()
        .map(|byte| match byte {
            b'/' | b'~' | b'_' | b'-' | b'.' | b'$' => char::from(byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let schema = json!({ "$ref": format!("openapi#{pointer}") });
    registry.compile(&schema).unwrap_or_else(|error| panic!("{pointer}: {error}"))
}

/// References that lead nowhere.
fn dangling(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, "", &mut |pointer, value| {
        if let Some(target) = value.get("$ref").and_then(Value::as_str)
            && !target.starts_with("https://json-schema.org/")
            && target.strip_prefix('#').is_none_or(|target| document.pointer(target).is_none())
        {
            found.push(format!("{pointer}/$ref leads nowhere: {target}"));
        }
    });
    found
}

/// Examples and defaults that are not valid, and how many there are.
fn examples(document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |pointer: &str, schema: &str, value: &Value| {
        if let Err(failures) = compile(document, schema).validate(&Document::from(value)) {
            problems.push(format!("{pointer}: {value}: {failures}"));
        }
    };
    walk(document, "", &mut |pointer, value| {
        // Data that look like schemas are not looked into.
        let data = ["/default", "/const", "/example", "/value"];
        if data.iter().any(|end| pointer.ends_with(end)) || pointer.contains("/examples/") || pointer.contains("/enum/")
        {
            return;
        }
        // Of a schema: a list of values, and a value.
        if let Some(Value::Array(examples)) = value.get("examples") {
            examples.iter().for_each(|example| check(&format!("{pointer}/examples"), pointer, example));
        }
        if let Some(default) = value.get("default").filter(|_| !pointer.ends_with("/responses")) {
            check(&format!("{pointer}/default"), pointer, default);
        }
        // Of a media type or a parameter: named ones.
        if let (Some(Value::Object(examples)), Some(_)) = (value.get("examples"), value.get("schema")) {
            for (name, example) in examples {
                check(&format!("{pointer}/examples/{name}"), &format!("{pointer}/schema"), &example["value"]);
            }
        }
    });
    problems
}

fn walk(value: &Value, pointer: &str, look: &mut impl FnMut(&str, &Value)) {
    look(pointer, value);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                walk(member, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), look);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{pointer}/{i}"), look));
        }
        _ => {}
    }
}
