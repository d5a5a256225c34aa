use fastweb::prelude::*;

struct Db;
struct Caller;

#[dependency]
fn caller(db: Db, method: Method) -> Caller {
    let _ = (db, method);
    Caller
}

fn main() {}
