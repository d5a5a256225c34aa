//! Coercion, beside what Fastify 5.12.8 answered.

use serde_json::{Value, json};

use super::*;
use crate::Registry;

fn coercer(schema: &Value, coercion: Coercion) -> Coercer {
    Registry::new().coercer(schema, coercion).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn body(schema: Value, coercion: Coercion, from: Value, to: Value) {
    let document = coercer(&schema, coercion).apply(Document::from(&from), &mut Buffers::new());
    assert_eq!(Value::from(&document), to, "{schema} {from}");
}

#[track_caller]
fn query(schema: Value, pairs: &[(&str, &str)], to: Value) {
    let document = coercer(&schema, Coercion::text()).read(pairs.iter().copied(), &mut Buffers::new());
    assert_eq!(Value::from(&document), to, "{schema} {pairs:?}");
}

#[test]
fn text_becomes_what_the_schema_asks_for() {
    let schema = || {
        json!({ "type": "object", "properties": {
            "n": { "type": "integer" }, "f": { "type": "number" }, "b": { "type": "boolean" }, "s": { "type": "string" },
            "ids": { "type": "array", "items": { "type": "integer" } }, "d": { "type": "string", "default": "x" },
        } })
    };
    query(schema(), &[("n", "5"), ("ids", "1"), ("b", "true")], json!({ "n": 5, "ids": [1], "b": true, "d": "x" }));
    query(schema(), &[("ids", "1"), ("s", "7"), ("ids", "2")], json!({ "ids": [1, 2], "s": "7", "d": "x" }));
    // What cannot be read stays, for the validator to refuse.
    for bad in ["", "abc", "1.5", "0x1"] {
        query(schema(), &[("n", bad)], json!({ "n": bad, "d": "x" }));
    }
    query(schema(), &[("b", "1"), ("f", "1.5"), ("d", "")], json!({ "b": "1", "f": 1.5, "d": "" }));
    query(schema(), &[("n", "1"), ("n", "2")], json!({ "n": ["1", "2"], "d": "x" }));
    query(schema(), &[("other", "1"), ("other", "2")], json!({ "other": ["1", "2"], "d": "x" }));
    query(json!({ "additionalProperties": { "type": "integer" } }), &[("a", "1")], json!({ "a": 1 }));
    query(json!(true), &[("a", "1")], json!({ "a": "1" }));
}

#[test]
fn types_are_tried_in_the_order_of_the_schema() {
    let of = |types: Value| json!({ "properties": { "v": types } });
    query(of(json!({ "type": ["integer", "null"] })), &[("v", "")], json!({ "v": null }));
    query(of(json!({ "type": ["integer", "null"] })), &[("v", "0")], json!({ "v": 0 }));
    query(of(json!({ "type": ["integer", "string"] })), &[("v", "5")], json!({ "v": "5" }));
    query(of(json!({ "type": ["integer", "array"] })), &[("v", "a")], json!({ "v": ["a"] }));
    query(of(json!({ "anyOf": [{ "type": "integer" }, { "type": "null" }] })), &[("v", "5")], json!({ "v": 5 }));
    query(of(json!({ "$ref": "#/$defs/x" })), &[("v", "5")], json!({ "v": "5" }));
    let referred = json!({ "$defs": { "x": { "allOf": [{ "type": "integer" }] } }, "properties": { "v": { "$ref": "#/$defs/x" } } });
    query(referred, &[("v", "5")], json!({ "v": 5 }));
}

#[test]
fn bodies_are_coerced_as_fastify_coerces_them() {
    let integer = || json!({ "properties": { "a": { "type": "integer" } }, "additionalProperties": false });
    let a = |value: Value| json!({ "a": value });
    for (from, to) in [
        (json!("7"), json!(7)),
        (json!(null), json!(0)),
        (json!(true), json!(1)),
        (json!([5]), json!(5)),
        (json!(["5"]), json!(5)),
        (json!(1.5), json!(1.5)),
        (json!([]), json!([])),
        (json!([1, 2]), json!([1, 2])),
        (json!(["x"]), json!(["x"])),
        (json!({}), json!({})),
    ] {
        body(integer(), Coercion::fastify(), a(from), a(to));
    }
    body(integer(), Coercion::fastify(), json!({ "a": 1, "extra": 2 }), json!({ "a": 1 }));
    let of = |kind: &str| json!({ "properties": { "a": { "type": kind } } });
    for (kind, from, to) in [
        ("string", json!(1), json!("1")),
        ("string", json!(1.0), json!("1")),
        ("string", json!(-1.5), json!("-1.5")),
        ("string", json!(true), json!("true")),
        ("string", json!(null), json!("")),
        ("string", json!([1]), json!("1")),
        ("boolean", json!(1), json!(true)),
        ("boolean", json!(0.0), json!(false)),
        ("boolean", json!(2), json!(2)),
        ("boolean", json!(null), json!(false)),
        ("null", json!(0), json!(null)),
        ("null", json!(""), json!(null)),
        ("null", json!("a"), json!("a")),
        ("null", json!(false), json!(null)),
        ("array", json!("a"), json!(["a"])),
        ("array", json!({}), json!({})),
        ("object", json!("a"), json!("a")),
        ("number", json!("1.5"), json!(1.5)),
    ] {
        body(of(kind), Coercion::fastify(), a(from), a(to));
    }
}

#[test]
fn bodies_are_strict_by_default() {
    let schema = || {
        json!({
            "properties": { "a": { "type": "integer" }, "b": { "default": [1] } }, "additionalProperties": false,
        })
    };
    body(schema(), Coercion::body(), json!({ "a": "7", "x": null }), json!({ "a": "7", "x": null, "b": [1] }));
    body(schema(), Coercion::body(), json!({ "b": null }), json!({ "b": null }));
    body(schema(), Coercion::body(), json!([1]), json!([1]));
    assert!(
        !coercer(
            &json!({ "properties": { "a": { "type": "integer" } }, "additionalProperties": false }),
            Coercion::body()
        )
        .acts()
    );
}

#[test]
fn defaults_are_filled_in_at_every_level() {
    let schema = || {
        json!({
            "$defs": { "size": { "properties": { "w": { "default": 1 } } } },
            "properties": {
                "list": { "items": { "$ref": "#/$defs/size" } },
                "pair": { "prefixItems": [{ "$ref": "#/$defs/size" }] },
                "size": { "allOf": [{ "$ref": "#/$defs/size" }], "default": {}, "properties": { "h": { "default": 2 } } },
                "either": { "anyOf": [{ "$ref": "#/$defs/size" }] },
            },
            "additionalProperties": { "$ref": "#/$defs/size" },
        })
    };
    body(schema(), Coercion::body(), json!({}), json!({ "size": { "w": 1, "h": 2 } }));
    body(
        schema(),
        Coercion::body(),
        json!({ "size": { "h": 0 }, "list": [{}, 1, { "w": 5 }], "pair": [{}, {}], "either": {}, "more": {} }),
        json!({ "size": { "h": 0, "w": 1 }, "list": [{ "w": 1 }, 1, { "w": 5 }], "pair": [{ "w": 1 }, {}], "either": {}, "more": { "w": 1 } }),
    );
}

#[test]
fn what_is_forbidden_is_removed_and_nothing_else() {
    let remove = Coercion { remove_additional: true, ..Coercion::body() };
    let schema = json!({
        "properties": { "a": { "additionalProperties": false }, "b": {} },
        "patternProperties": { "^x-": {} },
        "additionalProperties": false,
    });
    body(
        schema,
        remove,
        json!({ "a": { "n": 1 }, "b": { "n": 1 }, "x-y": 1, "y-x": 1 }),
        json!({ "a": {}, "b": { "n": 1 }, "x-y": 1 }),
    );
    body(json!({ "properties": {} }), remove, json!({ "a": 1 }), json!({ "a": 1 }));
}

#[test]
fn schemas_that_lead_to_themselves_end() {
    let schema = json!({ "properties": { "next": { "$ref": "#", "default": {} }, "n": { "type": "integer" } } });
    body(
        schema.clone(),
        Coercion::fastify(),
        json!({ "n": "1", "next": { "n": "2", "next": { "n": "3", "next": 1 } } }),
        json!({ "n": 1, "next": { "n": 2, "next": { "n": 3, "next": 1 } } }),
    );
    let document = coercer(&schema, Coercion::body()).apply(Document::from(&json!({})), &mut Buffers::new());
    assert_eq!(document.depth(), 1 + NESTED_DEFAULTS);
    body(json!({ "$ref": "#" }), Coercion::fastify(), json!(1), json!(1));
    body(json!({ "allOf": [{ "$ref": "#" }], "type": "integer" }), Coercion::fastify(), json!("1"), json!(1));
}

proptest::proptest! {
    #[test]
    fn many_names_are_grouped_in_the_order_of_their_first(names in proptest::collection::vec("[a-c]{1,2}", 0..40)) {
        let pairs: Vec<_> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
        let document = coercer(&serde_json::json!({}), Coercion::text()).read(pairs.iter().copied(), &mut Buffers::new());
        let mut expected: Vec<(&str, usize)> = Vec::new();
        for (name, _) in pairs {
            match expected.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => expected.push((name, 1)),
            }
        }
        let got: Vec<_> = document.root().members().into_iter().flatten()
            .map(|(name, value)| (name, value.items().map_or(1, |items| items.len()))).collect();
        assert_eq!(got, expected);
    }
}
