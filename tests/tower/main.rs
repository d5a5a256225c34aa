//! tower's services and layers within an application.

mod given_up;
mod layers;
mod mounts;
mod streams;
#[path = "../support/mod.rs"]
mod support;
