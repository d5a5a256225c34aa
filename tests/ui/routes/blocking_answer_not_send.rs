use fastweb::prelude::*;

#[get("/hash", blocking)]
fn hash() -> Reply {
    Reply::text("x")
}

fn main() {}
