use fastweb::prelude::*;

#[get("/users/{db}")]
async fn user(db: State<u32>) {
    let _ = db;
}

fn main() {}
