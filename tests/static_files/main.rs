//! Static files: what is found, how much of it is sent, and everything that is not to be had.

mod attacks;
#[cfg(feature = "embedded-files")]
mod embedded;
mod folder;
mod found;
mod kept;
mod nginx;
mod ranges;
#[path = "../support/mod.rs"]
mod support;

use fastweb::prelude::*;

async fn build(app: App) -> Server {
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}
