use fastweb::prelude::*;

struct Id;

#[get("/users/{id}")]
async fn user(id: Id) {
    let _ = id;
}

fn main() {}
