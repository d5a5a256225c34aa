use fastweb::prelude::*;

#[get("/users/{id")]
async fn user(id: u64) {
    let _ = id;
}

fn main() {}
