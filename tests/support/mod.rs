//! What the tests over the wire share: a server on a free port, a client that reads answers strictly, and a log of what happened inside.

// Each test binary uses a part of this.
#![allow(dead_code)]

pub(crate) mod answer;
pub(crate) mod log;
pub(crate) mod pipe;
pub(crate) mod probe;
pub(crate) mod server;
pub(crate) mod socket;

use std::time::{Duration, Instant};

/// Everything that is waited for comes within this time, or the test fails. Far beyond what a busy machine needs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until `condition` holds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
