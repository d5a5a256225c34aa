//! The fast lane against the judge.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::Verdict;
use crate::validator::judge::Judged;
use crate::validator::{Lanes, words};
use crate::{Document, Draft, Registry};

/// Failures as the judge lists them, and as the plan does.
fn explanations(lanes: &Lanes, document: &Document) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let plan = lanes.validator.0.plan.as_ref()?.explain(document, 1000)?;
    let judged = lanes.judge.iter_errors(Judged::Value(document.root()));
    let text = |pointer: &str, keyword: &str, message: &str| match keyword {
        // The judge forgets the order of a list of types, and how a number was written.
        "type" | "multipleOf" => format!("{pointer} {keyword}"),
        _ => format!("{pointer} {keyword} {message}"),
    };
    Some((
        plan.iter().map(|failure| text(&failure.pointer, failure.keyword, &failure.message)).collect(),
        judged
            .map(|error| {
                let (keyword, message) = words(error.kind(), error.schema_path().as_str());
                text(error.instance_path().as_str(), keyword, &message)
            })
            .collect(),
    ))
}

/// `None` for a schema that the judge refuses; then the registry has to, too.
fn both(registry: &Registry, schema: &Value) -> Option<Lanes> {
    let lanes = Lanes::compile(registry, schema).ok();
    assert_eq!(lanes.is_some(), registry.compile(schema).is_ok(), "{schema}");
    lanes
}

/// The plan's verdict, which has to be the judge's wherever there is one.
fn verdict(lanes: &Lanes, value: &Value) -> Verdict {
    let document = Document::parse(value.to_string().as_bytes()).expect("JSON");
    let (fast, judged) = lanes.check(&document);
    if let Some(fast) = fast {
        assert_eq!(fast, judged, "{value}");
    }
    if fast == Some(false)
        && let Some((plan, judge)) = explanations(lanes, &document)
    {
        assert_eq!(plan, judge, "{value}");
    }
    assert_eq!(lanes.validate(&document).is_ok(), judged, "{value}");
    match fast {
        Some(true) => Verdict::Valid,
        Some(false) => Verdict::Invalid,
        None => Verdict::Unsure,
    }
}

#[track_caller]
fn agrees(schema: Value, values: &[Value]) {
    let lanes = Lanes::compile(&Registry::new(), &schema).unwrap_or_else(|error| panic!("{error}"));
    for value in values {
        assert_ne!(verdict(&lanes, value), Verdict::Unsure, "{schema} {value}");
    }
}

const STRINGS: [&str; 66] = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "é",
    "éé",
    "😀",
    "😀😀😀",
    "AB",
    "AB-12",
    "AB-",
    "12",
    "a b",
    "a\nb",
    "abc\n",
    "x@y",
    "a@b.co",
    "a.b@c.example",
    "a..b@c.co",
    ".a@b.co",
    "a@-b.co",
    "a@b..co",
    "\"a b\"@c.co",
    "é@b.co",
    "a@é.co",
    "a@[127.0.0.1]",
    "a@b_c.co",
    "7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d",
    "7F2C1A52-9D0E-4C58-8F0B-3A5C6F0E1B7D",
    "7f2c1a529d0e4c588f0b3a5c6f0e1b7d",
    "7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7g",
    "2026-11-21",
    "2024-02-29",
    "2023-02-29",
    "2026-13-01",
    "2026-00-10",
    "0000-01-01",
    "2026-11-21T10:15:30Z",
    "2026-11-21T10:15:30.123+02:00",
    "2026-11-21T23:59:60Z",
    "2026-11-21T10:15:60Z",
    "2026-11-21t10:15:30z",
    "2026-11-21 10:15:30Z",
    "10:15:30Z",
    "10:15:30",
    "24:00:00Z",
    "10:15:30.Z",
    "10:15:30+24:00",
    "23:59:60-00:00",
    "127.0.0.1",
    "127.0.0.01",
    "256.0.0.1",
    "1.2.3",
    "::1",
    "fe80::1%eth0",
    "1::2::3",
    "example.com",
    "-a.com",
    "a-.com",
    "xn--bcher-kva.de",
    "https://example.com/a?b=c",
    "https://example.com:80/%41",
    "http://a/[",
    "mailto:a@b.co",
    "/a/b",
];

const FORMATS: [&str; 12] = [
    "email",
    "uuid",
    "date-time",
    "date",
    "time",
    "uri",
    "ipv4",
    "ipv6",
    "hostname",
    "uri-reference",
    "duration",
    "unheard-of",
];

const PATTERNS: [&str; 22] = [
    "^a",
    "b$",
    "^[a-z]+$",
    "^[A-Z]{2}-\\d+$",
    "^[A-Z]{2}-?[0-9]*$",
    "^\\w*$",
    "^a?a$",
    "^[a-z]{0,2}b?$",
    "^(a|b)$",
    ".",
    "^.$",
    "^$",
    "^",
    "^[^a]$",
    "^[a\\-b]{1,}$",
    "^[a-]+$",
    "^a b$",
    "\\p{L}",
    "^\\S+$",
    "^[\\d-]+$",
    "^a{1,2}?",
    "^x@y$",
];

fn numbers() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(vec![
            json!(0),
            json!(1),
            json!(-1),
            json!(2),
            json!(3),
            json!(10),
            json!(1.0),
            json!(2.5),
            json!(-0.0),
            json!(0.1),
            json!(0.3),
            json!(9007199254740993u64),
            json!(9007199254740992.0),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1.8446744073709552e19),
            json!(1e300),
        ]),
        (-20i64..20).prop_map(Value::from),
        (-20i32..20, 1i32..8).prop_map(|(a, b)| Value::from(f64::from(a) / f64::from(b))),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        3 => select(&STRINGS[..]).prop_map(Value::from),
        3 => numbers(),
        1 => select(vec![json!(null), json!(true), json!(false)]),
    ];
    scalar.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            (subsequence(vec!["a", "b", "c", "d"], 0..4), vec(inner, 4), any::<bool>()).prop_map(
                |(names, values, reverse)| {
                    let members: Vec<_> = names.into_iter().map(str::to_owned).zip(values).collect();
                    if reverse { members.into_iter().rev().collect() } else { members.into_iter().collect() }
                }
            ),
        ]
    })
}

/// One keyword with its operand; together they make a schema.
fn keyword(inner: BoxedStrategy<Value>) -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let one = |name: &'static str| move |value: Value| vec![(name, value)];
    let types = select(vec!["null", "boolean", "integer", "number", "string", "array", "object"]);
    let lists = |inner: &BoxedStrategy<Value>| vec(inner.clone(), 1..3).prop_map(Value::from);
    let names = || subsequence(vec!["a", "b", "c", "x"], 0..3);
    let by_name = |inner: &BoxedStrategy<Value>| {
        (names(), vec(inner.clone(), 3))
            .prop_map(|(names, schemas)| names.into_iter().map(str::to_owned).zip(schemas).collect())
    };
    let counts = || (0u64..4).prop_map(Value::from);
    let scalars = prop_oneof![
        5 => types.clone().prop_map(Value::from).prop_map(one("type")),
        2 => subsequence(vec!["null", "boolean", "integer", "number", "string", "array", "object"], 1..4).prop_map(|t| json!(t)).prop_map(one("type")),
        1 => vec(values(), 1..4).prop_map(|mut v| { v.dedup(); v.truncate(1); json!(v) }).prop_map(one("enum")),
        1 => select(vec![json!(["a", "b", "é"]), json!([1, "a", null]), json!([[], {}, 2.0])]).prop_map(one("enum")),
        1 => values().prop_map(one("const")),
        1 => numbers().prop_map(one("minimum")),
        1 => numbers().prop_map(one("maximum")),
        1 => numbers().prop_map(one("exclusiveMinimum")),
        1 => numbers().prop_map(one("exclusiveMaximum")),
        1 => select(vec![json!(1), json!(2), json!(3.0), json!(0.5), json!(0.1), json!(0.01), json!(1e300), json!(9007199254740992u64)]).prop_map(one("multipleOf")),
        1 => counts().prop_map(one("minLength")),
        1 => counts().prop_map(one("maxLength")),
        2 => select(&PATTERNS[..]).prop_map(Value::from).prop_map(one("pattern")),
        4 => select(&FORMATS[..]).prop_map(Value::from).prop_map(one("format")),
    ];
    let applicators = prop_oneof![
        4 => by_name(&inner).prop_map(one("properties")),
        2 => names().prop_map(|names| json!(names)).prop_map(one("required")),
        2 => inner.clone().prop_map(one("additionalProperties")),
        3 => inner.clone().prop_map(one("items")),
        1 => lists(&inner).prop_map(one("prefixItems")),
        1 => counts().prop_map(one("minItems")),
        1 => counts().prop_map(one("maxItems")),
        1 => counts().prop_map(one("minProperties")),
        1 => counts().prop_map(one("maxProperties")),
        1 => any::<bool>().prop_map(Value::from).prop_map(one("uniqueItems")),
        1 => lists(&inner).prop_map(one("allOf")),
        1 => lists(&inner).prop_map(one("anyOf")),
        1 => lists(&inner).prop_map(one("oneOf")),
        1 => inner.clone().prop_map(one("not")),
        1 => vec(inner.clone(), 3).prop_map(|s| vec![("if", s[0].clone()), ("then", s[1].clone()), ("else", s[2].clone())]),
    ];
    prop_oneof![scalars, applicators]
}

fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => Just(json!({})),
        1 => any::<bool>().prop_map(Value::from),
        // In a place where a value is nearer to its leaves, a reference may go in circles.
        1 => select(vec!["#/$defs/x", "#/$defs/y", "shared#", "shared#/$defs/z"]).prop_map(|r| json!({ "$ref": r })),
    ];
    let nested = leaf.prop_recursive(3, 24, 3, |inner| {
        let inner = inner.boxed();
        vec(keyword(inner), 1..4)
            .prop_map(|keywords| keywords.into_iter().flatten().map(|(k, v)| (k.to_owned(), v)).collect())
    });
    (nested.clone(), nested.clone(), nested).prop_map(|(root, x, y)| {
        let mut root = if let Value::Object(root) = root { root } else { Default::default() };
        root.insert("$defs".to_owned(), json!({ "x": x, "y": y }));
        Value::Object(root)
    })
}

fn shared() -> Registry {
    let mut registry = Registry::new();
    let schema = json!({
        "$id": "shared", "$defs": { "z": { "type": ["string", "integer"], "maxLength": 2 } }, "properties": { "a": { "$ref": "#/$defs/z" } },
        "additionalProperties": { "$ref": "#" },
    });
    registry.add(schema).expect("a schema");
    registry
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn plan_and_judge_agree_on_every_schema_of_the_fast_lanes_keywords(schema in schemas(), values in vec(values(), 8)) {
        // A schema whose references go in circles on one value has no plan, or one that is not sure.
        if let Some(lanes) = both(&shared(), &schema) {
            for value in &values {
                if verdict(&lanes, value) == Verdict::Unsure {
                    prop_assert!(schema.to_string().contains("$ref"), "{schema} {value}");
                }
            }
        }
    }

    #[test]
    fn numbers_are_judged_alike(
        bounds in subsequence(vec!["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"], 1..4),
        operands in vec(numbers(), 5), kind in select(vec!["integer", "number"]), values in vec(numbers(), 30),
    ) {
        let mut schema: serde_json::Map<_, _> = bounds.into_iter().map(str::to_owned).zip(operands.clone()).collect();
        schema.insert("type".to_owned(), json!(kind));
        if let Some(lanes) = both(&Registry::new(), &Value::Object(schema)) {
            for value in values.iter().chain(&operands) {
                prop_assert_ne!(verdict(&lanes, value), Verdict::Unsure);
            }
        }
    }

    #[test]
    fn strings_are_judged_alike(
        format in select(&FORMATS[..]), pattern in select(&PATTERNS[..]), draft in select(vec![Draft::Draft6, Draft::Draft7, Draft::Draft202012]),
        texts in vec(prop_oneof![
            select(&STRINGS[..]).prop_map(str::to_owned), "[ -~]{0,12}", "[a-c.@-]{1,12}", "[0-9:.TZ+-]{1,25}", "(https?://)?[a-z.]{1,8}[:/?#%a-c\\[]{0,6}",
            "[0-9]{4}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,3})?(Z|[+-][0-2][0-9]:[0-6][0-9])",
            "[a-z.!]{1,70}@[a-z0-9-]{1,65}(\\.[a-z0-9-]{1,5}){0,2}", "([0-9]{1,3}\\.){3}[0-9]{1,3}", "[AB]{0,3}-?[0-9]{0,3}", "[ab]{0,3}",
        ], 20),
    ) {
        let registry = Registry::new().with_default_draft(draft);
        for schema in [json!({ "format": format }), json!({ "pattern": pattern }), json!({ "format": format, "pattern": pattern })] {
            let lanes = Lanes::compile(&registry, &schema).unwrap();
            for text in &texts {
                prop_assert_ne!(verdict(&lanes, &json!(text)), Verdict::Unsure);
            }
        }
    }
}

#[test]
fn everyday_formats_and_patterns_are_not_the_judges() {
    let surely = |name: &str, text: &str| super::format::everyday(name).is_some_and(|surely| surely(text.as_bytes()));
    for (name, text) in [
        ("email", "ada.lovelace+x@mail.example.com"),
        ("hostname", "a.example-1.com"),
        ("uuid", "7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d"),
        ("date", "2026-11-21"),
        ("time", "10:15:30.5Z"),
        ("date-time", "2026-11-21T10:15:30+01:00"),
        ("ipv4", "192.168.0.1"),
        ("uri", "https://example.com:8080/a/b?c=d"),
    ] {
        assert!(surely(name, text), "{name} {text}");
    }
    for simple in
        ["^[A-Z]{2}-\\d+$", "^[a-z0-9_-]{3,16}$", "^SKU-[0-9]{5}$", "^\\+?[0-9]+$", "^/[a-z]+", "^[A-Za-z0-9 ]*$"]
    {
        assert!(super::pattern::Simple::compile(simple).is_some(), "{simple}");
    }
    for other in [
        "a",
        "^(a|b)$",
        "^a*a$",
        "^a?b?a$",
        "^[^a]$",
        "^.$",
        "^a+?$",
        "^[a-\\d]$",
        "^[é]$",
        "^a$b",
        "^a{",
        "^a{2,1}$",
        "^[z-a]$",
    ] {
        assert!(super::pattern::Simple::compile(other).is_none(), "{other}");
    }
}

#[test]
fn a_reference_in_circles_is_the_judges() {
    let compile = |schema: Value| Lanes::compile(&Registry::new(), &schema).expect("a schema");
    assert!(compile(json!({ "$ref": "#" })).validator.0.plan.is_none());
    let circle = compile(
        json!({ "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/b" }] }, "b": { "$ref": "#/$defs/a" } }, "items": { "$ref": "#/$defs/b" } }),
    );
    assert_eq!(verdict(&circle, &json!([1])), Verdict::Unsure);
    assert_eq!(verdict(&circle, &json!([])), Verdict::Valid);
}

#[test]
fn schemas_that_lead_twice_to_themselves_take_no_time_that_doubles() {
    let twice = json!({ "properties": { "a": { "$ref": "#" } } });
    let any = json!({ "anyOf": [{ "allOf": [twice, { "const": 1 }] }, twice, twice], "not": { "const": 2 } });
    let all = json!({ "allOf": [twice, { "allOf": [twice] }], "not": { "const": 2 } });
    for schema in [any, all] {
        let validator = Registry::new().compile(&schema).expect("a schema");
        for (depth, leaf) in [(1, "2"), (100, "2"), (100, "3")] {
            let json = format!("{}{leaf}{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            let document = Document::parse(json.as_bytes()).expect("JSON");
            let verdict = validator.0.plan.as_ref().expect("a plan").check(&document);
            assert_eq!(verdict, if leaf == "2" { Verdict::Invalid } else { Verdict::Valid });
            assert_eq!(validator.validate(&document).is_err(), leaf == "2");
        }
    }
}

#[test]
fn drafts_differ() {
    let seven = Registry::new().with_default_draft(Draft::Draft7);
    let compile = |schema: Value| Lanes::compile(&seven, &schema).expect("a schema");
    let list = compile(json!({ "items": [{ "type": "null" }], "additionalItems": { "type": "string" } }));
    assert_eq!(verdict(&list, &json!([null, "a"])), Verdict::Valid);
    assert_eq!(verdict(&list, &json!([null, 1])), Verdict::Invalid);
    let reference = compile(json!({ "$ref": "#/definitions/a", "type": "null", "definitions": { "a": {} } }));
    assert_eq!(verdict(&reference, &json!(1)), Verdict::Valid);
    let four = Registry::new().with_default_draft(Draft::Draft4);
    assert!(four.compile(&json!({ "type": "integer" })).expect("a schema").0.plan.is_none());
    agrees(json!({ "type": "integer" }), &[json!(1.0), json!(1.5), json!(-0.0), json!(1e300)]);
}

/// What leaves nothing to the judge has none; and all that a judge would refuse at start-up is refused without one.
#[test]
fn what_the_plan_knows_needs_no_judge() {
    let has_judge = |registry: &Registry, schema: Value| registry.compile(&schema).expect("a schema").0.judge.is_some();
    let known = json!({ "properties": { "a": { "$ref": "shared#" }, "b": { "type": "string", "format": "email" } } });
    assert!(!has_judge(&shared(), known));
    for left_to_it in [
        json!({ "items": { "patternProperties": { "a": {} } } }),
        json!({ "$schema": "http://json-schema.org/draft-04/schema#", "type": "integer" }),
        // Nothing asks for it, and it may be wrong by the meta-schema that it names.
        json!({ "$defs": { "x": { "$id": "y", "$schema": "http://json-schema.org/draft-04/schema#", "type": "integer" } } }),
    ] {
        assert!(has_judge(&shared(), left_to_it.clone()), "{left_to_it}");
    }
    for wrong in [
        json!({ "title": 5 }),
        json!({ "$defs": { "x": { "type": "int" } } }),
        json!({ "$defs": { "x": { "$ref": "gone#" } } }),
        json!({ "items": { "$ref": "shared#/gone" } }),
        json!({ "items": { "$ref": "shared#gone" } }),
        json!({ "pattern": "^(?=a)" }),
        json!({ "pattern": "^[a-z]{100000000}$" }),
        json!({ "pattern": "^a{4000000000}$" }),
        json!({ "x": { "minLength": -1 }, "$ref": "#/x" }),
        json!({ "x": { "required": [1] }, "items": { "$ref": "#/x" } }),
        json!({ "$defs": { "x": { "$id": "y", "$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": 1 } } }),
        json!({ "$schema": "https://example.com/unknown" }),
        json!([]),
    ] {
        assert!(Lanes::compile(&shared(), &wrong).is_err(), "{wrong}");
        assert!(shared().compile(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_part_with_a_draft_of_its_own_is_the_judges() {
    let part = json!({ "$id": "part", "$schema": "http://json-schema.org/draft-04/schema#", "type": "integer" });
    let lanes = Lanes::compile(&Registry::new(), &json!({ "items": part })).expect("a schema");
    for value in [json!([1]), json!([1.5])] {
        assert_eq!(verdict(&lanes, &value), Verdict::Unsure);
    }
}
