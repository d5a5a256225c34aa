//! Conditional requests (RFC 9110, 13): what is answered with 304 and 412, computed tags, and what is said about keeping.

mod cache_control;
mod conditions;
mod tags;
