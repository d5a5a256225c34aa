//! Models: their schemas, and what is read.

mod differential;
#[path = "../support/models.rs"]
mod models;

use fastweb_macros::model;
use fastweb_schema::Model;
use serde_json::json;

/// Somebody.
#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct User {
    id: u64,
    #[schema(min_length = 1, max_length = 100)]
    full_name: String,
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(maximum = 150)]
    age: Option<u8>,
    #[serde(default)]
    #[schema(max_items = 16, items(max_length = 32))]
    tags: Vec<String>,
}

#[test]
fn a_schema_is_that_of_the_type_and_its_constraints() {
    assert_eq!(
        User::schema(),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "User",
            "description": "Somebody.",
            "type": "object",
            "properties": {
                "id": { "type": "integer", "minimum": 0, "maximum": u64::MAX },
                "fullName": { "type": "string", "minLength": 1, "maxLength": 100 },
                "email": { "type": "string", "format": "email", "maxLength": 254 },
                "age": { "type": ["integer", "null"], "minimum": 0, "maximum": 150 },
                "tags": { "type": "array", "items": { "type": "string", "maxLength": 32 }, "maxItems": 16, "default": [] },
            },
            "required": ["id", "fullName", "email"],
            "additionalProperties": false,
        })
    );
}

#[test]
fn a_user_is_read_in_one_pass() {
    const { assert!(User::IS_ONE_PASS) };
    let user = User::parse(br#"{"id":1,"fullName":"Ada","email":"ada@example.com","age":36,"tags":["a"]}"#);
    let ada =
        User { id: 1, full_name: "Ada".into(), email: "ada@example.com".into(), age: Some(36), tags: vec!["a".into()] };
    assert_eq!(user, Ok(ada));
    let wrong = User::parse(br#"{"id":-1,"fullName":"","email":"ada","age":151,"tags":[1]}"#).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "/id must be >= 0, /fullName must NOT have fewer than 1 characters, /email must match format \"email\", \
         /age must be <= 150, /tags/0 must be string"
    );
}

#[test]
fn integers_end_where_their_type_does() {
    let id = |id: &str| {
        let text = format!(r#"{{"id":{id},"fullName":"Ada","email":"ada@example.com"}}"#);
        User::parse(text.as_bytes()).map(|user| user.id).map_err(|error| error.to_string())
    };
    assert_eq!(id("18446744073709551615"), Ok(u64::MAX));
    for beyond in ["18446744073709551616", "67483245433811241722183680", "1e300"] {
        assert!(id(beyond).is_err_and(|error| error.starts_with("/id must be ")), "{beyond}: {:?}", id(beyond));
    }
}

/// Words of JSON Schema as names of fields, and one other name for the only field.
#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct Words {
    #[serde(alias = "enum")]
    default: Option<u8>,
}

#[test]
fn a_field_may_have_a_name_of_json_schema_and_another_one() {
    let schema = Words::schema();
    let property = json!({ "type": ["integer", "null"], "minimum": 0, "maximum": 255 });
    assert_eq!(schema["properties"], json!({ "default": property, "enum": property }));
    assert_eq!(Words::parse(b"{}"), Ok(Words { default: None }));
    assert_eq!(Words::parse(br#"{"enum":7}"#), Ok(Words { default: Some(7) }));
    assert_eq!(Words::parse(br#"{"default":256}"#).unwrap_err().to_string(), "/default must be <= 255");
    assert!(Words::parse(br#"{"default":1,"enum":2}"#).is_err());
}

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    One(u8),
    Two { a: String },
}

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
struct Fallbacks {
    #[schema(min_items = 1)]
    adjacent: Vec<Adjacent>,
    pair: (u8, bool),
    user: Option<User>,
    tree: Vec<Fallbacks>,
}

#[test]
fn what_generated_code_does_not_know_is_read_the_slow_way_and_says_the_same() {
    const { assert!(!Adjacent::IS_ONE_PASS && !Fallbacks::IS_ONE_PASS) };
    let plan = fastweb_schema::model::ModelPlan::kept::<Vec<Fallbacks>>().expect("a schema").expect("a model");
    assert_eq!(
        plan.reasons(),
        ["Fallbacks: it has a (u8,bool), which is no model", "Adjacent: it has `#[serde(content)]`"]
    );
    let json = br#"{"adjacent":[{"t":"One","c":1},{"t":"Two","c":{"a":"x"}}],"pair":[1,true],"tree":[]}"#;
    let value = Fallbacks::parse(json).expect("a value");
    assert_eq!(value.adjacent, [Adjacent::One(1), Adjacent::Two { a: "x".into() }]);
    let error = Fallbacks::parse(br#"{"adjacent":[],"pair":[1,2],"tree":[]}"#).unwrap_err();
    assert_eq!(error.to_string(), "/adjacent must NOT have fewer than 1 items, /pair/1 must be boolean");
}

#[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
struct Flat {
    #[serde(flatten)]
    words: Words,
}

#[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(untagged)]
enum Either {
    Words(Words),
    Many(Vec<Words>),
}

#[test]
fn other_formats_see_a_newtype_struct_and_go_on() {
    let words = || Words { default: Some(7) };
    let json = r#"{"default":7}"#;
    assert_eq!(serde_json::from_str::<Words>(json).expect("words"), words());
    assert_eq!(serde_json::from_value::<Words>(json!({ "default": 7 })).expect("words"), words());
    assert_eq!(serde_json::to_string(&words()).expect("JSON"), json);
    assert_eq!(serde_json::to_value(words()).expect("JSON"), json!({ "default": 7 }));
    // What serde has buffered.
    assert_eq!(serde_json::from_str::<Flat>(json).expect("words"), Flat { words: words() });
    assert_eq!(serde_json::to_string(&Flat { words: words() }).expect("JSON"), json);
    assert_eq!(serde_json::from_str::<Either>(json).expect("words"), Either::Words(words()));
    assert_eq!(serde_json::from_str::<Either>(&format!("[{json}]")).expect("words"), Either::Many(vec![words()]));
    // A type that has models in it without being one is read without their schemas.
    assert!(fastweb_schema::model::ModelPlan::kept::<Flat>().expect("no schema").is_none());
    assert!(fastweb_schema::model::schema_of::<Either>().is_none());
}

/// Nested as deep as documents may be, and one deeper.
#[test]
fn depth_counts_from_the_start_of_the_document() {
    #[model(crate = fastweb_schema)]
    #[derive(Debug)]
    struct Tree(Vec<Tree>);

    let read = |depth: usize| {
        let json = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let plan = fastweb_schema::model::ModelPlan::kept::<Vec<Vec<Tree>>>().expect("a schema").expect("a model");
        fastweb_schema::model::from_json::<Vec<Vec<Tree>>>(json.as_bytes(), &plan).map(drop)
    };
    assert_eq!(read(fastweb_schema::Document::MAX_DEPTH), Ok(()));
    let error = read(fastweb_schema::Document::MAX_DEPTH + 1).unwrap_err();
    assert!(matches!(error, fastweb_schema::model::ModelError::Parse(_)), "{error}");
}
