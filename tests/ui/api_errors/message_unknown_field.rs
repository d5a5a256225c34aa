use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 404, message = "no user {name}")]
    NotFound { id: u64 },
}

fn main() {}
