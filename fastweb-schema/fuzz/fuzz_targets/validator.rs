//! A schema and documents: the fast lane and the judge say the same of each.

#![no_main]

#[path = "../../tests/support/lanes.rs"]
mod lanes;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let _ = lanes::check(input);
});
