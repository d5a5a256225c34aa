//! Attacks in small: hostile clients against a server in a process of its own, so that its memory, time and files can be looked at. Each takes
//! a few seconds, prints its figures (`--nocapture`), and asserts what does not depend on how busy the machine is.

mod child;
mod floods;
mod memory;
mod out_of_files;
mod resets;
mod slow;
#[path = "../support/mod.rs"]
mod support;
