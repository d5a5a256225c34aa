use fastweb::prelude::*;

#[derive(ApiError)]
enum UserError {
    #[error(status = 404, message = "no such user")]
    NotFound,
}

fn main() {}
