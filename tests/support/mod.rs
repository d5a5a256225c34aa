//! What the tests over the wire share: a server on a free port, a client that reads answers strictly, and a log of what happened inside.

// Each test binary uses a part of this.
#![allow(dead_code)]

pub(crate) mod answer;
pub(crate) mod client;
pub(crate) mod log;
pub(crate) mod pipe;
pub(crate) mod probe;
pub(crate) mod server;
pub(crate) mod socket;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// A place for a file, which is removed at the end.
#[derive(Debug)]
pub(crate) struct TemporaryFile(PathBuf);

/// A place that no other test has.
pub(crate) fn temporary_file(name: &str) -> TemporaryFile {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    TemporaryFile(std::env::temp_dir().join(format!("fastweb-{name}-{}-{n}", std::process::id())))
}

impl Deref for TemporaryFile {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
