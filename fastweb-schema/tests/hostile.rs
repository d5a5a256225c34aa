//! Documents that are sent to cost time or memory. What is asserted is the verdict: were the time not bounded, the test would not end.

use fastweb_schema::{Buffers, Coercion, Document, Failures, ParseErrorKind, Registry, Validator};
use serde_json::{Value, json};

fn compile(schema: Value) -> Validator {
    Registry::new().compile(&schema).expect("a schema")
}

fn parse(json: &str) -> Document {
    Document::parse(json.as_bytes()).expect("JSON")
}

#[test]
fn deep_documents_are_refused_or_validated() {
    let error = Document::parse("{\"a\":".repeat(500_000).as_bytes()).expect_err("too deep");
    assert_eq!(error.kind(), ParseErrorKind::TooDeep);
    let tree = compile(json!({ "type": ["object", "null"], "properties": { "a": { "$ref": "#" } } }));
    let depth = Document::MAX_DEPTH;
    let deepest = |leaf: &str| parse(&format!("{}{leaf}{}", "{\"a\":".repeat(depth), "}".repeat(depth)));
    assert!(tree.is_valid(&deepest("null")));
    let failures = tree.validate(&deepest("1")).expect_err("no tree");
    assert_eq!(failures.as_slice()[0].pointer, "/a".repeat(depth));
}

/// Rules for conditions, as many applications have them: each level is tried as each of its kinds.
#[test]
fn unions_that_contain_themselves_do_not_multiply() {
    let kind = |name: &str| {
        json!({
            "type": "object",
            "properties": { "args": { "type": "array", "items": { "$ref": "#" } }, "op": { "const": name } },
            "required": ["op", "args"],
        })
    };
    for combination in ["anyOf", "oneOf"] {
        let conditions = compile(json!({ combination: [kind("and"), kind("or"), kind("not"), { "type": "boolean" }] }));
        let nested = |op: &str, leaf: &str| {
            // The kind comes last, so that what is inside has been looked at before.
            let end = format!("],\"op\":\"{op}\"}}");
            parse(&format!("{}{leaf}{}", "{\"args\":[".repeat(60), end.repeat(60)))
        };
        assert!(conditions.is_valid(&nested("or", "true")));
        assert!(conditions.validate(&nested("or", "7")).is_err());
        assert!(conditions.validate(&nested("xor", "true")).is_err());
    }
    // A keyword that only the judge knows.
    let judged = compile(json!({ "anyOf": [kind("and"), kind("or"), { "type": "array", "contains": {} }] }));
    let end = "],\"op\":\"x\"}".repeat(60);
    assert!(judged.validate(&parse(&format!("{}{end}", "{\"args\":[".repeat(60)))).is_err());
}

#[test]
fn failures_are_bounded_however_many_there_are() {
    let many = parse(&format!("[{}1]", "1,".repeat(100_000)));
    for schema in [
        json!({ "items": { "type": "string", "minimum": 2 } }),
        json!({ "allOf": [{ "items": { "type": "string" } }, { "items": { "minimum": 2 } }] }),
    ] {
        let failures = compile(schema).validate(&many).expect_err("wrong everywhere");
        assert_eq!(failures.as_slice().len(), Failures::LIMIT);
        assert_eq!(failures.as_slice()[15].pointer, "/7");
    }
    let failures = compile(json!({ "contains": { "type": "null" } })).validate(&many).expect_err("none");
    assert_eq!(failures.as_slice().len(), 1);
}

#[test]
fn large_collections_take_no_time_that_grows_with_their_square() {
    let numbers: Vec<_> = (0..50_000).map(|i| i.to_string()).collect();
    let unique = compile(json!({ "uniqueItems": true }));
    assert!(unique.is_valid(&parse(&format!("[{}]", numbers.join(",")))));
    assert!(!unique.is_valid(&parse(&format!("[{},0.0]", numbers.join(",")))));

    let prefix = "x".repeat(20);
    let members: Vec<_> = numbers.iter().map(|i| format!("\"{prefix}{i}\":1")).collect();
    let object = format!("{{{}}}", members.join(","));
    assert!(compile(json!({ "additionalProperties": { "type": "integer" } })).is_valid(&parse(&object)));
    assert!(compile(json!({ "additionalProperties": false })).validate(&parse(&object)).is_err());
    let twice = format!("{{{},{}}}", members.join(","), members[7]);
    assert_eq!(Document::parse(twice.as_bytes()).expect_err("twice").kind(), ParseErrorKind::DuplicateName);

    let coercer = Registry::new().coercer(&json!({}), Coercion::text()).expect("a schema");
    let query = coercer.read(numbers.iter().map(|name| (name.as_str(), "1")), &mut Buffers::new());
    assert_eq!(query.root().members().map(|members| members.len()), Some(50_000));
}

#[test]
fn patterns_are_matched_in_linear_time() {
    let text = parse(&format!("\"{}!\"", "a".repeat(50_000)));
    for pattern in ["^(a+)+$", "^(a|a)*$", "(.*a){12}!!$", "^[a-z]+$", "^\\w+@"] {
        assert!(!compile(json!({ "pattern": pattern })).is_valid(&text), "{pattern}");
    }
    for format in ["email", "hostname", "uri", "date-time", "ipv6", "uuid", "duration", "idn-hostname"] {
        let _ = compile(json!({ "format": format })).is_valid(&text);
    }
}
