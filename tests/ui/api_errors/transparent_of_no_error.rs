use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(transparent)]
    Store(String),
}

fn main() {}
