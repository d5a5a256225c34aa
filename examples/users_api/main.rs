//! Users, by types: models, dependencies, an enum of errors, and a docs page that all of it writes.
//!
//! ```text
//! cargo run --example users_api --features openapi -- 127.0.0.1:3000
//! curl -i localhost:3000/users -H 'x-api-key: secret' -H 'content-type: application/json' \
//!      -d '{"email":"ada@example.com","name":"Ada","password":"correct horse"}'
//! curl localhost:3000/users/1
//! ```
//!
//! and `http://localhost:3000/docs` in a browser. `examples/fastify_style` is the same API by raw JSON Schemas.

mod app;
mod errors;
mod models;
mod store;

use fastweb::openapi::OpenApi;

fn main() -> fastweb::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    app::app().plugin(OpenApi::new("Users", "1.0")).on_listen(|address| println!("http://{address}")).run(&address)
}
