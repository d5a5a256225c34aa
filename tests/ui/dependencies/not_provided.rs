use fastweb::prelude::*;

struct Caller;

#[get("/")]
async fn root(caller: Dep<Caller>) {
    let _ = caller;
}

fn main() {}
