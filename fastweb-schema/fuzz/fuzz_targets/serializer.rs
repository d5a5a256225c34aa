//! A response schema and values: none of them may make a serialiser panic or take long, and what is written is what a slow filter
//! lets through.

#![no_main]

#[path = "../../tests/support/documents.rs"]
mod documents;
#[path = "../../tests/support/filter.rs"]
mod filter;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let _ = documents::check(input);
});
