//! Attacks and faults: hostile clients, and what else goes wrong, against a server in a process of its own, so that its memory, time and files
//! can be looked at. Each takes a few seconds, tells its figures, and asserts what does not depend on how busy the machine is.
//!
//! `.ci/long faults` runs them in full: with thousands of clients instead of hundreds.

mod child;
mod crowd;
mod figures;
mod floods;
mod memory;
mod out_of_files;
mod resets;
mod shutdown;
mod slow;
#[path = "../support/mod.rs"]
mod support;
