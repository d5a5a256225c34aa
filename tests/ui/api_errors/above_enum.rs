use fastweb::prelude::*;

#[derive(Debug, ApiError)]
#[error(status = 404, message = "no such user")]
enum UserError {
    #[error(status = 404, message = "no such user")]
    NotFound,
}

fn main() {}
