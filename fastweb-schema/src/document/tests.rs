//! Documents against `serde_json`. The corpus is in `tests/suites/`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::*;

fn parse(json: &str) -> Result<Value, ParseErrorKind> {
    Document::parse(json.as_bytes()).map(|document| Value::from(&document)).map_err(|error| error.kind())
}

#[track_caller]
fn refused(json: impl AsRef<[u8]>, kind: ParseErrorKind, line: usize, column: usize, offset: usize) {
    let error = Document::parse(json.as_ref()).expect_err("refused");
    assert_eq!((error.kind(), error.line(), error.column(), error.offset()), (kind, line, column, offset));
}

#[test]
fn an_error_says_what_and_where() {
    use ParseErrorKind::*;
    refused("", Empty, 1, 1, 0);
    refused(" \n ", Empty, 2, 2, 3);
    refused("\u{FEFF}1", ByteOrderMark, 1, 1, 0);
    refused(b"\"a\xFF\"", InvalidUtf8, 1, 3, 2);
    refused("{\"a\":\n [1,", UnexpectedEnd, 2, 5, 10);
    refused("[1,\"é\", x]", ExpectedValue, 1, 9, 9);
    refused("{a:1}", ExpectedName, 1, 2, 1);
    refused("{\"a\" 1}", ExpectedColon, 1, 6, 5);
    refused("[1 2]", ExpectedCommaOrEnd, 1, 4, 3);
    refused("{\"a\":1]", ExpectedCommaOrEnd, 1, 7, 6);
    refused("1 2", TrailingData, 1, 3, 2);
    refused("[01]", InvalidNumber, 1, 2, 1);
    refused("[1e999]", NumberOutOfRange, 1, 2, 1);
    refused("\"\\x\"", InvalidEscape, 1, 2, 1);
    refused("\"\\ud800\"", LoneSurrogate, 1, 2, 1);
    refused("\"a\tb\"", ControlCharacter, 1, 3, 2);
    refused("nul", UnexpectedEnd, 1, 4, 3);
    refused("nuXX", ExpectedValue, 1, 1, 0);
}

#[test]
fn a_name_twice_is_refused_however_it_is_written() {
    use ParseErrorKind::DuplicateName;
    refused(r#"{"a":1,"b":{"a":2},"a":3}"#, DuplicateName, 1, 20, 19);
    refused(r#"{"a":1,"\u0061":3}"#, DuplicateName, 1, 8, 7);
    assert!(parse(r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#).is_ok());
}

#[test]
fn large_objects_are_searched_for_names_that_stand_twice() {
    let object = |names: &[String]| {
        let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":[{{}}]")).collect();
        format!("{{{}}}", members.join(","))
    };
    let mut names: Vec<_> = (0..1000).map(|i| format!("n{i}")).collect();
    assert!(parse(&object(&names)).is_ok());
    names[999] = "n3".to_owned();
    let json = object(&names);
    let at = json.rfind("\"n3\"").expect("it is there");
    refused(&json, ParseErrorKind::DuplicateName, 1, at + 1, at);
    names[999] = "\\u006e3".to_owned();
    assert_eq!(parse(&object(&names)), Err(ParseErrorKind::DuplicateName));
}

#[test]
fn nesting_is_limited_where_serde_json_limits_it() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [126, 127, 128, 129] {
            let json = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            let oracle = serde_json::from_str::<Value>(&json);
            assert_eq!(parse(&json).is_ok(), oracle.is_ok(), "{open} {depth}");
        }
    }
    refused("[".repeat(1_000_000), ParseErrorKind::TooDeep, 1, 128, 127);
}

#[test]
fn the_depth_is_that_of_the_deepest_value() {
    for (json, depth) in [("1", 0), ("[]", 1), ("[[],[[1]],{}]", 3), ("{\"a\":{\"b\":1},\"c\":[]}", 2)] {
        assert_eq!(Document::parse(json.as_bytes()).expect("JSON").depth(), depth, "{json}");
    }
}

#[test]
fn buffers_are_used_again_and_large_ones_are_not_kept() {
    let mut buffers = Buffers::new();
    let document = Document::parse_with(b"[\"abc\",1]", &mut buffers).expect("JSON");
    let memory = document.tape.as_ptr();
    document.recycle(&mut buffers);
    let document = Document::parse_with(b"[2]", &mut buffers).expect("JSON");
    assert_eq!(document.tape.as_ptr(), memory);
    assert_eq!(Value::from(&document), serde_json::json!([2]));
    assert!(Document::parse_with(b"[", &mut buffers).is_err());
    assert_eq!(buffers.spare.len(), 1, "an error gives its buffers back");

    let large = format!("\"{}\"", "x".repeat(Buffers::LARGEST));
    Document::parse_with(large.as_bytes(), &mut buffers).expect("JSON").recycle(&mut buffers);
    assert_eq!(buffers.spare.len(), 0);
}

#[test]
fn structures_are_built_as_serde_json_builds_them() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Point(i32, f32);
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Shape {
        Empty,
        Circle(f64),
        Line(Point, Point),
        Box { at: Point, size: Option<u8> },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        A { n: u64 },
        B,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct All<'a> {
        text: &'a str,
        #[serde(borrow)]
        maybe: Option<std::borrow::Cow<'a, str>>,
        shapes: Vec<Shape>,
        by_number: BTreeMap<u16, bool>,
        by_flag: BTreeMap<bool, char>,
        tagged: Vec<Tagged>,
        unit: (),
        any: Value,
        #[serde(default)]
        missing: i64,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let json = r#"{"text":"é","maybe":null,"shapes":["empty",{"circle":2},{"line":[[1,2],[3,4.5]]},
        {"box":{"at":[-1,-0.0],"size":7}},{"box":{"size":null,"at":[0,0]}}],"by_number":{"1":true,"65535":false},"by_flag":{"true":"x"},
        "tagged":[{"kind":"A","n":18446744073709551615},{"kind":"B"}],"unit":null,"any":[1,-1,1.5,{"a":[]}],"more":[{}],"x":1}"#;
    let document = Document::parse(json.as_bytes()).expect("JSON");
    let expected: All<'_> = serde_json::from_str(json).expect("an All");
    assert_eq!(document.deserialize::<All<'_>>().expect("an All"), expected);
    assert_eq!(All::deserialize(&document).expect("an All"), expected);
}

#[test]
fn integers_are_taken_from_floats_without_a_fraction() {
    let read = |json: &str| Document::parse(json.as_bytes()).expect("JSON").deserialize::<i16>();
    assert_eq!(read("12.0").expect("an integer"), 12);
    assert_eq!(read("-1e2").expect("an integer"), -100);
    assert_eq!(read("-0").expect("an integer"), 0);
    assert_eq!(read("1.5").expect_err("no integer").message(), "must be integer");
    assert_eq!(read("40000").expect_err("too great").message(), "must be <= 32767");
}

#[test]
fn an_error_of_a_type_names_the_place_and_repeats_no_value() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Item {
        kind: Kind,
        sizes: Vec<(u8, u8)>,
    }
    #[derive(Debug, Deserialize)]
    enum Kind {
        A,
        B(#[allow(dead_code)] bool),
    }
    #[track_caller]
    fn fails(json: &str, pointer: &str, keyword: &str, message: &str) {
        let document = Document::parse(json.as_bytes()).expect("JSON");
        let error = document.deserialize::<BTreeMap<String, Item>>().expect_err("wrong");
        assert_eq!((error.pointer(), error.keyword(), error.message()), (pointer, keyword, message));
    }
    fails(r#""secret""#, "", "type", "must be object");
    fails(r#"{"a/b~":{"kind":"A","sizes":"secret"}}"#, "/a~1b~0/sizes", "type", "must be array");
    fails(r#"{"i":{"kind":"A","sizes":[[1,2],[1,300]]}}"#, "/i/sizes/1/1", "maximum", "must be <= 255");
    fails(r#"{"i":{"kind":"A","sizes":[[1]]}}"#, "/i/sizes/0", "type", "must be a tuple of size 2");
    fails(r#"{"i":{"kind":"A","sizes":[[1,2,3]]}}"#, "/i/sizes/0", "type", "must be array of fewer items");
    fails(r#"{"i":{"kind":"secret","sizes":[]}}"#, "/i/kind", "enum", "must be equal to one of the allowed values");
    fails(r#"{"i":{"kind":{"B":"secret"},"sizes":[]}}"#, "/i/kind/B", "type", "must be boolean");
    fails(r#"{"i":{"kind":"A"}}"#, "/i", "required", "must have required property 'sizes'");
    fails(r#"{"i":{"secret":1}}"#, "/i", "additionalProperties", "must NOT have additional properties");
}

/// JSON values with names that are alike.
fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |float| serde_json::Number::from_f64(float).map(Value::Number)),
        "[ -~é😀\\n\\u{1}]{0,20}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("[a-c\"\\\\]{0,2}", inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read_and_written_the_same(value in values(), pretty: bool) {
        let json = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let document = Document::parse(json.as_bytes()).unwrap();
        prop_assert_eq!(Value::from(&document), value.clone());
        prop_assert_eq!(serde_json::to_string(&document).unwrap(), serde_json::to_string(&serde_json::from_str::<Value>(&json).unwrap()).unwrap());
        prop_assert_eq!(document.deserialize::<Value>().unwrap(), value.clone());
        let built = Document::from(&value);
        prop_assert_eq!(Value::from(&built), value);
        // A copy of a part is that part.
        for member in built.root().members().into_iter().flatten().map(|(_, member)| member) {
            let mut builder = value::Builder::new(&mut Buffers::new());
            let mark = builder.open();
            builder.node(member);
            builder.node(member);
            builder.close_array(mark, 2);
            prop_assert_eq!(Value::from(&builder.finish()), Value::from(vec![Value::from(member); 2]));
        }
    }

    #[test]
    fn damaged_text_is_judged_as_serde_json_judges_it(value in values(), at: proptest::sample::Index, byte: u8) {
        let mut json = serde_json::to_vec(&value).unwrap();
        let at = at.index(json.len());
        json[at] = byte;
        match (Document::parse(&json), serde_json::from_slice::<Value>(&json)) {
            (Ok(document), Ok(oracle)) => prop_assert_eq!(Value::from(&document), oracle),
            (Err(error), Ok(_)) => prop_assert_eq!(error.kind(), ParseErrorKind::DuplicateName),
            (document, oracle) => prop_assert_eq!(document.is_ok(), oracle.is_ok()),
        }
    }
}
