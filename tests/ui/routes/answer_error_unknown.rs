use fastweb::prelude::*;

#[derive(Debug)]
struct Lost;

#[get("/user")]
async fn user() -> Result<String, Lost> {
    Err(Lost)
}

fn main() {}
