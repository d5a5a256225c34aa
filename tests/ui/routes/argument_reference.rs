use fastweb::prelude::*;

struct Db;

#[get("/")]
async fn user(db: &Db) {
    let _ = db;
}

fn main() {}
