use fastweb::prelude::*;

#[get("/hash", blocking = true)]
fn hash() -> String {
    String::new()
}

fn main() {}
