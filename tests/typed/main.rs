//! Typed handlers: route macros, asynchronous arguments, dependencies.

mod documentation;
mod extractors;
mod macros;
