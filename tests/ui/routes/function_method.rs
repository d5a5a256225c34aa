use fastweb::prelude::*;

struct Api;

impl Api {
    #[get("/")]
    async fn root(&self) {}
}

fn main() {}
