//! Models of what threads of a server say to each other by atomics, for loom, which tries every order of their steps that the memory model
//! allows. `.ci/long loom` runs them.
//!
//! These are all atomics of `fastweb-core`:
//!
//! | atomic | protocol | here |
//! |---|---|---|
//! | `server/accept.rs`: `Shared::accepting` | a worker may end when nobody accepts any more and it has no connections | [`draining`] |
//! | `server/counters.rs`: `Cells` | one writer without a lock, readers under one, and the writer's end | [`counters`] |
//! | `server/pulse.rs`: `shown` | a note: one word, which stands for itself | |
//! | `server/life.rs`: `bound` | a count: whoever takes the last away sees what was done before | |
//! | `request/cancellation.rs`: `cancelled` | a flag that is set once, before tokio's `Notify`, and looked at behind the call that takes part in it | |
//!
//! The models are written beside the code, because loom needs its own types everywhere. Who changes the one changes the other.

#![cfg(test)]

mod counters;
mod draining;
