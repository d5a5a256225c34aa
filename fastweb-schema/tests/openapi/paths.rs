//! Paths and operations that get in each other's way.

use fastweb_schema::openapi::{Api, Info, Operation};
use serde_json::json;

use crate::support::assert_openapi;

fn api(operations: &[(&str, &str)]) -> Api {
    let mut api = Api::new(Info::new("x", "1"));
    for (method, path) in operations {
        api.add(Operation::new(*method, *path));
    }
    api
}

#[test]
fn methods_of_one_path_stand_together_whatever_they_call_its_parameters() {
    let mut api = api(&[("GET", "/users/{id:u64}")]);
    let mut remove = Operation::new("DELETE", "/users/{user}");
    remove.params = vec![json!({ "properties": { "user": { "type": "string", "description": "Who." } } })];
    api.add(remove);
    assert!(api.left_out().is_empty());
    let document = api.document().expect("a document");
    assert_openapi(&document);
    let item = &document["paths"]["/users/{id}"];
    assert_eq!(item["get"]["parameters"][0]["schema"]["type"], "integer");
    assert_eq!(
        item["delete"]["parameters"],
        json!([{ "in": "path", "name": "id", "required": true, "description": "Who.", "schema": { "type": "string" } }])
    );
}

#[test]
fn what_has_no_place_is_told() {
    let api = api(&[
        ("GET", "/users/{id:u64}"),
        ("GET", "/users/{name}"),
        ("PROPFIND", "/files"),
        ("get", "/a/{b?}"),
        ("GET", "/a"),
    ]);
    assert_eq!(
        api.left_out(),
        [
            "GET /users/{name} has the place of GET /users/{id:u64} in the OpenAPI document, where both are one path; hide one of them, or give it to \
         another document",
            "PROPFIND /files has a method that OpenAPI 3.1 does not know",
            "GET /a has the place of get /a/{b?} in the OpenAPI document, where both are one path; hide one of them, or give it to another document",
        ]
    );
    assert_openapi(&api.document().expect("a document"));
}

#[test]
fn bodies_are_for_methods_that_have_them() {
    let mut api = Api::new(Info::new("x", "1"));
    let mut any = Operation::new("GET", "/search");
    any.methods.push("POST".into());
    any.body = vec![fastweb_schema::openapi::Content::new("application/json", json!({ "type": "object" }))];
    api.add(any);
    let document = api.document().expect("a document");
    let item = &document["paths"]["/search"];
    assert!(item["get"].get("requestBody").is_none() && item["post"].get("requestBody").is_some());
}
