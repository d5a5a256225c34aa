//! Users, in Fastify's way: routes with raw JSON Schemas, shared schemas, hooks in a scope.
//!
//! ```text
//! cargo run --example fastify_style -- 127.0.0.1:3000
//! curl -i localhost:3000/users -H 'x-api-key: secret' -H 'content-type: application/json' \
//!      -d '{"email":"ada@example.com","name":"Ada","password":"correct horse"}'
//! curl localhost:3000/users/1
//! ```

mod app;
mod schemas;
mod store;

fn main() -> fastweb::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    app::app().on_listen(|address| println!("http://{address}")).run(&address)
}
