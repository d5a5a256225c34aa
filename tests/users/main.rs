//! One API, declared in two ways: with types (`examples/users_api`) and with raw JSON Schemas (`examples/fastify_style`). One table drives both, and the
//! answers are the same to the byte.

#![cfg(all(feature = "schema", feature = "macros"))]

mod table;

#[path = "../../examples/fastify_style"]
mod raw {
    mod app;
    mod schemas;
    mod store;

    pub(crate) use app::app;
}

#[path = "../../examples/users_api"]
mod typed {
    mod app;
    mod errors;
    mod models;
    mod store;

    pub(crate) use app::app;
}

#[tokio::test]
async fn with_raw_schemas() {
    table::run(raw::app()).await;
}

#[tokio::test]
async fn with_types() {
    table::run(typed::app()).await;
}
