//! The smallest server. `cargo run --release --example hello [ADDRESS]`, then `curl http://127.0.0.1:3000`.

use fastweb::prelude::*;

fn main() -> fastweb::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    App::new()
        .get("/", async || "Hello, World!")
        // With port 0 the system chooses one: this tells which.
        .on_listen(|address| println!("http://{address}"))
        .run(address)
}
