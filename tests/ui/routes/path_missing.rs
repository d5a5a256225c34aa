use fastweb::prelude::*;

#[get]
async fn user() {}

fn main() {}
