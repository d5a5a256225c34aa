//! The page of `examples/ticker` in a browser: what it has missed while it was cut off is there when it has come back, in order and once.
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
#[allow(dead_code)]
#[path = "../docs_page/driver.rs"]
mod driver;
mod wire;

use std::process::ExitCode;

use driver::Browser;
use serde_json::json;
use support::process::Example;
use wire::Wire;

fn main() -> ExitCode {
    driver::run("ticker_page", what_was_missed_is_there_after_coming_back)
}

/// What the page shows, the newest first.
const PRICES: &str = "return [...document.querySelectorAll('#prices tr')].map(row => row.textContent)";

fn what_was_missed_is_there_after_coming_back() {
    let example = Example::start("ticker", &["127.0.0.1:0", "0"]);
    let change = |cents: u64| {
        let price = json!({ "symbol": "FWB", "cents": cents }).to_string();
        example.connect().json("PUT", "/prices", &[], &price).expect(204);
    };
    let wire = Wire::to(example.address());
    change(100);
    let browser = Browser::start();
    browser.open(&format!("http://{}/", wire.address));
    browser.wait_for("return document.getElementById('state').textContent", &"live".into());
    browser.wait_for(PRICES, &json!(["FWB1.00"]));
    change(200);
    browser.wait_for(PRICES, &json!(["FWB2.00", "FWB1.00"]));

    wire.cut();
    browser.wait_for("return document.getElementById('state').textContent", &"connecting".into());
    change(300);
    change(400);
    wire.mend();
    browser.wait_for("return document.getElementById('state').textContent", &"live".into());
    browser.wait_for(PRICES, &json!(["FWB4.00", "FWB3.00", "FWB2.00", "FWB1.00"]));
    change(500);
    browser.wait_for(PRICES, &json!(["FWB5.00", "FWB4.00", "FWB3.00", "FWB2.00", "FWB1.00"]));

    // More than is kept: the page begins anew with what there is.
    wire.cut();
    browser.wait_for("return document.getElementById('state').textContent", &"connecting".into());
    (1000..1120).for_each(|n| change(n * 100));
    wire.mend();
    browser.wait_for(&format!("{PRICES}.slice(0, 1)"), &json!(["FWB1119.00"]));
    browser.wait_for(&format!("{PRICES}.slice(-1)"), &json!(["FWB1020.00"]));
    assert_eq!(browser.run(&format!("{PRICES}.length")), 100);
}
