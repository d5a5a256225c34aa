use fastweb::prelude::*;

#[get("/files/{*path}/edit")]
async fn edit(path: &str) {
    let _ = path;
}

fn main() {}
