//! How large attacks are, and what is told of them.

use std::fmt::Display;
use std::io::Write;
use std::time::Duration;

/// `FASTWEB_ATTACKS=full` asks for the sizes that the figures of SECURITY.md are of: minutes, a release build, and 12,000 open files.
pub(crate) fn is_full() -> bool {
    std::env::var("FASTWEB_ATTACKS").is_ok_and(|value| value == "full")
}

/// A size for every test run, and the full one.
pub(crate) fn size(short: usize, full: usize) -> usize {
    if is_full() { full } else { short }
}

/// Tells a figure, whether the test passes or not: what is written here is not kept back by the test harness.
pub(crate) fn tell(figure: impl Display) {
    // Nobody may listen: that is no reason to fail.
    let _ = writeln!(std::io::stderr(), "    {figure}");
}

/// Tells a time, and whether it is what is aimed at. It is no condition: how busy the machine is must not decide a test.
pub(crate) fn tell_time(what: impl Display, time: Duration, most: Duration) {
    let verdict = if time <= most { "kept" } else { "NOT KEPT" };
    tell(format_args!("{what}: {time:.1?}, at most {most:?}: {verdict}"));
}

/// Asserts what is told of memory. The allocator of a sanitizer keeps what was freed, and more beside it: `.ci/long` says that there is one, and it is
/// no condition then.
#[track_caller]
pub(crate) fn assert_memory(is_kept: bool, figure: impl Display) {
    assert!(is_kept || std::env::var_os("FASTWEB_SANITIZED").is_some(), "{figure}");
}

/// The value below which 99 of 100 are.
pub(crate) fn p99(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() * 99 / 100).copied().unwrap_or_default()
}

/// Whatever decides at random decides the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: usize) -> Self {
        Self(seed as u64 * 2 + 1)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}
