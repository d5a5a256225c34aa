//! Typed handlers: route macros, asynchronous arguments, dependencies.

mod api_errors;
mod dependencies;
mod documentation;
mod extractors;
mod macros;
mod patterns;
mod security;
