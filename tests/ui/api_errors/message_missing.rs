use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 404)]
    NotFound,
}

fn main() {}
