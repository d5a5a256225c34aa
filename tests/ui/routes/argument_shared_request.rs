use fastweb::prelude::*;

#[get("/")]
async fn user(req: &Request) -> String {
    req.path().to_owned()
}

fn main() {}
