use fastweb::prelude::*;

struct Caller;
struct Lost;

#[dependency]
fn caller() -> Result<Caller, Lost> {
    Err(Lost)
}

fn main() {}
