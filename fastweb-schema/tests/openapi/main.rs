//! OpenAPI documents: valid by the meta-schemas, and saying what the schemas said that they were made of.

#[path = "../support/openapi.rs"]
mod support;

mod documents;
mod paths;
mod references;
mod translation;
