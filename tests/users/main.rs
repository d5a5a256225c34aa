//! One API, declared in two ways: with types (`examples/users_api`) and with raw JSON Schemas (`examples/fastify_style`). One table drives both, and the
//! answers are the same to the byte.

#![cfg(feature = "schema")]

mod table;

#[path = "../../examples/fastify_style/app.rs"]
mod app;
#[path = "../../examples/fastify_style/schemas.rs"]
mod schemas;
#[path = "../../examples/fastify_style/store.rs"]
mod store;

#[tokio::test]
async fn with_raw_schemas() {
    table::run(app::app()).await;
}
