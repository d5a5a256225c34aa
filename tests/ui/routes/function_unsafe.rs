use fastweb::prelude::*;

#[get("/")]
unsafe fn root() {}

fn main() {}
