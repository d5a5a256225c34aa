use fastweb::prelude::*;

#[get("users")]
async fn user() {}

fn main() {}
