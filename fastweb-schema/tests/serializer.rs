//! Serialisers: what leaves, what is refused and how it is told, for every kind of value that serde knows.

use std::collections::{BTreeMap, HashMap};

use fastweb_schema::{CompileError, SerializeError, Serializer};
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Value, json};

fn serializer(schema: Value) -> Serializer {
    Serializer::compile(&schema).unwrap()
}

fn write<T: Serialize + ?Sized>(schema: Value, value: &T) -> Result<String, SerializeError> {
    let mut out = Vec::new();
    serializer(schema).write(value, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn written<T: Serialize + ?Sized>(schema: Value, value: &T) -> String {
    write(schema, value).unwrap()
}

/// The text of the error.
fn refused<T: Serialize + ?Sized>(schema: Value, value: &T) -> String {
    write(schema, value).unwrap_err().to_string()
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Newtype(u8);

#[derive(Serialize)]
struct Tuple(u8, &'static str);

#[derive(Serialize)]
enum Kind {
    Plain,
    Newtype(f32),
    Tuple(u8, bool),
    Struct { a: u8, secret: u8 },
}

#[derive(Serialize)]
struct Everything<'a> {
    boolean: bool,
    small: (u8, u16, u32, i8, i16, i32),
    large: (u64, i64, u128, i128),
    wide: (u128, i128),
    floats: (f32, f64),
    character: char,
    text: &'a str,
    owned: String,
    bytes: Bytes<'a>,
    some: Option<u8>,
    none: Option<u8>,
    unit: (),
    unit_struct: Unit,
    newtype: Newtype,
    tuple: Tuple,
    plain: Kind,
    kinds: Vec<Kind>,
    list: Vec<Option<bool>>,
    array: [u8; 2],
    map: BTreeMap<String, u8>,
    numbered: BTreeMap<i32, char>,
    #[serde(flatten)]
    flat: BTreeMap<&'a str, f64>,
    #[serde(skip)]
    _skipped: u8,
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

fn everything() -> Everything<'static> {
    Everything {
        boolean: true,
        small: (1, 2, 3, -1, -2, -3),
        large: (u64::MAX, i64::MIN, 7, -7),
        wide: (u128::MAX, i128::MIN),
        floats: (0.1, -1e300),
        character: 'é',
        text: "a \"quoted\" text that is longer than thirty-two bytes\n",
        owned: "short".into(),
        bytes: Bytes(&[0, 255]),
        some: Some(1),
        none: None,
        unit: (),
        unit_struct: Unit,
        newtype: Newtype(9),
        tuple: Tuple(1, "x"),
        plain: Kind::Plain,
        kinds: vec![Kind::Newtype(0.5), Kind::Tuple(1, false), Kind::Struct { a: 1, secret: 2 }, Kind::Plain],
        list: vec![Some(true), None],
        array: [1, 2],
        map: BTreeMap::from([("key \"k\"".into(), 1)]),
        numbered: BTreeMap::from([(-1, 'a'), (2, 'b')]),
        flat: BTreeMap::from([("pi", 3.5)]),
        _skipped: 0,
    }
}

#[test]
fn without_a_schema_every_kind_of_value_is_written_as_by_serde_json() {
    assert_eq!(written(json!(true), &everything()), serde_json::to_string(&everything()).unwrap());
    assert_eq!(written(json!({ "description": "any" }), &everything()), serde_json::to_string(&everything()).unwrap());
}

#[test]
fn with_a_schema_for_each_kind_of_value_they_are_written_as_by_serde_json() {
    let numbers = json!({ "type": "array", "items": { "type": "number" } });
    let integers = json!({ "type": "array", "items": { "type": "integer" } });
    let schema = json!({
        "type": "object",
        "additionalProperties": { "type": "number" },
        "properties": {
            "boolean": { "type": "boolean" },
            "small": integers, "large": integers, "wide": integers, "floats": numbers, "bytes": integers, "array": integers,
            "character": { "type": "string" }, "text": { "type": "string" }, "owned": { "type": "string" },
            "some": { "type": ["integer", "null"] }, "none": { "type": "integer", "nullable": true },
            "unit": { "type": "null" }, "unit_struct": { "type": "null" },
            "newtype": { "type": "integer" },
            "tuple": { "prefixItems": [{ "type": "integer" }, { "type": "string" }], "items": false },
            "plain": { "enum": ["Plain", "Other"] },
            "kinds": { "type": "array", "items": { "type": ["object", "string"], "properties": {
                "Newtype": { "type": "number" },
                "Tuple": { "items": [{ "type": "integer" }, { "type": "boolean" }] },
                "Struct": { "type": "object", "properties": { "a": { "type": "integer" }, "secret": {} } },
            } } },
            "list": { "type": "array", "items": { "type": ["boolean", "null"] } },
            "map": { "type": "object", "additionalProperties": { "type": "integer" } },
            "numbered": { "type": "object", "patternProperties": { "^-?[0-9]+$": { "type": "string" } } },
        },
    });
    assert_eq!(written(schema, &everything()), serde_json::to_string(&everything()).unwrap());
}

#[test]
fn only_declared_properties_leave_whatever_the_kind_of_object() {
    let schema = || json!({ "type": "object", "properties": { "a": {} } });
    assert_eq!(written(schema(), &json!({ "a": 1, "b": 2 })), r#"{"a":1}"#);
    assert_eq!(written(schema(), &HashMap::from([("b", 2)])), "{}");
    let kinds = json!({ "items": { "type": "object", "properties": { "Struct": schema() } } });
    let values = [Kind::Struct { a: 1, secret: 2 }, Kind::Newtype(1.0), Kind::Tuple(1, true)];
    assert_eq!(written(kinds, &values), r#"[{"Struct":{"a":1}},{},{}]"#);
    // A type without properties lets none through; a property that is `false` stays even where others may leave.
    assert_eq!(written(json!({ "type": "object" }), &json!({ "a": 1 })), "{}");
    let open = json!({ "properties": { "password": false }, "additionalProperties": true });
    assert_eq!(written(open, &json!({ "a": 1, "password": "x" })), r#"{"a":1}"#);
}

#[test]
fn properties_keep_the_order_of_the_value_and_defaults_follow() {
    #[derive(Serialize)]
    struct Value {
        z: u8,
        a: u8,
        m: Option<u8>,
    }
    let schema = json!({ "properties": {
        "a": { "type": "integer" }, "m": { "type": ["integer", "null"], "default": 5 }, "z": { "type": "integer" },
        "q\"": { "type": "string", "default": "\n" },
    } });
    assert_eq!(written(schema, &Value { z: 1, a: 2, m: None }), r#"{"z":1,"a":2,"m":null,"q\"":"\n"}"#);
}

#[test]
fn a_default_is_written_as_its_own_schema_says() {
    let schema = json!({ "properties": { "owner": {
        "properties": { "name": { "type": "string" }, "level": { "type": "integer", "default": 3.0 } },
        "default": { "name": "nobody", "secret": 1 },
    } } });
    assert_eq!(written(schema, &json!({})), r#"{"owner":{"name":"nobody","level":3}}"#);
    // One within the other, whichever is compiled first.
    let nested = json!({ "properties": { "a": { "default": {}, "$ref": "#/$defs/b" } }, "$defs": {
        "b": { "properties": { "c": { "default": {}, "$ref": "#/$defs/d" } }, "required": ["c"] },
        "d": { "properties": { "e": { "default": 1 } }, "required": ["e"] },
    } });
    assert_eq!(written(nested, &json!({})), r#"{"a":{"c":{"e":1}}}"#);
    let endless = json!({ "properties": { "l": { "$ref": "#", "default": {} }, "r": { "$ref": "#", "default": {} } } });
    let told = problems(endless);
    assert!(told[0].starts_with("#/properties/l/default: never ends"), "{told:?}");
}

#[test]
fn more_than_64_required_properties_are_all_asked_for() {
    let names: Vec<String> = (0..200).map(|n| format!("property{n}")).collect();
    let properties: serde_json::Map<String, Value> =
        names.iter().map(|name| (name.clone(), json!({ "type": "integer" }))).collect();
    let serializer = serializer(json!({ "properties": properties, "required": names }));
    let full: serde_json::Map<String, Value> = names.iter().map(|name| (name.clone(), json!(1))).collect();
    let mut out = Vec::new();
    serializer.write_value(&Value::Object(full.clone()), &mut out).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), Value::Object(full.clone()));
    for name in &names {
        let mut less = full.clone();
        less.remove(name);
        let error = serializer.write_value(&Value::Object(less), &mut out).unwrap_err().to_string();
        assert!(error.contains(&format!("must have required property '{name}'")), "{error}");
    }
}

#[test]
fn errors_name_the_place_what_was_expected_and_what_helps_and_never_the_value() {
    let schema = || {
        json!({ "properties": { "users": { "items": { "properties": {
            "id": { "type": "integer" },
            "a/b~": { "type": ["string", "boolean"] },
            "role": { "enum": ["reader", "writer"] },
            "score": { "type": "number" },
            "pair": { "prefixItems": [{}, {}], "items": false },
            "either": { "anyOf": [
                { "type": "object", "properties": { "x": { "type": "string" } }, "required": ["x"] },
                { "type": "object", "required": ["y"] },
                { "type": "null" },
            ] },
            "maybe": { "anyOf": [{ "type": "object", "properties": { "x": { "type": "string" } } }, { "type": "null" }] },
        }, "required": ["id"] } } } })
    };
    let with = |user: Value| json!({ "users": [{ "id": 1 }, user] });
    for (user, message) in [
        (
            json!({}),
            "/users/1 of the answer must have required property 'id'; set it in the handler, give it a default, or do not require it",
        ),
        (
            json!({ "id": "topsecret" }),
            "/users/1/id of the answer must be integer and is string; change the handler's value or its response schema",
        ),
        (
            json!({ "id": 1.25 }),
            "/users/1/id of the answer must be integer and is number; change the handler's value or its response schema",
        ),
        (
            json!({ "id": null }),
            "/users/1/id of the answer must be integer and is null; let the response schema allow null, or leave the property out where there is none",
        ),
        (
            json!({ "id": 1, "a/b~": [] }),
            "/users/1/a~1b~0 of the answer must be string,boolean and is array; change the handler's value or its response schema",
        ),
        (
            json!({ "id": 1, "role": "topsecret" }),
            "/users/1/role of the answer must be equal to one of the allowed values; change the handler's value or add it to `enum`",
        ),
        (
            json!({ "id": 1, "pair": [1, 2, 3] }),
            "/users/1/pair of the answer must NOT have more than 2 items; change the handler's value or `items`",
        ),
        (
            json!({ "id": 1, "either": { "x": 7 } }),
            "/users/1/either of the answer must match a schema in anyOf; none of them fits its type and its properties",
        ),
    ] {
        let mut out = b"kept".to_vec();
        let error = serializer(schema()).write_value(&with(user.clone()), &mut out).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(!format!("{error:?}").contains("topsecret"));
        assert_eq!(out, b"kept");
        assert_eq!(refused(schema(), &with(user)), message);
    }
    #[derive(Serialize)]
    struct Users {
        users: Vec<HashMap<&'static str, f64>>,
    }
    for value in [f64::NAN, f64::INFINITY] {
        let message = refused(schema(), &Users { users: vec![HashMap::from([("score", value)])] });
        assert!(message.starts_with("/users/0/score of the answer must be number and is NaN or infinite"), "{message}");
    }
    assert_eq!(written(json!({ "type": ["number", "null"] }), &f64::NAN), "null");
    assert!(refused(json!({ "type": "string" }), &1).starts_with("the answer must be string and is integer"));
}

#[test]
fn errors_within_variants_name_the_variant() {
    let schema = json!({ "properties": {
        "Tuple": { "prefixItems": [{ "type": "string" }] },
        "Struct": { "properties": { "a": { "type": "string" }, "b": {} }, "required": ["b"] },
        "Newtype": { "type": "string" },
    } });
    assert!(refused(schema.clone(), &Kind::Tuple(1, true)).starts_with("/Tuple/0 of"));
    assert!(refused(schema.clone(), &Kind::Struct { a: 1, secret: 2 }).starts_with("/Struct/a of"));
    assert!(refused(schema, &Kind::Newtype(1.0)).starts_with("/Newtype of"));
    let schema = json!({ "properties": { "Struct": { "required": ["b"] } } });
    assert!(
        refused(schema, &Kind::Struct { a: 1, secret: 2 })
            .starts_with("/Struct of the answer must have required property 'b'")
    );
}

#[test]
fn errors_of_a_values_own_serialize_are_told_with_their_place() {
    struct Broken;
    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("out of paper"))
        }
    }
    assert_eq!(refused(json!(true), &[Broken]), "/0 of the answer could not be read: out of paper");
    let keys = HashMap::from([(vec![1], 1)]);
    assert!(refused(json!(true), &keys).contains("keys are no text"));
    let error = write(json!(true), &HashMap::from([((), 1)])).unwrap_err();
    assert_eq!(error.keyword(), None);
}

#[test]
fn a_value_that_panics_leaves_nothing_behind() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("half way");
        }
    }
    let mut out = b"kept".to_vec();
    let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        serializer(json!(true)).write(&("text", Panics), &mut out)
    }));
    assert!(written.is_err());
    assert_eq!(out, b"kept");
}

#[test]
fn keys_are_written_as_by_serde_json_given_apart_or_with_their_values() {
    struct Apart<'a>(&'a [(&'a str, u8)]);
    impl Serialize for Apart<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            for (key, value) in self.0 {
                map.serialize_key(key)?;
                map.serialize_value(value)?;
            }
            map.end()
        }
    }
    let schema = json!({ "properties": { "a": { "type": "integer" } }, "required": ["a"] });
    assert_eq!(written(schema.clone(), &Apart(&[("b", 1), ("a", 2)])), r#"{"a":2}"#);
    assert!(refused(schema, &Apart(&[("b", 1)])).contains("'a'"));
    assert_eq!(written(json!(true), &Apart(&[("b\n", 1)])), r#"{"b\n":1}"#);
    macro_rules! same {
        ($($key:expr),*) => {$({
            let map = BTreeMap::from([(serde_json::to_string(&$key).unwrap(), $key)]);
            struct One<K>(K);
            impl<K: Serialize> Serialize for One<K> {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_map([(&self.0, 1)])
                }
            }
            for (_, key) in map {
                assert_eq!(written(json!(true), &One(&key)), serde_json::to_string(&One(&key)).unwrap());
            }
        })*};
    }
    same!(true, 1_u8, -1_i8, 2_u16, -2_i16, 3_u32, 4_u64, -4_i64, 5_u128, -5_i128, 'c', "text", Some("text"));
    assert_eq!(written(json!(true), &HashMap::from([(Kindly::Plain, 1)])), r#"{"Plain":1}"#);
}

#[derive(Serialize, PartialEq, Eq, Hash)]
enum Kindly {
    Plain,
}

#[test]
fn of_several_schemas_the_first_that_fits_decides() {
    let shapes = || {
        json!({ "anyOf": [
            { "properties": { "kind": { "const": "circle" }, "radius": { "type": "number" } }, "required": ["kind", "radius"] },
            { "properties": { "kind": { "const": "square" }, "side": { "type": "number" } }, "required": ["kind", "side"] },
            { "type": "string" },
        ] })
    };
    #[derive(Serialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Shape {
        Circle { radius: f64, secret: u8 },
        Square { side: f64, radius: f64 },
    }
    assert_eq!(written(shapes(), &Shape::Circle { radius: 1.5, secret: 1 }), r#"{"kind":"circle","radius":1.5}"#);
    assert_eq!(written(shapes(), &Shape::Square { side: 2.5, radius: 1.0 }), r#"{"kind":"square","side":2.5}"#);
    assert_eq!(written(shapes(), "text"), r#""text""#);
    assert!(refused(shapes(), &json!({ "kind": "line" })).contains("anyOf"));
    // Variants that serde puts into an object of their own.
    let kinds = json!({ "oneOf": [
        { "properties": { "Tuple": {} }, "required": ["Tuple"] },
        { "properties": { "Struct": { "properties": { "a": {} } } }, "required": ["Struct"] },
        { "properties": { "Newtype": { "type": "number" } }, "required": ["Newtype"] },
        { "const": "Plain" },
    ] });
    let values = [Kind::Newtype(0.5), Kind::Tuple(1, false), Kind::Struct { a: 1, secret: 2 }, Kind::Plain];
    let text = r#"[{"Newtype":0.5},{"Tuple":[1,false]},{"Struct":{"a":1}},"Plain"]"#;
    assert_eq!(written(json!({ "items": kinds }), &values), text);
}

#[test]
fn if_decides_between_then_and_else() {
    let schema = json!({
        "properties": { "kind": { "type": "string" } },
        "if": { "properties": { "kind": { "const": "a" } }, "required": ["kind"] },
        "then": { "properties": { "a": {} } },
        "else": { "properties": { "b": {} } },
    });
    let serializer = serializer(schema);
    let text = |value: Value| {
        let mut out = Vec::new();
        serializer.write_value(&value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(text(json!({ "kind": "a", "a": 1, "b": 2 })), r#"{"a":1,"kind":"a"}"#);
    assert_eq!(text(json!({ "kind": "c", "a": 1, "b": 2 })), r#"{"b":2,"kind":"c"}"#);
}

#[test]
fn schemas_of_all_of_apply_together() {
    let schema = json!({
        "allOf": [
            { "$ref": "#/$defs/named" },
            { "properties": { "age": { "type": "integer" }, "name": { "type": ["string", "null"] } } },
        ],
        "properties": { "id": { "type": "integer" } },
        "$defs": { "named": { "properties": { "name": { "type": ["integer", "null"] } }, "required": ["name"] } },
    });
    assert_eq!(
        written(schema.clone(), &json!({ "age": 1, "id": 2, "name": null, "x": 1 })),
        r#"{"age":1,"id":2,"name":null}"#
    );
    assert!(refused(schema.clone(), &json!({ "name": "text" })).contains("must be null and is string"));
    assert!(refused(schema, &json!({ "id": 1 })).contains("'name'"));
}

#[test]
fn recursive_schemas_are_followed_as_deep_as_values_may_be() {
    let tree = serializer(json!({
        "$ref": "#/$defs/node",
        "$defs": { "node": { "properties": { "v": { "type": "integer" }, "next": { "$ref": "#/$defs/node" } } } },
    }));
    let nested = |levels: usize| {
        (0..levels).fold(json!({ "v": 0 }), |inner, _| {
            let mut outer = json!({ "v": 1, "x": 1 });
            outer["next"] = inner;
            outer
        })
    };
    let mut out = Vec::new();
    tree.write_value(&nested(2), &mut out).unwrap();
    assert_eq!(out, br#"{"next":{"next":{"v":0},"v":1},"v":1}"#);
    // 128 levels, and one more.
    tree.write_value(&nested(127), &mut out).unwrap();
    tree.write(&nested(127), &mut out).unwrap();
    let error = tree.write_value(&nested(128), &mut out).unwrap_err();
    assert!(
        error.to_string().ends_with("is nested deeper than 128 levels; flatten it, or look for a cycle"),
        "{error}"
    );
    assert_eq!(error.pointer().len(), "/next".len() * 128);
    assert!(tree.write(&nested(1_000), &mut out).is_err());
    assert!(serializer(json!(true)).write(&nested(1_000), &mut out).is_err());
}

fn problems(schema: Value) -> Vec<String> {
    let error: CompileError = Serializer::compile(&schema).unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn everything_that_is_wrong_with_a_schema_is_told_with_its_place() {
    assert_eq!(
        problems(json!({
            "properties": {
                "a": { "type": "text" },
                "b/c": { "$ref": "#/$defs/none" },
                "d": { "$ref": "other#/x" },
                "e": { "enum": 1, "required": [1], "properties": [] },
                "f": { "anyOf": [] },
                "g": 7,
                "h": { "type": "integer", "default": "one" },
                "i": { "patternProperties": { "(?=x)": {} } },
                "j": { "allOf": {} },
                "k": { "$ref": 1 },
                "l": { "$ref": "#nowhere" },
            },
        }))
        .iter()
        .map(|problem| problem.split_once(": ").unwrap().0)
        .collect::<Vec<_>>(),
        [
            "#/properties/a/type",
            "#/properties/b~1c/$ref",
            "#/properties/d/$ref",
            "#/properties/e/enum",
            "#/properties/e/properties",
            "#/properties/e/required",
            "#/properties/f/anyOf",
            "#/properties/g",
            "#/properties/i/patternProperties/(?=x)",
            "#/properties/j/allOf",
            "#/properties/k/$ref",
            "#/properties/l/$ref",
        ]
    );
    assert_eq!(
        problems(json!({ "properties": { "h": { "type": "integer", "default": "one" } } })),
        [
            "#/properties/h/default: is not what its own schema allows: the answer must be integer and is string; change the handler's value or its response schema"
        ]
    );
}

#[test]
fn choices_that_multiply_are_refused_at_once() {
    let choice = |n: usize| json!({ "anyOf": [{ "required": [format!("a{n}")] }, { "required": [format!("b{n}")] }] });
    let schema = |count: usize| json!({ "allOf": (0..count).map(choice).collect::<Vec<_>>() });
    assert!(Serializer::compile(&schema(5)).is_ok());
    let told = problems(schema(12));
    assert!(told.iter().all(|problem| problem.contains("combinations")), "{told:?}");
}

#[test]
fn references_go_to_definitions_anchors_ids_and_the_registry() {
    let registry = |uri: &str| match uri {
        "user" => Some(json!({
            "$id": "user",
            "properties": { "name": { "$ref": "#/$defs/name" }, "group": { "$ref": "group#/$defs/short" } },
            "$defs": { "name": { "type": "string" } },
        })),
        "group" => Some(
            json!({ "$defs": { "short": { "properties": { "id": { "type": "integer" }, "lead": { "$ref": "user" } } } } }),
        ),
        "https://x.example/schemas/item" => Some(json!({ "type": "integer" })),
        _ => None,
    };
    let schema = json!({
        "$id": "https://x.example/schemas/root",
        "properties": {
            "owner": { "$ref": "user#" },
            "plain": { "$ref": "#plain" },
            "inner": { "$ref": "inner" },
            "item": { "$ref": "item" },
            "self": { "$ref": "root#/properties/item" },
            "escaped": { "$ref": "#/$defs/a~1b%20c" },
        },
        "$defs": {
            "p": { "$anchor": "plain", "type": "string" },
            "i": { "$id": "inner", "properties": { "x": { "$ref": "#/$defs/x" } }, "$defs": { "x": { "type": "integer" } } },
            "a/b c": { "type": "boolean" },
        },
    });
    let serializer = Serializer::compile_with(&schema, &registry).unwrap();
    let value = json!({
        "owner": { "name": "Ada", "x": 1, "group": { "id": 1, "x": 2, "lead": { "name": "Grace", "x": 3 } } },
        "plain": "p", "inner": { "x": 1, "y": 2 }, "item": 7, "self": 8, "escaped": true,
    });
    let mut out = Vec::new();
    serializer.write_value(&value, &mut out).unwrap();
    let text = r#"{"escaped":true,"inner":{"x":1},"item":7,"owner":{"group":{"id":1,"lead":{"name":"Grace"}},"name":"Ada"},"plain":"p","self":8}"#;
    assert_eq!(String::from_utf8(out).unwrap(), text);
    let wrong = json!({ "owner": { "group": { "lead": { "name": 1 } } } });
    let error = serializer.write_value(&wrong, &mut Vec::new()).unwrap_err();
    assert_eq!(error.pointer(), "/owner/group/lead/name");
}

#[test]
fn what_was_dropped_is_told_by_its_full_place_and_not_without_end() {
    let users = serializer(json!({ "properties": { "users": { "items": { "properties": {
        "id": {}, "Struct": { "properties": { "a": {} } },
    } } } } }));
    let value = json!({ "users": [{ "id": 1, "a/b": 2 }, { "id": 1, "x": { "y": 1 } }], "z": 1 });
    let mut out = Vec::new();
    let dropped = users.write_value_telling(&value, &mut out).unwrap();
    assert_eq!(dropped.pointers(), ["/users/0/a~1b", "/users/1/x", "/z"]);
    assert_eq!(users.write_telling(&value, &mut out).unwrap(), dropped);
    #[derive(Serialize)]
    struct Users {
        users: Vec<Kind>,
    }
    let kinds = Users { users: vec![Kind::Struct { a: 1, secret: 2 }, Kind::Newtype(1.0)] };
    let dropped = users.write_telling(&kinds, &mut out).unwrap();
    assert_eq!(dropped.pointers(), ["/users/0/Struct/secret", "/users/1/Newtype"]);
    let many: Vec<Value> = (0..100).map(|n| json!({ "secret": n })).collect();
    let dropped = users.write_value_telling(&json!({ "users": many }), &mut out).unwrap();
    assert_eq!((dropped.pointers().len(), dropped.more()), (32, 68));
    assert!(dropped.to_string().ends_with("/users/31/secret and 68 more"));
    assert!(users.write_value_telling(&json!({ "users": [] }), &mut out).unwrap().is_empty());
}

#[test]
fn compiling_500_schemas_shares_nothing_and_ends() {
    let schema = |n: usize| json!({ "properties": { format!("p{n}"): { "type": "integer" } } });
    let all: Vec<Serializer> = (0..500).map(|n| serializer(schema(n))).collect();
    let mut out = Vec::new();
    all[499].write_value(&json!({ "p499": 1, "p498": 2 }), &mut out).unwrap();
    assert_eq!(out, br#"{"p499":1}"#);
}
