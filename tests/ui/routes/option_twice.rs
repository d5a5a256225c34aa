use fastweb::prelude::*;

#[post("/", status = 201, status = 202)]
async fn root() {}

fn main() {}
