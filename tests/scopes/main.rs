//! Scopes: what is declared on one holds for it and for what is within it, and for nothing else.

mod body_limits;
mod configs;
mod error_handlers;
mod hooks;
mod methods;
mod mounting;
mod not_found;
mod parsers;
mod prefixes;
mod request_state;
mod state;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/trail.rs"]
mod trail;
mod worker_state;

/// The message of a build that fails.
async fn fault(app: fastweb::App) -> String {
    app.build().await.expect_err("an application that cannot start").to_string()
}
