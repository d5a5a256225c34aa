use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 200, message = "no such user")]
    NotFound,
}

fn main() {}
