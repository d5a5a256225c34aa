use fastweb::prelude::*;

#[post("/users")]
async fn create(new: Json<String>, raw: Bytes) {
    let _ = (new, raw);
}

fn main() {}
