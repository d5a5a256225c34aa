//! Schemas of every draft become schemas of 2020-12 that say the same.

use fastweb_schema::openapi::{Api, Content, Info, Operation};
use fastweb_schema::{Document, Draft, Registry};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{compile, violations};

const PLACE: &str = "/paths/~1/post/requestBody/content/application~1json/schema";

fn translate(schema: &Value, registry: &Registry) -> Value {
    let mut api = Api::new(Info::new("x", "1"));
    let mut operation = Operation::new("POST", "/");
    operation.body = vec![Content::new("application/json", schema.clone())];
    operation.registry = registry.clone();
    api.add(operation);
    api.document().unwrap_or_else(|error| panic!("{schema}: {error}"))
}

fn written(schema: Value) -> Value {
    translate(&schema, &Registry::new().with_default_draft(Draft::Draft7)).pointer(PLACE).expect("it is there").clone()
}

#[test]
fn what_older_drafts_write_otherwise() {
    for (old, new) in [
        (json!({ "minimum": 5, "exclusiveMinimum": true }), json!({ "exclusiveMinimum": 5 })),
        (json!({ "maximum": 5, "exclusiveMaximum": false }), json!({ "maximum": 5 })),
        (json!({ "exclusiveMaximum": 5 }), json!({ "exclusiveMaximum": 5 })),
        (
            json!({ "items": [{ "type": "string" }, { "nullable": true, "type": "string" }], "additionalItems": false }),
            json!({ "prefixItems": [{ "type": "string" }, { "type": ["string", "null"] }], "items": false }),
        ),
        (json!({ "items": { "type": "string" }, "additionalItems": false }), json!({ "items": { "type": "string" } })),
        (
            json!({ "dependencies": { "a": ["b"], "c": { "minProperties": 2 } } }),
            json!({ "dependentRequired": { "a": ["b"] }, "dependentSchemas": { "c": { "minProperties": 2 } } }),
        ),
        (
            json!({ "$id": "#x", "$comment": "for us", "definitions": { "a": {} }, "type": "null" }),
            json!({ "type": "null" }),
        ),
        (json!({ "type": "string", "example": "a" }), json!({ "type": "string", "examples": ["a"] })),
        (json!({ "example": "a", "examples": ["b"] }), json!({ "examples": ["b"] })),
        (json!({ "type": "string", "nullable": true }), json!({ "type": ["string", "null"] })),
        (json!({ "type": ["string", "null"], "nullable": true }), json!({ "type": ["string", "null"] })),
        (json!({ "type": "string", "nullable": false }), json!({ "type": "string" })),
        (
            json!({ "type": "string", "enum": ["a"], "nullable": true }),
            json!({ "type": ["string", "null"], "enum": ["a", null] }),
        ),
        (
            json!({ "anyOf": [{ "type": "string" }], "nullable": true }),
            json!({ "anyOf": [{ "anyOf": [{ "type": "string" }] }, { "type": "null" }] }),
        ),
        (
            json!({ "if": { "nullable": true, "type": "string" }, "then": false }),
            json!({ "if": { "type": ["string", "null"] }, "then": false }),
        ),
        (json!(true), json!(true)),
    ] {
        assert_eq!(written(old.clone()), new, "{old}");
    }
    let draft4 = json!({ "$schema": "http://json-schema.org/draft-04/schema#", "id": "urn:x:thing", "type": "object" });
    assert_eq!(
        translate(&draft4, &Registry::new())["components"]["schemas"]["urn_x_thing"],
        json!({ "type": "object" })
    );
}

/// A schema of draft 7, written with every keyword that has changed since.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["string", "integer", "null", "array", "object"]).prop_map(|ty| json!({ "type": ty })),
        Just(json!({ "$ref": "#/definitions/a" })),
        Just(json!({ "$ref": "#/definitions/b", "type": "string" })),
        Just(json!({ "$ref": "#/properties/x" })),
        Just(json!({ "$ref": "shared#" })),
        Just(json!({ "$ref": "shared#/definitions/a" })),
        Just(json!({ "$ref": "shared#/properties/y" })),
        Just(json!({ "enum": [1, "a"] })),
        any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let lists = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(x, y)| json!({ "properties": { "x": x, "y": y } })),
            (lists.clone(), inner.clone()).prop_map(|(items, more)| json!({ "items": items, "additionalItems": more })),
            inner.clone().prop_map(|items| json!({ "items": items, "additionalItems": false })),
            inner.clone().prop_map(|needs| json!({ "dependencies": { "x": needs, "y": ["x"] } })),
            inner.clone().prop_map(|not| json!({ "not": not })),
            lists.clone().prop_map(|all| json!({ "allOf": all })),
            lists.prop_map(|any| json!({ "anyOf": any })),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({ "if": a, "then": b })),
            (inner.clone(), inner).prop_map(
                |(more, names)| json!({ "additionalProperties": more, "patternProperties": { "^x": names } })
            ),
        ]
    })
}

/// A schema whose references lead somewhere.
fn root(schema: Value, a: Value, b: Value, x: Value) -> Value {
    json!({ "allOf": [schema], "definitions": { "a": a, "b": b }, "properties": { "x": x } })
}

fn instance() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(1)), Just(json!("a")), Just(json!(null)), Just(json!([])), Just(json!({}))];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            (inner.clone(), inner.clone()).prop_map(|(x, y)| json!({ "x": x, "y": y })),
            inner.prop_map(|x| json!({ "x": x })),
        ]
    })
}

/// Whether some value would have to be valid in order to be valid, or not to be: what such a schema means, nobody can say.
fn is_endless(main: &Value, shared: &Value) -> bool {
    /// The references that a schema applies to the value itself, not to what is in it.
    fn references(schema: &Value, found: &mut Vec<String>) {
        found.extend(schema.get("$ref").and_then(Value::as_str).map(str::to_owned));
        for keyword in ["not", "if", "then"] {
            schema.get(keyword).into_iter().for_each(|schema| references(schema, found));
        }
        for keyword in ["allOf", "anyOf"] {
            schema[keyword].as_array().into_iter().flatten().for_each(|schema| references(schema, found));
        }
        schema["dependencies"].as_object().into_iter().flatten().for_each(|(_, schema)| references(schema, found));
    }
    fn leads_back(schemas: &[&Value; 2], at: (usize, String), way: &mut Vec<(usize, String)>) -> bool {
        if way.contains(&at) {
            return true;
        }
        let mut found = Vec::new();
        references(schemas[at.0].pointer(&at.1).expect("every reference leads somewhere"), &mut found);
        way.push(at.clone());
        let leads = found.iter().any(|reference| {
            let (name, pointer) = reference.split_once('#').expect("every one has it");
            let schema = if name == "shared" { 1 } else { at.0 };
            leads_back(schemas, (schema, pointer.to_owned()), way)
        });
        way.pop();
        leads
    }
    let places = ["", "/definitions/a", "/definitions/b", "/properties/x"];
    let schemas = [main, shared];
    (0..2).any(|schema| places.iter().any(|place| leads_back(&schemas, (schema, (*place).to_owned()), &mut Vec::new())))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// The validator of the schema itself is the oracle of what its translation accepts.
    #[test]
    fn a_translation_accepts_what_the_schema_accepts(
        (main, a, b, x) in (schema(), schema(), schema(), schema()),
        (shared, shared_a, shared_b, shared_x) in (schema(), schema(), schema(), schema()),
        instances in prop::collection::vec(instance(), 12),
    ) {
        let mut registry = Registry::new().with_default_draft(Draft::Draft7);
        let mut shared = root(shared, shared_a, shared_b, shared_x);
        shared["$id"] = json!("shared");
        shared["properties"]["y"] = json!({ "type": "string" });
        let schema = root(main, a, b, x);
        prop_assume!(!is_endless(&schema, &shared));
        registry.add(shared).expect("a schema");
        let original = registry.compile(&schema).expect("a schema");
        let document = translate(&schema, &registry);
        prop_assert_eq!(violations(&document), Vec::<String>::new());
        let translated = compile(&document, PLACE);
        for instance in &instances {
            let instance = Document::from(instance);
            prop_assert_eq!(translated.is_valid(&instance), original.is_valid(&instance), "{:?}\n{}", instance, document);
        }
    }
}
