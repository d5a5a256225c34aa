use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    NotFound,
}

fn main() {}
