//! The routes: handlers say what they take and what they answer with, and that is the document.

use fastweb::prelude::*;
use fastweb::{ApiKey, ApiKeyScheme, KeyIn};

use super::errors::UserError;
use super::models::{NewUser, Paging, User, UserList};
use super::store::Store;

pub(crate) fn app() -> App {
    App::new()
        .state(Store::default())
        .route(list_users)
        .route(show_user)
        .route(create_user)
        .route(replace_user)
        .route(remove_user)
}

/// The header that has the key.
struct Key;

impl ApiKeyScheme for Key {
    const PLACE: KeyIn = KeyIn::Header;
    const NAME: &'static str = "x-api-key";
}

/// Someone who may change users: a route that needs one looks at nothing else before.
struct Writer;

#[dependency]
async fn writer(key: ApiKey<Key>) -> Result<Writer> {
    if key.is("secret") { Ok(Writer) } else { Err(ApiKey::<Key>::refused()) }
}

/// List users.
#[get("/users", tag = "users")]
async fn list_users(paging: Query<Paging>, store: State<Store>) -> Json<UserList> {
    Json(store.list(&paging))
}

/// Show a user.
#[get("/users/{id}", tag = "users")]
async fn show_user(id: u64, store: State<Store>) -> Result<Json<User>, UserError> {
    store.find(id).map(Json)
}

/// Create a user.
///
/// The answer has the path of the user in its `location`.
#[post("/users", status = 201, tag = "users")]
async fn create_user(
    new: Json<NewUser>,
    store: State<Store>,
    _: Dep<Writer>,
) -> Result<([(&'static str, String); 1], Json<User>), UserError> {
    let user = store.add(new.0)?;
    Ok(([("location", format!("/users/{}", user.id))], Json(user)))
}

/// Replace a user.
#[put("/users/{id}", tag = "users")]
async fn replace_user(
    id: u64,
    new: Json<NewUser>,
    store: State<Store>,
    _: Dep<Writer>,
) -> Result<Json<User>, UserError> {
    store.replace(id, new.0).map(Json)
}

/// Remove a user.
#[delete("/users/{id}", tag = "users")]
async fn remove_user(id: u64, store: State<Store>, _: Dep<Writer>) -> Result<NoContent, UserError> {
    store.remove(id).map(|()| NoContent)
}
