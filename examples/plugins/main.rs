//! Notes of several teams: plugins of one's own, scopes that keep to themselves, decorators, state per worker.
//!
//! ```text
//! cargo run --release --example plugins [ADDRESS]
//! cargo run --release --example plugins -- --routes
//!
//! curl -i http://127.0.0.1:3000/health
//! curl -i http://127.0.0.1:3000/teams/red/notes -H 'x-team-key: red-key' -d 'buy paint'
//! curl -i http://127.0.0.1:3000/teams/red/notes -H 'x-team-key: red-key'
//! curl -i http://127.0.0.1:3000/teams/blue/notes -H 'x-team-key: red-key'
//! curl -i http://127.0.0.1:3000/audit
//! ```

mod audit;
mod keys;
mod notes;

use fastweb::prelude::*;

/// The order of plugins is theirs to know: `notes` says that it depends on `keys` and `audit`.
fn app() -> App {
    App::new()
        .plugin(notes::Notes)
        .plugin(keys::Keys::new(&[("red", "red-key"), ("blue", "blue-key")]))
        .plugin(audit::Audit)
        // No hook of a plugin's scope runs here, and nobody asks for a key.
        .get("/health", "ok")
        .on_listen(|address| println!("http://{address}"))
        .on_close(async || println!("closed"))
}

fn main() -> Result<()> {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("--routes") {
        return print_trees();
    }
    app().run(argument.unwrap_or_else(|| "127.0.0.1:3000".into()))
}

/// What the application is made of, without serving it.
#[tokio::main(flavor = "current_thread")]
async fn print_trees() -> Result<()> {
    let server = app().build().await?;
    println!("{}\n{}", server.print_plugins(), server.print_routes());
    server.close().await
}
