//! JSON Schema for fastweb.
