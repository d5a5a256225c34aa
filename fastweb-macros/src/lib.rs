//! Attribute macros of fastweb. There are none yet.
//!
//! Two kinds belong here: `#[get("/users/{id}")]` and its sisters, which make a function a route and underline the argument that
//! is no extractor, and `#[model]`, which gives a type its JSON Schema, its parser and its serialiser from one declaration.
//! Until then routes are values: `get("/users/{id}", user)`, and types are `serde`'s.

#![forbid(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]
