//! Any bytes as frames of a WebSocket, whole and in pieces, against a slow reader. What must hold is in `src/plugins/websocket/fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fastweb::websocket::fuzzing::frames(input));
