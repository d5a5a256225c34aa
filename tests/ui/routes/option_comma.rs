use fastweb::prelude::*;

#[get("/" hidden)]
async fn root() {}

fn main() {}
