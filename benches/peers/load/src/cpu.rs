//! CPU time of a process, to the nanosecond where the system counts it.

use std::fs;

/// Of all threads that it has now, in seconds. Threads that ended since it was asked last are missing: servers under load end none.
pub fn seconds(pid: u32) -> Option<f64> {
    let mut nanoseconds: u64 = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
        // `schedstat`: time on a CPU, time of waiting for one, how often.
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let on_cpu: u64 = text.split_whitespace().next()?.parse().ok()?;
        nanoseconds += on_cpu;
    }
    Some(nanoseconds as f64 / 1e9)
}
