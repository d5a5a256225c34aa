//! Typed handlers: route macros, asynchronous arguments, dependencies.

mod dependencies;
mod documentation;
mod extractors;
mod macros;
mod patterns;
mod security;
