use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(message = "no such user")]
    NotFound,
}

fn main() {}
