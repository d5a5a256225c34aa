use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(state = 404, message = "no such user")]
    NotFound,
}

fn main() {}
