//! Typed handlers: route macros, asynchronous arguments, dependencies.

mod api_errors;
mod blocking;
mod dependencies;
mod documentation;
mod extractors;
mod macros;
mod options;
mod patterns;
mod security;
