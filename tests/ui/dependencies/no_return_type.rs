use fastweb::prelude::*;

#[dependency]
fn caller() {}

fn main() {}
