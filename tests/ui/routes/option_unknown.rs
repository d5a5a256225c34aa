use fastweb::prelude::*;

#[get("/", summery = "The root")]
async fn root() {}

fn main() {}
