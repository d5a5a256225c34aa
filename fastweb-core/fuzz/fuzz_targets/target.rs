//! An arbitrary request target: the router, the parameters of the path and the query. What must hold is in `fastweb-core/src/fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fastweb_core::fuzzing::target(input));
