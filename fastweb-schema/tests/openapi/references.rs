//! References and the names of components.

use fastweb_schema::openapi::{Api, Content, ErrorAnswers, Info, Operation};
use fastweb_schema::{Draft, Registry};
use serde_json::{Value, json};

use crate::support::assert_openapi;

fn registry(schemas: Vec<Value>) -> Registry {
    let mut registry = Registry::new();
    for schema in schemas {
        registry.add(schema).expect("a schema");
    }
    registry
}

/// A document with these bodies, without error answers.
fn document(bodies: Vec<(Value, &Registry)>) -> Value {
    let mut api = Api::new(Info::new("x", "1"));
    api.error_answers = ErrorAnswers::None;
    for (i, (body, registry)) in bodies.into_iter().enumerate() {
        let mut operation = Operation::new("POST", format!("/{i}"));
        operation.body = vec![Content::new("application/json", body)];
        operation.registry = registry.clone();
        api.add(operation);
    }
    let document = api.document().unwrap_or_else(|error| panic!("{error}"));
    assert_openapi(&document);
    document
}

fn body(document: &Value, i: usize) -> &Value {
    &document["paths"][format!("/{i}")]["post"]["requestBody"]["content"]["application/json"]["schema"]
}

fn names(document: &Value) -> Vec<&str> {
    document["components"]["schemas"]
        .as_object()
        .map(|all| all.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[test]
fn references_of_every_form_become_components() {
    let shared = registry(vec![
        json!({
            "$id": "user",
            "$defs": { "name": { "$anchor": "name", "type": "string" } },
            "definitions": { "age": { "type": "integer" } },
            "properties": { "name": { "$ref": "#/$defs/name" }, "boss": { "$ref": "#" }, "a/b": { "type": "null" } },
        }),
        json!({ "$id": "https://example.com/schemas/item.schema.json", "properties": { "next": { "$ref": "other.json" } } }),
        json!({ "$id": "https://example.com/schemas/other.json", "type": "null" }),
        json!({ "$id": "unused", "type": "boolean" }),
    ]);
    let refs = [
        ("user#", "user"),
        ("user", "user"),
        ("user#/", ""),
        ("user#/$defs/name", "name"),
        ("user#name", "name"),
        ("user#/definitions/age", "age"),
        ("user#/properties/name", "user_name"),
        ("user#/properties/a~1b", "user_a_b"),
        ("user#/properties/a%7E1b", "user_a_b"),
        ("https://example.com/schemas/item.schema.json#", "item"),
        ("https://json-schema.org/draft/2020-12/schema", "https"),
    ];
    for (reference, name) in refs {
        if name.is_empty() {
            continue;
        }
        let document = document(vec![(json!({ "items": { "$ref": reference } }), &shared)]);
        let written = body(&document, 0)["items"]["$ref"].as_str().expect("a reference");
        match name {
            "https" => assert_eq!(written, reference),
            name => assert_eq!(written, format!("#/components/schemas/{name}"), "{reference}"),
        }
    }
    let document = document(vec![
        (json!({ "$ref": "user#" }), &shared),
        (json!({ "$ref": "https://example.com/schemas/item.schema.json" }), &shared),
    ]);
    assert_eq!(names(&document), ["item", "name", "other", "user"], "what nobody refers to is not there");
    assert_eq!(
        document["components"]["schemas"]["user"],
        json!({ "properties": {
        "name": { "$ref": "#/components/schemas/name" },
        "boss": { "$ref": "#/components/schemas/user" },
        "a/b": { "type": "null" },
    } })
    );
}

#[test]
fn a_schema_of_its_own_with_definitions_is_taken_apart() {
    // As generators write it: the root with a title, what it uses in `$defs`.
    let new_user = |street: &str| {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "NewUser",
            "type": "object",
            "properties": { "address": { "$ref": "#/$defs/Address" }, "tags": { "type": "array", "items": { "$ref": "#/$defs/Tag" } } },
            "$defs": {
                "Address": { "type": "object", "properties": { "street": { "type": "string", "title": street } } },
                "Tag": { "enum": ["a", "b"] },
                "Unused": {},
            },
        })
    };
    let address = json!({ "title": "Address", "type": "object", "properties": { "street": { "type": "string", "title": "Street" } } });
    let registry = Registry::new();
    let document = document(vec![
        (new_user("Street"), &registry),
        (new_user("Street"), &registry),
        (
            json!({ "type": "array", "items": { "$ref": "#/$defs/NewUser" }, "$defs": { "NewUser": { "type": "object" } } }),
            &registry,
        ),
        (new_user("Road"), &registry),
        (address, &registry),
        (json!({ "title": "a list of tags", "type": "array", "items": { "enum": ["a"] } }), &registry),
        (json!({ "title": "uint8", "type": "integer" }), &registry),
    ]);
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    assert_eq!(names(&document), ["Address", "Address2", "NewUser", "NewUser2", "NewUser3", "Tag"]);
    assert_eq!(body(&document, 0), &reference("NewUser"));
    assert_eq!(body(&document, 1), &reference("NewUser"));
    assert_eq!(body(&document, 2)["items"], reference("NewUser2"));
    assert_eq!(body(&document, 3), &reference("NewUser3"));
    assert_eq!(body(&document, 4), &reference("Address"), "equal schemas are one");
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["NewUser"]["properties"]["address"], reference("Address"));
    assert_eq!(schemas["NewUser3"]["properties"]["address"], reference("Address2"));
    assert_eq!(schemas["NewUser"].get("title"), None, "its name says it");
    assert_eq!(body(&document, 5)["title"], "a list of tags");
    assert_eq!(body(&document, 6), &json!({ "title": "uint8", "type": "integer" }));
}

#[test]
fn schemas_that_lead_to_themselves_are_equal_where_they_say_the_same() {
    let tree = |leaf: &str| {
        json!({
            "title": "Tree", "type": "object",
            "properties": { "leaf": { "$ref": "#/$defs/Leaf" }, "left": { "$ref": "#" }, "right": { "$ref": "#/$defs/Tree" } },
            "$defs": {
                "Tree": { "type": "object", "properties": { "leaf": { "$ref": "#/$defs/Leaf" }, "left": { "$ref": "#" }, "right": { "$ref": "#/$defs/Tree" } } },
                "Leaf": { "type": leaf, "properties": { "tree": { "$ref": "#" } } },
            },
        })
    };
    let registry = Registry::new();
    let document =
        document(vec![(tree("object"), &registry), (tree("object"), &registry), (tree("string"), &registry)]);
    assert_eq!(names(&document), ["Leaf", "Leaf2", "Tree", "Tree2"]);
    assert_eq!(body(&document, 0), body(&document, 1));
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Tree2"]["properties"]["right"]["$ref"], "#/components/schemas/Tree2");
    assert_eq!(schemas["Leaf"]["properties"]["tree"]["$ref"], "#/components/schemas/Tree");
    assert_eq!(schemas["Leaf2"]["properties"]["tree"]["$ref"], "#/components/schemas/Tree2");
}

#[test]
fn scopes_may_have_different_schemas_of_one_name() {
    let of = |ty: &str| registry(vec![json!({ "$id": "id", "type": ty }), json!({ "$id": "id2", "type": "boolean" })]);
    let (one, two) = (of("integer"), of("string"));
    let document = document(vec![
        (json!({ "items": { "$ref": "id#" } }), &one),
        (json!({ "items": { "$ref": "id#" } }), &two),
        (json!({ "items": { "$ref": "id2#" } }), &two),
    ]);
    // The name `id2` is another one's.
    assert_eq!(names(&document), ["id", "id2", "id3"]);
    assert_eq!(body(&document, 0)["items"]["$ref"], "#/components/schemas/id");
    assert_eq!(body(&document, 1)["items"]["$ref"], "#/components/schemas/id3");
    assert_eq!(body(&document, 2)["items"]["$ref"], "#/components/schemas/id2");
}

#[test]
fn resources_within_a_schema_have_their_own_base() {
    let schema = json!({
        "$id": "https://example.com/root.json",
        "properties": {
            "a": { "$ref": "inner.json" },
            "b": { "$ref": "inner.json#/$defs/x" },
            "c": { "$ref": "#/$defs/inner/$defs/x" },
            "d": { "$ref": "#deep" },
        },
        "$defs": {
            "inner": { "$id": "inner.json", "type": "object", "properties": { "x": { "$ref": "#/$defs/x" } }, "$defs": { "x": { "type": "null" } } },
            "deep": { "$anchor": "deep", "type": "string" },
        },
    });
    let document = document(vec![(schema, &Registry::new())]);
    assert_eq!(names(&document), ["deep", "inner", "root", "x"]);
    let properties = &document["components"]["schemas"]["root"]["properties"];
    let targets: Vec<_> =
        ["a", "b", "c", "d"].iter().map(|name| properties[name]["$ref"].as_str().expect("a reference")).collect();
    assert_eq!(targets, ["inner", "x", "x", "deep"].map(|name| format!("#/components/schemas/{name}")));
}

#[test]
fn words_of_data_are_no_references() {
    let data = json!({ "$ref": "nowhere#", "$id": "x", "definitions": 1, "nullable": true });
    let schema = json!({
        "const": data, "default": data, "examples": [data], "enum": [data],
        "x-more": data,
    });
    let document = document_with_bad_refs(schema.clone());
    assert_eq!(body(&document, 0), &schema);
    // A property of that name is one.
    let schema = json!({ "properties": { "$ref": { "type": "string" }, "definitions": { "type": "string" }, "$id": {} }, "required": ["$ref"] });
    let document = document_with_bad_refs(schema.clone());
    assert_eq!(body(&document, 0), &schema);
}

/// Without the check of references, which does not know data.
fn document_with_bad_refs(body: Value) -> Value {
    let mut api = Api::new(Info::new("x", "1"));
    let mut operation = Operation::new("POST", "/0");
    operation.body = vec![Content::new("application/json", body)];
    api.add(operation);
    api.document().expect("a document")
}

#[test]
fn discriminators_and_dynamic_references_lead_where_they_led() {
    let shared = registry(vec![
        json!({ "$id": "cat", "type": "object" }),
        json!({
            "$id": "pet",
            "oneOf": [{ "$ref": "cat#" }],
            "discriminator": { "propertyName": "kind", "mapping": { "cat": "cat#", "lion": "cat" } },
        }),
        json!({ "$id": "node", "$dynamicAnchor": "node", "properties": { "children": { "items": { "$dynamicRef": "#node" } } } }),
    ]);
    let document = document(vec![(json!({ "$ref": "pet#" }), &shared), (json!({ "$ref": "node#" }), &shared)]);
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["pet"]["discriminator"]["mapping"], json!({ "cat": "#/components/schemas/cat", "lion": "cat" }));
    assert_eq!(schemas["node"]["properties"]["children"]["items"]["$ref"], "#/components/schemas/node");
}

#[test]
fn up_to_draft_7_what_stands_beside_a_reference_means_nothing() {
    let schema = json!({
        "$ref": "#/definitions/a", "type": "string", "description": "A remark.", "definitions": { "a": { "type": "integer" } },
    });
    let document = document(vec![
        (schema.clone(), &Registry::new().with_default_draft(Draft::Draft7)),
        (schema, &Registry::new()),
    ]);
    let a = "#/components/schemas/a";
    assert_eq!(body(&document, 0), &json!({ "$ref": a, "description": "A remark." }));
    assert_eq!(body(&document, 1), &json!({ "$ref": a, "type": "string", "description": "A remark." }));
}
