//! Users, kept in memory, with JSON Schemas for everything that comes and goes: the OpenAPI document and the page are made of them.
//!
//! ```text
//! cargo run --release --features openapi --example openapi [ADDRESS]
//! cargo run --features openapi --example openapi -- --document > openapi.json
//!
//! curl -i http://127.0.0.1:3000/users --json '{"email":"ada@example.com","name":"Ada"}'
//! curl -i http://127.0.0.1:3000/users/1 -X DELETE -H 'authorization: Bearer secret'
//! open http://127.0.0.1:3000/docs
//! ```

mod users;

use fastweb::openapi::Select;
use fastweb::prelude::*;
use serde_json::json;

fn main() -> Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    if argument == "--document" {
        return print_document();
    }
    app().on_listen(|address| println!("http://{address}")).run(argument)
}

fn app() -> App {
    App::new()
        .plugin(
            OpenApi::new("Users", "1.0")
                .description("Who is *who*.")
                .tag("users", "People who use it.")
                .document("admin", Select::tag("admin")),
        )
        .state(users::Users::default())
        .add_schema(users::new_user_schema())
        .add_schema(users::user_schema())
        .scope("/users", |scope| {
            scope
                .route(
                    get("/", users::list)
                        .tag("users")
                        .summary("All users.")
                        .operation_id("listUsers")
                        .query(json!({
                            "type": "object",
                            "properties": {
                                "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20, "description": "How many." },
                                "role": { "type": "array", "items": { "enum": users::ROLES }, "description": "Only these." },
                            },
                            "additionalProperties": false,
                        }))
                        .response(200, json!({ "type": "array", "items": { "$ref": "user#" } })),
                )
                .route(
                    post("/", users::create)
                        .tag("users")
                        .summary("A new user.")
                        .operation_id("createUser")
                        .body_as("application/json", json!({ "$ref": "newUser#" }))
                        .response(201, json!({ "$ref": "user#" })),
                )
                .route(
                    get("/{id:u32}", users::show)
                        .tag("users")
                        .summary("One user.")
                        .operation_id("showUser")
                        .response(200, json!({ "$ref": "user#" })),
                )
                .route(
                    delete("/{id:u32}", users::remove)
                        .tag("users")
                        .tag("admin")
                        .summary("Removes a user.")
                        .description("Only who has the token may do that. The token is `secret`.")
                        .operation_id("removeUser")
                        .response(204, json!({ "type": "null" })),
                )
        })
        .route(get("/health", "ok").hidden())
}

/// What a step of a build does with it.
fn print_document() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::from)?;
    let server = runtime.block_on(app().build())?;
    println!("{:#}", server.openapi().unwrap_or_default());
    Ok(())
}
