use fastweb::prelude::*;

#[get("/")]
struct Root;

fn main() {}
