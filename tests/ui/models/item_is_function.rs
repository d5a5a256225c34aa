use fastweb::model;

#[model]
fn user() {}

fn main() {}
