use fastweb::prelude::*;

fn check(key: u32) -> bool {
    key == 1
}

#[get("/", on_request = check)]
async fn root() {}

fn main() {}
