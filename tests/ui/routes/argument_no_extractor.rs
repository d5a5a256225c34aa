use fastweb::prelude::*;

struct Db;

#[get("/users/{id}")]
async fn user(id: u64, db: Db, method: Method) -> String {
    let _ = (id, db, method);
    String::new()
}

fn main() {}
