use fastweb::prelude::*;

#[route("/search")]
async fn search() {}

fn main() {}
