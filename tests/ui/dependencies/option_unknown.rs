use fastweb::prelude::*;

struct Caller;

#[dependency(after = end)]
fn caller() -> Caller {
    Caller
}

fn main() {}
