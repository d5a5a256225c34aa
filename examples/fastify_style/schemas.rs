//! What is taken and what is answered. `build()` compiles it; a mistake in here is told at start-up.

use serde_json::{Value, json};

pub(crate) fn role() -> Value {
    json!({ "$id": "role", "type": "string", "enum": ["reader", "writer"] })
}

pub(crate) fn new_user() -> Value {
    json!({
        "$id": "newUser",
        "type": "object",
        "required": ["email", "name", "password"],
        "additionalProperties": false,
        "properties": {
            "age": { "type": ["integer", "null"], "minimum": 0, "maximum": 150 },
            "email": { "type": "string", "format": "email", "maxLength": 254 },
            "name": { "type": "string", "minLength": 1, "maxLength": 100 },
            "password": { "type": "string", "minLength": 8 },
            "role": { "$ref": "role#", "default": "reader" },
        },
    })
}

/// Without the password: what an answer's schema does not name never leaves.
pub(crate) fn user() -> Value {
    json!({
        "$id": "user",
        "type": "object",
        "required": ["email", "id", "name", "role"],
        "properties": {
            "age": { "type": ["integer", "null"] },
            "email": { "type": "string" },
            "id": { "type": "integer" },
            "name": { "type": "string" },
            "role": { "$ref": "role#" },
        },
    })
}

pub(crate) fn user_list() -> Value {
    json!({
        "type": "object",
        "required": ["total", "users"],
        "properties": {
            "total": { "type": "integer" },
            "users": { "type": "array", "items": { "$ref": "user#" } },
        },
    })
}

pub(crate) fn paging() -> Value {
    json!({
        "type": "object",
        "properties": {
            "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20 },
            "offset": { "type": "integer", "minimum": 0, "maximum": u64::MAX, "default": 0 },
            "role": { "$ref": "role#" },
        },
    })
}

pub(crate) fn id() -> Value {
    json!({ "type": "object", "properties": { "id": { "type": "integer", "minimum": 0, "maximum": u64::MAX } } })
}
