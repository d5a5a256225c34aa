use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error("no such user")]
    NotFound,
}

fn main() {}
