//! The way of a request: which phase follows which, how a request leaves that way, and what each phase may change.

mod bodies;
mod early;
mod errors;
mod order;
mod replies;
mod responses;
mod slow_requests;
#[path = "../support/trail.rs"]
mod trail;
