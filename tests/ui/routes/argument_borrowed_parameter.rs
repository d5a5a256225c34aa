use fastweb::prelude::*;

#[get("/posts/{year}")]
async fn posts(year: &u16) -> String {
    year.to_string()
}

fn main() {}
