//! Attribute macros of fastweb.
