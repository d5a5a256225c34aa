//! Any bytes as a request's head, against a slow reader that reads line by line. What must hold is in `fastweb-core/src/fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fastweb_core::fuzzing::head(input));
