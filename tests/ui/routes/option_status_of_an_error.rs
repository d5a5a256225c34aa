use fastweb::prelude::*;

#[get("/", status = 404)]
async fn root() {}

fn main() {}
