use fastweb::prelude::*;

#[route(["GET", "NOT A METHOD"], "/search")]
async fn search() {}

fn main() {}
