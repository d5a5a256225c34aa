//! `examples/chat` in two browsers: each sees what the other says, and who comes back sees what was said meanwhile.
//!
//! It needs Chromium and its driver, as `docs_page` does.

#![allow(missing_docs)]

#[allow(dead_code)]
#[path = "../docs_page/driver.rs"]
mod driver;
#[allow(dead_code)]
#[path = "../support"]
mod support {
    pub(crate) mod client;
    pub(crate) mod process;
}

use std::process::ExitCode;

use driver::Browser;
use serde_json::{Value, json};
use support::process::Example;

fn main() -> ExitCode {
    driver::run("chat_page", two_pages_see_each_other)
}

const LINES: &str = "return [...document.querySelectorAll('#lines li')].map(line => line.textContent)";
const STATE: &str = "return document.getElementById('state').textContent";

fn say(browser: &Browser, text: &str) {
    let text = Value::from(text);
    browser.run(&format!("document.getElementById('text').value = {text}; document.querySelector('button').click()"));
}

fn two_pages_see_each_other() {
    let example = Example::start("chat", &["127.0.0.1:0"]);
    let base = format!("http://{}", example.address());
    let (ada, bob) = (Browser::start(), Browser::start());
    for (browser, name) in [(&ada, "Ada"), (&bob, "Bob")] {
        browser.open(&format!("{base}/?room=tea&name={name}"));
        browser.wait_for(STATE, &json!(format!("in tea as {name}")));
    }
    say(&ada, "milk <b>first</b>");
    for browser in [&ada, &bob] {
        browser.wait_for(LINES, &json!(["Adamilk <b>first</b>"]));
    }
    say(&bob, "never");
    for browser in [&ada, &bob] {
        browser.wait_for(LINES, &json!(["Adamilk <b>first</b>", "Bobnever"]));
    }
    // Bob's connection is lost, and something is said before he is back by himself.
    bob.run("wait = 1000; socket.close()");
    bob.wait_for("return document.getElementById('state').textContent.startsWith('away')", &json!(true));
    say(&ada, "are you there?");
    let all = json!(["Adamilk <b>first</b>", "Bobnever", "Adaare you there?"]);
    bob.wait_for(STATE, &json!("in tea as Bob"));
    for browser in [&ada, &bob] {
        browser.wait_for(LINES, &all);
        assert_eq!(browser.log(), [""; 0]);
    }
    // A page of another origin may not enter.
    let other = Example::start("chat", &["127.0.0.1:0"]);
    ada.open(&format!("http://{}/", other.address()));
    let address = example.address();
    ada.run(&format!("window.entered = null; const other = new WebSocket('ws://{address}/rooms/tea?name=Eve'); other.onopen = () => entered = true; other.onerror = () => entered = false"));
    ada.wait_for("return window.entered", &json!(false));
}
