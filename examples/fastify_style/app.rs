//! The routes: `build()` makes validators and serialisers of their schemas.

use fastweb::prelude::*;
use serde_json::{Value, json};

use super::schemas;
use super::store::Store;

#[derive(serde::Deserialize)]
struct Id {
    id: u64,
}

pub(crate) fn app() -> App {
    App::new()
        .state(Store::default())
        .add_schema(schemas::role())
        .add_schema(schemas::new_user())
        .add_schema(schemas::user())
        .scope("/users", |users| users.route(list()).route(show()).scope("", changing))
}

/// Only those who have the key come to what this scope declares, and before anything else is looked at.
fn changing(scope: Scope) -> Scope {
    scope.on_request(key_only).route(create()).route(replace()).route(remove())
}

fn key_only(req: &mut Request) -> Result<()> {
    match req.header("x-api-key") {
        Some("secret") => Ok(()),
        Some(_) => Err(Error::unauthorized("the API key is not valid")),
        None => Err(Error::unauthorized("an API key is missing in the header x-api-key")),
    }
}

fn list() -> Route {
    let list = async |Query(query): Query<Value>, store: State<Store>| {
        let number = |name: &str| query[name].as_u64().unwrap_or_default() as usize;
        Json(store.list(number("limit"), number("offset"), query["role"].as_str()))
    };
    get("/", list).query(schemas::paging()).response(200, schemas::user_list())
}

fn show() -> Route {
    get("/{id}", async |Path(Id { id }): Path<Id>, store: State<Store>| store.find(id).map(Json))
        .params(schemas::id())
        .response(200, json!({ "$ref": "user#" }))
}

fn create() -> Route {
    let create = async |Json(user): Json<Value>, store: State<Store>| -> Result<_> {
        let user = store.add(user)?;
        let location = format!("/users/{}", user["id"]);
        Ok((StatusCode::CREATED, [("location", location)], Json(user)))
    };
    post("/", create).body(json!({ "$ref": "newUser#" })).response(201, json!({ "$ref": "user#" }))
}

fn replace() -> Route {
    let replace = async |Path(Id { id }): Path<Id>, Json(user): Json<Value>, store: State<Store>| {
        store.replace(id, user).map(Json)
    };
    put("/{id}", replace)
        .params(schemas::id())
        .body(json!({ "$ref": "newUser#" }))
        .response(200, json!({ "$ref": "user#" }))
}

fn remove() -> Route {
    let remove = async |Path(Id { id }): Path<Id>, store: State<Store>| store.remove(id).map(|()| NoContent);
    delete("/{id}", remove).params(schemas::id())
}
