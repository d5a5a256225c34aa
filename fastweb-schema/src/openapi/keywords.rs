//! The keywords of drafts 4 to 2020-12, and what becomes of them in 2020-12.

use jsonschema::Draft;
use serde_json::{Map, Value, json};

/// What a keyword's value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// No schema.
    Data,
    /// The name of a schema.
    Reference,
    Schema,
    /// A list of schemas, or one.
    Schemas,
    /// An object whose members are schemas.
    NamedSchemas,
}

pub(super) fn holds(keyword: &str) -> Holds {
    match keyword {
        "additionalProperties"
        | "additionalItems"
        | "unevaluatedProperties"
        | "unevaluatedItems"
        | "propertyNames"
        | "contains"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contentSchema" => Holds::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" | "items" => Holds::Schemas,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" | "dependencies" => {
            Holds::NamedSchemas
        }
        "$ref" | "$dynamicRef" | "$recursiveRef" => Holds::Reference,
        _ => Holds::Data,
    }
}

/// A schema of an older draft in the words of 2020-12. The schemas within it, and its `$ref`, are translated already.
pub(super) fn modern(old: Map<String, Value>, draft: Draft) -> Value {
    let is = |keyword: &str| old.get(keyword) == Some(&Value::Bool(true));
    let (is_nullable, is_tuple) = (is("nullable"), old.get("items").is_some_and(Value::is_array));
    let mut out = Map::new();
    for (keyword, value) in &old {
        let mut put = |keyword: &str| drop(out.insert(keyword.to_owned(), value.clone()));
        match &**keyword {
            // What is referred to stands among the components. A remark for other authors is none for readers.
            "$id" | "$schema" | "$dynamicRef" | "$recursiveRef" | "$anchor" | "$dynamicAnchor" | "$recursiveAnchor"
            | "$vocabulary" | "$defs" | "definitions" | "$comment" | "nullable" => {}
            "id" if draft == Draft::Draft4 => {}
            // Draft 4: whether the bound itself is out of bounds.
            "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => {}
            "minimum" if is("exclusiveMinimum") => put("exclusiveMinimum"),
            "maximum" if is("exclusiveMaximum") => put("exclusiveMaximum"),
            // Up to 2019-09: items one by one, and the rest.
            "items" if is_tuple => put("prefixItems"),
            "additionalItems" if is_tuple => put("items"),
            "additionalItems" => {}
            "dependencies" if draft < Draft::Draft201909 => dependencies(value, &mut out),
            // OpenAPI 3.0 has one example, JSON Schema a list.
            "example" if old.contains_key("examples") => {}
            "example" => drop(out.insert("examples".to_owned(), json!([value]))),
            keyword => put(keyword),
        }
    }
    if is_nullable { nullable(out) } else { Value::Object(out) }
}

/// Names of properties, or a schema, by the property that asks for them.
fn dependencies(value: &Value, out: &mut Map<String, Value>) {
    let (mut names, mut schemas) = (Map::new(), Map::new());
    for (property, needs) in value.as_object().into_iter().flatten() {
        let into = if needs.is_array() { &mut names } else { &mut schemas };
        into.insert(property.clone(), needs.clone());
    }
    for (keyword, found) in [("dependentRequired", names), ("dependentSchemas", schemas)] {
        if !found.is_empty() {
            out.insert(keyword.to_owned(), Value::Object(found));
        }
    }
}

/// `nullable: true` of OpenAPI 3.0: `null` is valid too.
fn nullable(mut schema: Map<String, Value>) -> Value {
    let null = json!("null");
    match schema.get_mut("type") {
        Some(Value::Array(types)) if types.contains(&null) => {}
        Some(Value::Array(types)) => types.push(null),
        Some(Value::String(one)) if one == "null" => {}
        Some(one) => *one = Value::Array(vec![one.take(), null]),
        None => {}
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    // What else narrows it narrows `null` away.
    let narrow = ["$ref", "allOf", "anyOf", "oneOf", "const", "not", "if"];
    match narrow.iter().any(|keyword| schema.contains_key(*keyword)) {
        true => json!({ "anyOf": [schema, { "type": "null" }] }),
        false => Value::Object(schema),
    }
}
