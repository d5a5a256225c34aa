use fastweb::prelude::*;

#[get("/{id}/{id}")]
async fn edit(id: u64) {
    let _ = id;
}

fn main() {}
