//! What browsers are told: cross-origin requests, and security headers.

mod cors;
mod security_headers;
