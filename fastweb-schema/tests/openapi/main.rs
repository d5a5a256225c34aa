//! OpenAPI documents: valid by the meta-schemas, and saying what the schemas said that they were made of.

#![allow(missing_docs)]

#[path = "../support/openapi.rs"]
mod support;

mod documents;
mod models;
mod paths;
mod references;
mod translation;
