use fastweb::prelude::*;

#[get("/", tag)]
async fn root() {}

fn main() {}
