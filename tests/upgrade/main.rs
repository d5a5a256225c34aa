//! Connections that leave HTTP: other protocols, tunnels, hijacked sockets; over sockets and injected.

mod app;
mod endings;
mod hijack;
mod inject;
mod protocols;
#[path = "../support/mod.rs"]
mod support;
mod tunnels;
