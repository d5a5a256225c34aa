//! What is wrong is told by `build()`; what cannot be said in a document is logged.

use fastweb::openapi::Select;
use fastweb::prelude::*;
use serde_json::json;

use crate::log::Log;
use crate::users;

async fn problem(app: App) -> String {
    app.build().await.expect_err("it is wrong").to_string()
}

#[tokio::test]
async fn options_that_cannot_be() {
    let all = || Select::by(|_| true);
    for (plugin, words) in [
        (
            users().path("openapi.json"),
            "the path \"openapi.json\" of the document has to begin with a slash and end in .json",
        ),
        (users().path("/openapi"), "the path \"/openapi\" of the document"),
        (users().docs_path("/"), "the path \"/\" of the page has to be one like \"/docs\""),
        (users().docs_path("/{x}"), "the path \"/{x}\" of the page"),
        (users().document("a b", all()), "the name \"a b\" of a document has to be of letters"),
        (
            users().document("a", all()).document("a", all()),
            "two documents are called \"a\"; give one of them another name",
        ),
    ] {
        let problem = problem(App::new().plugin(plugin)).await;
        assert!(
            problem.contains(words) && problem.contains("plugin `openapi`") && problem.contains("faults.rs"),
            "{problem}"
        );
    }
    let twice = problem(App::new().plugin(users()).plugin(users())).await;
    assert!(twice.contains("is registered already"), "{twice}");
}

#[tokio::test]
async fn documents_that_cannot_be_made() {
    let app = App::new()
        .plugin(users())
        .route(get("/a", "x").operation_id("same"))
        .route(get("/b", "x").operation_id("same"));
    assert_eq!(
        problem(app).await,
        "the OpenAPI document \"Users\" cannot be made:\nGET /a and GET /b have the operation id \"same\"; give each its own"
    );
    let app = App::new().plugin(users()).route(get("/a", "x").response("600", json!({ "type": "string" })));
    assert!(app.build().await.is_err());
}

#[tokio::test]
async fn what_has_no_place_is_logged() {
    Log::keep();
    let app = App::new().plugin(users()).get("/thing/{id:u64}", "x").get("/thing/{name}", "x");
    app.build().await.unwrap();
    let events = Log::events(|noted| noted.target == "fastweb::openapi");
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event.level, tracing::Level::WARN);
    assert!(event.field("message").starts_with("GET /thing/{name} has the place of GET /thing/{id:u64}"), "{event:?}");
}
