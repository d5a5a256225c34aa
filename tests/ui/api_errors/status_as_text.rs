use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = "404", message = "no such user")]
    NotFound,
}

fn main() {}
