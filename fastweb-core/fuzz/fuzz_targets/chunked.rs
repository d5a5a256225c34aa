//! Any bytes as a chunked body, whole and in pieces, against a slow reader. What must hold is in `fastweb-core/src/fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fastweb_core::fuzzing::chunked(input));
