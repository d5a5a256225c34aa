use fastweb::prelude::*;

#[dependency]
fn caller() -> Result<String> {
    Ok(String::new())
}

fn main() {}
