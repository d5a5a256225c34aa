//! tower's services and layers within an application.

mod layers;
mod mounts;
mod streams;
#[path = "../support/mod.rs"]
mod support;
