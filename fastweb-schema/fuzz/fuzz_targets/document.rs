//! Bytes: a document is what serde_json takes for JSON, and has its values.

#![no_main]

#[path = "../../tests/support/texts.rs"]
mod texts;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    texts::check(input);
});
