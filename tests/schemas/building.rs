//! What is wrong with schemas is told by `build()`, all of it, with the route and the place.

use fastweb::prelude::*;
use serde_json::json;

async fn problems(app: App) -> String {
    app.build().await.expect_err("an application that cannot start").to_string()
}

#[tokio::test]
async fn everything_at_once() {
    let app = App::new()
        .route(get("/a", "x").query(json!({ "properties": { "n": { "type": "int" } } })))
        .route(
            post("/b", |_: String| "x")
                .body(json!({ "pattern": "(?=x)" }))
                .params(json!({ "$ref": "nobody#" }))
                .response(200, json!({ "properties": { "a": { "$ref": "#/nowhere" } } }))
                .response("20x", true),
        )
        .route(post("/c", async |_: Body| "x").body(true))
        .route(post("/d", |_: String| "x").body_as("json", true));
    let told = problems(app).await;
    for words in [
        &["GET /a", "the querystring schema", "/properties/n/type"][..],
        &["POST /b", "the body schema", "look-around"],
        &["POST /b", "the params schema", "there is no schema \"nobody\""],
        &["POST /b", "the response schema for 200", "#/nowhere"],
        &["POST /c", "has a schema for its body and takes it as `Body`"],
        &["POST /d", "the body schema for \"json\": that is no media type"],
    ] {
        assert!(told.lines().any(|line| words.iter().all(|word| line.contains(word))), "{words:?} in {told}");
    }
    assert!(told.contains("building.rs:"), "{told}");
}

#[tokio::test]
async fn statuses_that_are_none() {
    let told = problems(App::new().route(get("/", "x").response("20x", true).response(99, true))).await;
    assert!(told.contains("'20x', '99' is no status"), "{told}");
    let told = problems(App::new().route(get("/", "x").response(200, true).response("200", true))).await;
    assert!(told.contains("stands twice"), "{told}");
}

#[tokio::test]
async fn shared_schemas_are_told_once_and_where() {
    let line = line!() + 2;
    let app = App::new()
        .add_schema(json!({ "$id": "a", "items": { "$ref": "nobody#" } }))
        .route(get("/a", "x").query(json!({ "$ref": "a#" })))
        .route(get("/b", "x").query(json!({ "$ref": "a#" })));
    let told = problems(app).await;
    assert!(told.contains("1 problem\n") || told.ends_with("1 problem") || told.contains(": 1 problem"), "{told}");
    assert!(told.contains("nobody") && told.contains(&format!("building.rs:{line}")), "{told}");

    let twice = App::new().add_schema(json!({ "$id": "a" })).scope("/x", |x| x.add_schema(json!({ "$id": "a" })));
    assert!(problems(twice).await.contains("there is a schema \"a\" already"));
    assert!(problems(App::new().add_schema(json!({}))).await.contains("it has no \"$id\""));
}

#[tokio::test]
async fn a_panic_of_a_compiler_is_told() {
    use fastweb::SchemaUse;
    use fastweb::schema::Failure;
    use serde_json::Value;

    type Check = fn(&mut Value) -> Result<(), Vec<Failure>>;
    let panics = |_: &SchemaUse<'_>| -> Result<Check> { panic!("no such compiler") };
    let told = problems(App::new().validator_compiler(panics).route(get("/", "x").query(true))).await;
    assert!(told.contains("no such compiler"), "{told}");
}
