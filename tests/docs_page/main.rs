//! The page of the plugin `OpenApi` in a browser: every operation is shown and can be tried out, with nothing from other hosts and nothing that the page's policy
//! refuses.
//!
//! It needs Chromium and its driver (Debian: `chromium`, `chromium-driver`). Where they are absent, it is reported as ignored; where `FASTWEB_REQUIRE_BROWSER` is set
//! they are required.

#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "../support"]
mod support {
    pub(crate) mod client;
    pub(crate) mod process;
}
mod driver;

use std::process::ExitCode;

use driver::Browser;
use serde_json::{Value, json};
use support::process::Example;

fn main() -> ExitCode {
    driver::run("docs_page", every_operation_is_shown_and_can_be_tried_out)
}

fn every_operation_is_shown_and_can_be_tried_out() {
    let example = Example::start("openapi", &["127.0.0.1:0"]);
    let base = format!("http://{}", example.address());
    let document = example.connect().get("/openapi.json").expect(200).json();
    let shown = operations(&document);
    assert!(shown.len() >= 4, "{shown:?}");

    let browser = Browser::start();
    browser.open(&format!("{base}/docs"));
    browser.wait_for("return document.querySelectorAll('.opblock').length", &shown.len().into());
    browser.run("document.querySelectorAll('.opblock-summary-control').forEach(button => button.click())");
    // What it says when it is open: its parameters or none, and its answers.
    let bodies = "return [...document.querySelectorAll('.opblock')].map(block => [
        block.querySelector('.opblock-summary-method').textContent,
        block.querySelector('.opblock-summary-path').textContent.replaceAll('\\u200b', ''),
        block.querySelectorAll('.opblock-body .responses-table .response-col_status').length > 1,
    ]).sort()";
    let expected: Vec<_> = shown.iter().map(|(method, path)| json!([method, path, true])).collect();
    browser.wait_for(bodies, &expected.into());
    assert_eq!(browser.run("return document.querySelectorAll('.errors-wrapper').length"), 0);
    assert_eq!(browser.run("return document.querySelectorAll('#documents a').length"), 2);

    try_out(&browser, &example);

    let loaded = browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)");
    let loaded: Vec<&str> = loaded.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(loaded.len() >= 5 && loaded.iter().all(|url| url.starts_with(&base)), "{loaded:?}");
    assert_eq!(browser.log(), [""; 0]);

    browser.open(&format!("{base}/docs?document=admin"));
    browser.wait_for(
        "return document.querySelector('.info .title')?.firstChild.textContent.trim()",
        &json!("Users (admin)"),
    );
    browser.wait_for("return [...new Set([...document.querySelectorAll('.opblock-summary-path')].map(path => path.textContent.replaceAll('\\u200b', '')))]", &json!(["/users/{id}"]));
    assert_eq!(browser.log(), [""; 0]);

    // What the policy refuses would be in the log.
    browser
        .run("const script = document.createElement('script'); script.textContent = '1'; document.body.append(script)");
    let log = browser.log();
    assert!(log.iter().any(|entry| entry.contains("Content Security Policy")), "{log:?}");
}

/// Method and path of what the page shows, sorted: an operation once for each of its groups.
fn operations(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        for (method, operation) in item.as_object().expect("a path has operations") {
            let groups = operation["tags"].as_array().map_or(1, |tags| tags.len().max(1));
            found.extend(std::iter::repeat_n((method.to_uppercase(), path.clone()), groups));
        }
    }
    found.sort();
    found
}

/// Posts the user that the schema has as its example.
fn try_out(browser: &Browser, example: &Example) {
    let before = example.connect().get("/users").expect(200).json();
    browser.run("document.querySelector('.opblock-post .try-out__btn').click()");
    browser.wait_for("return !!document.querySelector('.opblock-post .execute')", &json!(true));
    browser.run("document.querySelector('.opblock-post .execute').click()");
    let status =
        "return document.querySelector('.opblock-post .live-responses-table tbody .response-col_status')?.textContent";
    browser.wait_for(status, &json!("201"));
    let after = example.connect().get("/users").expect(200).json();
    assert_eq!(before, json!([]));
    assert_eq!(after, json!([{ "id": 1, "email": "ada@example.com", "name": "Ada", "age": 36, "role": "reader" }]));
}
