use fastweb::prelude::*;

#[get("/users/{id}")]
async fn user(id: u64, page: u32) -> String {
    format!("{id} {page}")
}

fn main() {}
