//! Paths of any text: the router finds what the slow way finds that is obviously right, with the same parameters, or misses for the same
//! reason.

#![no_main]
// Shared with `tests/oracle`, which uses more of it.
#![allow(dead_code)]

#[path = "../../tests/oracle/cases.rs"]
mod cases;
#[path = "../../tests/oracle/check.rs"]
mod check;
#[path = "../../tests/oracle/fuzzed.rs"]
mod fuzzed;
#[path = "../../tests/oracle/naive.rs"]
mod naive;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| fuzzed::run(input));
