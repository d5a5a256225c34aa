//! Serialisers beside the slow way: a copy of the value, filtered by its schema, and serde_json's text of it.

#[path = "support/documents.rs"]
mod documents;
#[path = "support/filter.rs"]
mod filter;

use fastweb_schema::{Document, SerializeError, Serializer};
use filter::filter;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

/// Names of all lengths that are compared in different ways, some to be escaped.
const NAMES: [&str; 7] = ["a", "id", "name", "a\"b\n", "createdAt", "x-extra", "a_name_that_is_longer_than_a_fragment"];

fn name() -> impl Strategy<Value = String> {
    select(&NAMES[..]).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..4_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-3..4).prop_map(|n| Value::from(f64::from(n))),
        any::<f64>().prop_map(Value::from),
        select(&["", "a", "red", "a\"b"][..]).prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
    ]
}

fn value() -> BoxedStrategy<Value> {
    scalar()
        .prop_recursive(3, 20, 4, |part| {
            prop_oneof![
                vec(part.clone(), 0..4).prop_map(Value::from),
                btree_map(name(), part, 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
        .boxed()
}

fn types() -> impl Strategy<Value = Value> {
    let one = || select(&["null", "boolean", "integer", "number", "string", "array", "object"][..]);
    prop_oneof![one().prop_map(Value::from), vec(one(), 1..4).prop_map(Value::from)]
}

/// Some of the members of an object.
fn some_of(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> impl Strategy<Value = Value> {
    let optional = |(name, value): (&'static str, BoxedStrategy<Value>)| prop_oneof![2 => Just(None), 1 => value.prop_map(move |value| Some((name.to_owned(), value)))];
    let members: Vec<_> = members.into_iter().map(optional).collect();
    members.prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
}

fn schemas(schema: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    vec(schema, 1..4).prop_map(Value::from).boxed()
}

fn schema() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        4 => types().prop_map(|types| json!({ "type": types })),
        1 => (types(), scalar()).prop_map(|(types, default)| json!({ "type": types, "default": default })),
        1 => scalar().prop_map(|value| json!({ "const": value })),
        1 => vec(value(), 1..4).prop_map(|values| json!({ "enum": values })),
        1 => (types(), any::<bool>()).prop_map(|(types, nullable)| json!({ "type": types, "nullable": nullable })),
        1 => any::<bool>().prop_map(Value::from),
        1 => select(&["#", "#/$defs/one", "#/$defs/two"][..]).prop_map(|reference| json!({ "$ref": reference })),
    ];
    leaf.prop_recursive(3, 24, 5, |schema| {
        let schema = schema.boxed();
        prop_oneof![
            4 => object(schema.clone()),
            3 => array(schema.clone()),
            1 => some_of(vec![("allOf", schemas(schema.clone())), ("type", types().boxed())]),
            1 => some_of(vec![
                ("anyOf", schemas(schema.clone())),
                ("type", types().boxed()),
                ("properties", named(schema.clone()))
            ]),
            1 => some_of(vec![("oneOf", schemas(schema.clone())), ("allOf", schemas(schema.clone()))]),
            1 => (schema.clone(), some_of(vec![("then", schema.clone()), ("else", schema)]))
                .prop_map(|(condition, others)| with(others, "if", condition)),
        ]
    })
    .boxed()
}

fn named(schema: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    btree_map(name(), schema, 1..6).prop_map(|named| Value::Object(named.into_iter().collect())).boxed()
}

fn object(schema: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    let pattern = (select(&["^a", "^x-", "^"][..]), schema.clone());
    let others = some_of(vec![
        ("type", prop_oneof![Just(json!("object")), types()].boxed()),
        ("required", vec(name(), 1..3).prop_map(Value::from).boxed()),
        ("additionalProperties", schema.clone()),
        ("unevaluatedProperties", schema.clone()),
        ("patternProperties", pattern.prop_map(|(pattern, schema)| json!({ pattern: schema })).boxed()),
        ("default", value()),
    ]);
    (named(schema), others).prop_map(|(properties, others)| with(others, "properties", properties))
}

fn array(schema: BoxedStrategy<Value>) -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => some_of(vec![
            ("items", schema.clone()),
            ("prefixItems", schemas(schema.clone())),
            ("type", types().boxed()),
        ]),
        1 => some_of(vec![("items", schemas(schema.clone())), ("additionalItems", schema)]),
    ]
}

fn with(mut schema: Value, keyword: &str, value: Value) -> Value {
    schema[keyword] = value;
    schema
}

/// A schema, with two to refer to.
fn root() -> impl Strategy<Value = Value> {
    (schema(), schema(), schema()).prop_map(|(root, one, two)| {
        let mut root = if root.is_object() { root } else { json!({ "allOf": [root] }) };
        root["$defs"] = json!({ "one": one, "two": two });
        root
    })
}

/// A value that probably is what the schema describes.
fn value_of(root: &Value, schema: &Value, choices: &mut impl FnMut(usize) -> usize, depth: usize) -> Value {
    let Some(schema) = schema.as_object().filter(|_| depth > 0) else {
        return json!([null, 1, "x", 2.0])[choices(4)].clone();
    };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return value_of(root, root.pointer(&reference[1..]).unwrap(), choices, depth - 1);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    for keyword in ["enum", "allOf", "anyOf", "oneOf"] {
        let Some(list) = schema.get(keyword).and_then(Value::as_array) else { continue };
        let one = &list[choices(list.len())];
        return if keyword == "enum" { one.clone() } else { value_of(root, one, choices, depth - 1) };
    }
    let named = match schema.get("type") {
        Some(Value::Array(names)) => names[choices(names.len())].as_str(),
        Some(name) => name.as_str(),
        None if schema.contains_key("properties") => Some("object"),
        None if schema.contains_key("items") || schema.contains_key("prefixItems") => Some("array"),
        None => None,
    };
    match named {
        Some("null") => Value::Null,
        Some("boolean") => json!(choices(2) == 1),
        Some("integer") => json!([json!(0), json!(-7), json!(3.0), json!(u64::MAX)][choices(4)]),
        Some("number") => json!([json!(0.5), json!(2), json!(-1e300)][choices(3)]),
        Some("string") => json!(["", "red", "a\"b", "a text that is longer than thirty-two bytes"][choices(4)]),
        Some("array") => {
            let mut items = Vec::new();
            for index in 0..choices(4) {
                let list = schema.get("prefixItems").or_else(|| schema.get("items").filter(|items| items.is_array()));
                let item = list
                    .and_then(|list| list.get(index))
                    .or_else(|| schema.get("items").filter(|items| !items.is_array()));
                items.push(value_of(root, item.unwrap_or(&Value::Bool(true)), choices, depth - 1));
            }
            Value::Array(items)
        }
        _ => {
            let mut members = Map::new();
            let declared = schema.get("properties").and_then(Value::as_object);
            for (name, property) in declared.into_iter().flatten() {
                if choices(8) > 0 {
                    members.insert(name.clone(), value_of(root, property, choices, depth - 1));
                }
            }
            for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                let name = name.as_str().unwrap();
                if !members.contains_key(name) && choices(8) > 0 {
                    members.insert(name.to_owned(), json!(choices(9)));
                }
            }
            if choices(3) == 0 {
                members.insert(NAMES[choices(NAMES.len())].to_owned(), json!(choices(9)));
            }
            Value::Object(members)
        }
    }
}

type Write<'a> = &'a dyn Fn(&mut Vec<u8>) -> Result<(), SerializeError>;

/// Writes `value` in every way, and compares. Returns whether it was written.
fn check(schema: &Value, serializer: &Serializer, value: &Value) -> Result<bool, TestCaseError> {
    let expected = filter(schema, value);
    let by_value = |out: &mut Vec<u8>| serializer.write_value(value, out);
    let by_serde = |out: &mut Vec<u8>| serializer.write(value, out);
    let told = |out: &mut Vec<u8>| serializer.write_value_telling(value, out).map(drop);
    let document = Document::from(value);
    let by_document = |out: &mut Vec<u8>| serializer.write_value(document.root(), out);
    let ways: [Write<'_>; 4] = [&by_value, &by_serde, &told, &by_document];
    for (way, write) in ways.into_iter().enumerate() {
        let mut out = b"before".to_vec();
        match (write(&mut out), &expected) {
            (Ok(()), Some(expected)) => {
                let text = out.strip_prefix(b"before").unwrap();
                let written: Value =
                    serde_json::from_slice(text).map_err(|error| TestCaseError::fail(error.to_string()))?;
                // Both are read back: serde_json's parser is not exact for all floats, and the order of properties is the map's.
                let text_of_expected = expected.to_string();
                let expected: Value = serde_json::from_str(&text_of_expected).unwrap();
                prop_assert_eq!(&written, &expected, "way {} of {} by {}", way, value, schema);
                // No white space, and numbers and strings as serde_json writes them.
                prop_assert_eq!(text.len(), text_of_expected.len());
            }
            (Err(error), None) => {
                prop_assert_eq!(&out, b"before");
                prop_assert!(value.pointer(error.pointer()).is_some(), "{}", error);
            }
            (result, expected) => {
                prop_assert!(false, "way {}: {:?} instead of {:?} of {} by {}", way, result, expected, value, schema);
            }
        }
    }
    Ok(expected.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_what_the_slow_way_lets_through(schema in root(), values in vec(value(), 3), choices in vec(any::<Index>(), 64)) {
        let Ok(serializer) = Serializer::compile(&schema) else {
            // A default that its own schema refuses, or choices that make too many combinations.
            let text = schema.to_string();
            prop_assert!(text.contains("\"default\"") || text.contains("Of\"") || text.contains("\"if\""), "{}", text);
            return Ok(());
        };
        for value in &values {
            check(&schema, &serializer, value)?;
        }
        let mut turn = 0;
        let mut choose = |count: usize| {
            turn += 1;
            choices[turn % choices.len()].index(count)
        };
        for _ in 0..6 {
            check(&schema, &serializer, &value_of(&schema, &schema, &mut choose, 6))?;
        }
    }
}

/// The generators above would prove little if nearly all was refused.
#[test]
fn many_of_the_values_that_are_tried_are_written() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut written, mut refused) = (0, 0);
    for _ in 0..300 {
        let schema = root().new_tree(&mut runner).unwrap().current();
        let choices = vec(any::<Index>(), 64).new_tree(&mut runner).unwrap().current();
        let Ok(serializer) = Serializer::compile(&schema) else { continue };
        let mut turn = 0;
        let mut choose = |count: usize| {
            turn += 1;
            choices[turn % choices.len()].index(count)
        };
        for _ in 0..6 {
            match check(&schema, &serializer, &value_of(&schema, &schema, &mut choose, 6)).unwrap() {
                true => written += 1,
                false => refused += 1,
            }
        }
    }
    assert!(written > 200 && refused > 200, "{written} written, {refused} refused");
}

/// The seeds of the fuzzer, and what it found.
#[test]
fn inputs_of_the_fuzzer_are_written_as_the_slow_way_does() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/serializer");
    let mut compared = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let input = std::fs::read(file.unwrap().path()).unwrap();
        compared += usize::from(documents::check(&input).is_some());
    }
    assert!(compared > 0);
}
