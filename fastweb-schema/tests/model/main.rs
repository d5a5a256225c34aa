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
                "id": { "type": "integer", "minimum": 0 },
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
