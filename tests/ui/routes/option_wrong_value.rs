use fastweb::prelude::*;

#[get("/", summary = 7, tags = "a", hidden = true)]
async fn root() {}

fn main() {}
