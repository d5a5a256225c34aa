//! Any bytes on a connection, whole and cut into pieces. What must hold is in `fastweb-core/src/fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fastweb_core::fuzzing::connection(input));
