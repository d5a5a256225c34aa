use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(transparent, status = 503)]
    Store(#[from] std::io::Error),
}

fn main() {}
