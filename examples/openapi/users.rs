//! The routes under `/users`, and the schemas that they share.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastweb::Bearer;
use fastweb::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) const ROLES: [&str; 3] = ["reader", "writer", "owner"];

pub(crate) fn new_user_schema() -> Value {
    json!({
        "$id": "newUser",
        "type": "object",
        "properties": {
            "email": { "type": "string", "format": "email", "maxLength": 254, "examples": ["ada@example.com"] },
            "name": { "type": "string", "minLength": 1, "maxLength": 100, "examples": ["Ada"] },
            "age": { "type": "integer", "minimum": 0, "maximum": 150, "examples": [36] },
            "role": { "enum": ROLES, "default": "reader" },
        },
        "required": ["email", "name"],
        "additionalProperties": false,
    })
}

pub(crate) fn user_schema() -> Value {
    json!({
        "$id": "user",
        "description": "A user.",
        "type": "object",
        "properties": {
            "id": { "type": "integer", "minimum": 1 },
            "email": { "$ref": "newUser#/properties/email" },
            "name": { "$ref": "newUser#/properties/name" },
            "age": { "$ref": "newUser#/properties/age" },
            "role": { "$ref": "newUser#/properties/role" },
        },
        "required": ["id", "email", "name", "role"],
    })
}

#[derive(Deserialize)]
pub(crate) struct NewUser {
    email: String,
    name: String,
    age: Option<u8>,
    role: String,
}

#[derive(Clone, Serialize)]
pub(crate) struct User {
    id: u32,
    email: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<u8>,
    role: String,
}

#[derive(Default)]
pub(crate) struct Users(Mutex<BTreeMap<u32, User>>);

impl Users {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, User>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
pub(crate) struct Page {
    limit: usize,
    #[serde(default)]
    role: Vec<String>,
}

pub(crate) fn list(Query(page): Query<Page>, users: State<Users>) -> Json<Vec<User>> {
    let users = users.lock();
    let wanted = users.values().filter(|user| page.role.is_empty() || page.role.contains(&user.role));
    Json(wanted.take(page.limit).cloned().collect())
}

pub(crate) fn create(Json(new): Json<NewUser>, users: State<Users>) -> (StatusCode, Json<User>) {
    let mut users = users.lock();
    let id = users.last_key_value().map_or(0, |(id, _)| *id) + 1;
    let user = User { id, email: new.email, name: new.name, age: new.age, role: new.role };
    users.insert(id, user.clone());
    (StatusCode::CREATED, Json(user))
}

pub(crate) fn show(Path(id): Path<u32>, users: State<Users>) -> Result<Json<User>> {
    users.lock().get(&id).cloned().map(Json).ok_or_else(|| Error::not_found("there is no such user"))
}

pub(crate) fn remove(Path(id): Path<u32>, token: Bearer, users: State<Users>) -> Result<NoContent> {
    if !token.is("secret") {
        return Err(Bearer::refused());
    }
    users.lock().remove(&id).map(|_| NoContent).ok_or_else(|| Error::not_found("there is no such user"))
}
