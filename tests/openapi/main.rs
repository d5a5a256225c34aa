//! The plugin `OpenApi`: what its documents say, and how the page is served.

#[path = "../../fastweb-schema/tests/support/openapi.rs"]
mod check;
#[path = "../support/log.rs"]
#[allow(dead_code)]
mod log;

mod documents;
mod faults;
mod page;

use fastweb::prelude::*;
use serde_json::Value;

/// The document of an application, which is valid.
async fn document(app: App) -> Value {
    let document = app.build().await.unwrap_or_else(|error| panic!("{error}")).openapi().expect("there is one");
    check::assert_openapi(&document);
    document
}

fn users() -> OpenApi {
    OpenApi::new("Users", "1.0")
}
