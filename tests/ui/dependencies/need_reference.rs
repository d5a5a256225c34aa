use fastweb::prelude::*;

struct Db;
struct Caller;

#[dependency]
fn caller(db: &Db) -> Caller {
    let _ = db;
    Caller
}

fn main() {}
