use fastweb::prelude::*;

struct Db;

#[post("/hash", blocking)]
fn hash(req: &mut Request, db: State<Db>, caller: Dep<Db>) -> String {
    let _ = (req, db, caller);
    String::new()
}

fn main() {}
