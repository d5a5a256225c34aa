//! Schemas by name, and what is said of those that cannot be used.

use serde_json::{Value, json};

use super::*;
use crate::Document;

#[track_caller]
fn judge(registry: &Registry, schema: Value, valid: &[Value], invalid: &[Value]) {
    let validator = registry.compile(&schema).unwrap_or_else(|error| panic!("{error}"));
    for value in valid {
        assert!(validator.is_valid(&Document::from(value)), "{schema} refuses {value}");
    }
    for value in invalid {
        assert!(!validator.is_valid(&Document::from(value)), "{schema} accepts {value}");
    }
}

#[test]
fn references_are_resolved_in_all_their_forms() {
    let mut registry = Registry::new();
    registry
        .add(json!({
            "$id": "user",
            "$defs": { "name": { "type": "string" } },
            "definitions": { "age": { "$anchor": "age", "type": "integer" } },
            "properties": { "name": { "$ref": "#/$defs/name" }, "friend": { "$ref": "user#" }, "boss": { "$ref": "#" } },
        }))
        .expect("a schema")
        .add(json!({ "$id": "https://example.com/schemas/item.json", "properties": { "next": { "$ref": "other.json" } } }))
        .expect("a schema")
        .add(json!({ "$id": "https://example.com/schemas/other.json", "type": "null" }))
        .expect("a schema");
    let (string, number) = ([json!("a")], [json!(1)]);
    judge(&registry, json!({ "$ref": "user#/$defs/name" }), &string, &number);
    judge(&registry, json!({ "$ref": "user#/properties/name" }), &string, &number);
    judge(&registry, json!({ "$ref": "user#/definitions/age" }), &number, &string);
    judge(&registry, json!({ "$ref": "user#age" }), &number, &string);
    judge(
        &registry,
        json!({ "$ref": "#/definitions/x", "definitions": { "x": { "type": "string" } } }),
        &string,
        &number,
    );
    judge(&registry, json!({ "$ref": "#x", "$defs": { "y": { "$anchor": "x", "type": "string" } } }), &string, &number);
    let deep = [json!({ "friend": { "boss": { "friend": { "name": 1 } } } })];
    judge(&registry, json!({ "$ref": "user" }), &[json!({ "friend": { "boss": {} } })], &deep);
    judge(&registry, json!({ "$ref": "user#" }), &[json!({ "friend": { "boss": {} } })], &deep);
    let item = json!({ "$ref": "https://example.com/schemas/item.json#" });
    judge(&registry, item, &[json!({ "next": null })], &[json!({ "next": 1 })]);
    let relative = json!({ "$id": "https://example.com/schemas/mine.json", "items": { "$ref": "./other.json" } });
    judge(&registry, relative, &[json!([null])], &[json!([1])]);
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut root = Registry::new();
    root.add(json!({ "$id": "a", "type": "string" })).expect("a schema");
    let (mut one, mut two) = (root.clone(), root.clone());
    one.add(json!({ "$id": "b", "type": "string" })).expect("a schema");
    two.add(json!({ "$id": "b", "type": "integer" })).expect("a schema");
    let schema = json!({ "$ref": "b#" });
    judge(&one, schema.clone(), &[json!("x")], &[json!(1)]);
    judge(&two, schema.clone(), &[json!(1)], &[json!("x")]);
    assert!(root.compile(&schema).is_err());
    root.add(json!({ "$id": "b", "type": "null" })).expect("a schema");
    judge(&root, schema, &[json!(null)], &[json!("x")]);
}

#[test]
fn the_draft_decides_what_keywords_mean() {
    let bound =
        |schema: &str, exclusive: Value| json!({ "$schema": schema, "minimum": 1, "exclusiveMinimum": exclusive });
    let (zero, one, two) = (json!(0), json!(1), json!(2));
    let draft4 = bound("http://json-schema.org/draft-04/schema#", json!(true));
    judge(&Registry::new(), draft4, std::slice::from_ref(&two), &[one.clone(), zero.clone()]);
    let draft6 = bound("http://json-schema.org/draft-06/schema#", json!(1));
    judge(&Registry::new(), draft6, &[two], &[one, zero]);
    // Beside $ref, drafts up to 7 ignore other keywords.
    let siblings = json!({ "$ref": "#/definitions/a", "type": "string", "definitions": { "a": {} } });
    judge(&Registry::new(), siblings.clone(), &[json!("a")], &[json!(1)]);
    judge(&Registry::new().with_default_draft(Draft::Draft7), siblings, &[json!("a"), json!(1)], &[]);
}

#[test]
fn an_error_names_schema_place_and_mend() {
    let mut registry = Registry::new();
    registry.add(json!({ "$id": "id", "type": "string" })).expect("a schema");
    #[track_caller]
    fn says(registry: &Registry, schema: Value, expected: &str) {
        let error = registry.compile(&schema).expect_err("refused").to_string();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    for (schema, expected) in [
        (json!({ "type": "int" }), "the schema at /type: the value is no type; use array, boolean, integer"),
        (
            json!({ "$id": "x", "properties": { "a": { "required": true } } }),
            "schema \"x\" at /properties/a/required: the value must be array; list",
        ),
        (
            json!({ "properties": { "a/b": { "pattern": "^(?!x)" } } }),
            "the schema at /properties/a~1b/pattern: the pattern \"^(?!x)\" cannot be compiled; look-around",
        ),
        (json!({ "pattern": "(a)\\1" }), "the schema at /pattern: the pattern \"(a)\\1\" cannot be compiled"),
        (
            json!({ "patternProperties": { "(": {} } }),
            "the schema at /patternProperties/(: the pattern cannot be compiled",
        ),
        (
            json!({ "items": { "$ref": "#/$defs/x" } }),
            "the schema at /items/$ref: the reference leads nowhere: there is nothing at \"/$defs/x\"",
        ),
        (json!({ "items": { "$ref": "id#/x" } }), "the schema at /items/$ref: the reference leads nowhere"),
        (
            json!({ "items": { "$ref": "nope#" } }),
            "the schema at /items/$ref: there is no schema \"nope\"; add it to the registry",
        ),
        (
            json!({ "$ref": "https://example.com/x.json" }),
            "the schema at /$ref: there is no schema \"https://example.com/x.json\"",
        ),
        (
            json!({ "items": { "$ref": "#nope" } }),
            "the schema at /items/$ref: the reference leads nowhere: no schema has the anchor \"nope\"",
        ),
        (
            json!({ "$schema": "https://example.com/draft" }),
            "the schema at /$schema: \"https://example.com/draft\" is no known draft; use",
        ),
        (json!({ "minimum": "5" }), "the schema at /minimum: the value must be number"),
        (
            json!({ "exclusiveMinimum": true }),
            "the schema at /exclusiveMinimum: the value must be number; give the bound itself",
        ),
        (json!({ "multipleOf": 0 }), "the schema at /multipleOf: the value must be > 0"),
        (json!(5), "the schema: the schema must be boolean,object"),
        (json!({ "$id": "a b" }), "schema \"a b\""),
    ] {
        says(&registry, schema, expected);
    }

    let mut add = |schema: Value, expected: &str| {
        let error = registry.add(schema).expect_err("refused").to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    add(json!({ "type": "string" }), "the schema: it has no \"$id\"");
    add(json!({ "$id": "id" }), "schema \"id\" at /$id: there is a schema \"id\" already");
    add(json!({ "$id": "id#" }), "schema \"id#\" at /$id: there is a schema \"id\" already");
    add(json!({ "$id": "#id" }), "schema \"#id\" at /$id: \"#id\" cannot be referred to");
    add(json!({ "$id": "a b" }), "schema \"a b\" at /$id: \"a b\" is no URI reference");
    add(
        json!({ "$id": "y", "items": { "maxLength": -1 } }),
        "schema \"y\" at /items/maxLength: the value must be >= 0",
    );

    // What is wrong with a shared schema is found with the first schema that is compiled, and names the shared one.
    registry.add(json!({ "$id": "shared", "items": { "$ref": "gone#" } })).expect("not known yet");
    says(&registry, json!({}), "schema \"shared\" at /items/$ref: there is no schema \"gone\"");
}

#[test]
fn a_shared_schema_can_be_compiled_but_not_another_of_its_name() {
    let mut registry = Registry::new();
    let shared = json!({ "$id": "user", "properties": { "friend": { "$ref": "#" } }, "type": "object" });
    registry.add(shared.clone()).expect("a schema");
    judge(&registry, shared, &[json!({ "friend": {} })], &[json!({ "friend": 1 })]);
    let other = json!({ "$id": "user#", "type": "string" });
    let error = registry.compile(&other).expect_err("another");
    assert!(
        error.to_string().starts_with("schema \"user#\" at /$id: the registry has another schema \"user\""),
        "{error}"
    );
    assert!(registry.coercer(&other, Coercion::text()).is_err());
}

#[test]
fn formats_that_came_later_are_asserted_in_draft_7_as_fastify_does() {
    let registry = Registry::new().with_default_draft(Draft::Draft7);
    let uuid = json!({ "format": "uuid" });
    judge(&registry, uuid, &[json!("7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d")], &[json!("7")]);
    judge(&registry, json!({ "format": "duration" }), &[json!("P1D")], &[json!("1 day")]);
    judge(&registry, json!({ "format": "int32" }), &[json!("x"), json!(1)], &[]);
}

#[test]
fn an_endless_reference_ends() {
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "allOf": [{ "$ref": "#/$defs/a" }] } } }),
    ] {
        let validator = Registry::new().compile(&schema).expect("a schema");
        let _ = validator.validate(&Document::parse(b"[1]").expect("JSON"));
    }
}
