//! Streams in the OpenAPI document.

use fastweb::prelude::*;
use fastweb::sse::{LastEventId, Sse, Subscription, Topic};
use serde_json::{Value, json};

#[path = "../../fastweb-schema/tests/support/openapi.rs"]
mod check;

/// A price.
#[fastweb::model]
struct Price {
    cents: u64,
    trend: Trend,
}

#[fastweb::model]
enum Trend {
    Up,
    Down,
}

/// Prices as they change.
#[get("/prices")]
async fn prices(last: LastEventId, topic: State<Topic<Price>>) -> Subscription<Price> {
    topic.subscribe(last.id())
}

#[get("/log")]
async fn log() -> Result<Sse> {
    Err(Error::internal("none"))
}

#[tokio::test]
async fn the_media_type_and_the_schema_of_data_are_in_the_document() {
    let app = App::new().state(Topic::<Price>::new()).plugin(OpenApi::new("Prices", "1.0")).route(prices).route(log);
    let document = app.build().await.unwrap_or_else(|error| panic!("{error}")).openapi().expect("there is one");
    check::assert_openapi(&document);
    let schema =
        |path: &str| &document["paths"][path]["get"]["responses"]["200"]["content"]["text/event-stream"]["schema"];
    let data = |path: &str| &schema(path)["contentSchema"]["items"]["properties"]["data"];
    assert_eq!(schema("/prices")["contentMediaType"], "text/event-stream");
    assert_eq!(data("/prices")["contentMediaType"], "application/json");
    let text = data("/prices").to_string() + &document["components"].to_string();
    assert!(text.contains("\"cents\"") && text.contains("\"Up\""), "{document:#}");
    assert_eq!(*data("/log"), json!({ "type": "string" }));
    let parameters: Vec<&Value> = document["paths"]["/prices"]["get"]["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(parameters, ["lastEventId", "last-event-id"]);
}
