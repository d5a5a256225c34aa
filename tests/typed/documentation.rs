//! What routes know about themselves.

use std::sync::{Arc, Mutex};

use fastweb::prelude::*;
use fastweb::{ArgumentSource, RouteDoc};

/// Make a
/// thing.
///
/// It is made at once.
///
/// ```text
/// thing
/// ```
#[post("/things/{kind}", status = 201, tag = "things", tags = ["a", "b"], operation_id = "makeThing")]
async fn make(kind: &str, _db: State<u8>, Json(size): Json<u32>) -> Result<String> {
    Ok(format!("{kind} {size}"))
}

/// Not this.
#[get("/old", summary = "Old", hidden)]
#[deprecated]
fn old() {}

#[test]
fn doc_comments_options_and_arguments() {
    let route = make();
    let doc = route.doc();
    assert_eq!(doc.status, Some(StatusCode::CREATED));
    assert_eq!(doc.tags, ["things", "a", "b"]);
    assert_eq!(doc.summary.as_deref(), Some("Make a thing."));
    assert_eq!(doc.description.as_deref(), Some("It is made at once.\n\n```text\nthing\n```"));
    assert_eq!(doc.operation_id.as_deref(), Some("makeThing"));
    assert!(!doc.deprecated && !doc.hidden);
    let arguments: Vec<_> = doc.arguments.iter().map(|a| (a.name, a.type_name, a.source)).collect();
    assert_eq!(
        arguments,
        [
            (Some("kind"), "fastweb_core::request::text::Text", ArgumentSource::Path),
            (Some("_db"), "fastweb_core::extract::state::State<u8>", ArgumentSource::Extractor),
            (None, "fastweb_core::extract::json::Json<u32>", ArgumentSource::Extractor),
        ]
    );
    assert!(doc.answer.unwrap().contains("Result<alloc::string::String"), "{:?}", doc.answer);
    assert_eq!(route.handler_name(), "typed::documentation::make");

    let route = old();
    let doc = route.doc();
    assert_eq!((doc.summary.as_deref(), doc.description.as_deref()), (Some("Old"), None));
    assert!(doc.deprecated && doc.hidden);
    assert_eq!(doc.answer, Some("()"));
}

#[tokio::test]
async fn on_route_hooks_read_it() {
    let seen: Arc<Mutex<Vec<RouteDoc>>> = Arc::default();
    let hook = {
        let seen = seen.clone();
        move |route: Route| {
            seen.lock().unwrap().push(route.doc().clone());
            route
        }
    };
    let plain = async |_: Path<u8>| "x";
    let app = App::new().on_route(hook).state(1_u8).route(make).route(get("/{x}", plain).tag("plain").deprecated());
    app.build().await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].operation_id.as_deref(), Some("makeThing"));
    assert_eq!(seen[1].tags, ["plain"]);
    assert_eq!(seen[1].arguments[0].name, None);
    assert!(seen[1].deprecated);
}

#[tokio::test]
async fn a_status_that_is_none_of_an_answer() {
    let error = App::new().route(get("/", "x").status(404)).build().await.unwrap_err().to_string();
    assert!(error.contains("GET / ") && error.contains("write a number from 200 to 399"), "{error}");
}
