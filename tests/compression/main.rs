//! Compression: which answers, for whom, and what comes of requests that are compressed. What comes out is read by the reference decoders.

mod answers;
mod bombs;
mod decoders;
mod memory;
mod requests;
mod streams;
#[path = "../support/mod.rs"]
mod support;

/// Text that is worth compressing.
fn text(len: usize) -> String {
    (0..)
        .map(|n: u64| format!("{{\"id\":{n},\"name\":\"user {}\"}},", n * n % 997))
        .flat_map(|line| line.into_bytes())
        .take(len)
        .map(char::from)
        .collect()
}
