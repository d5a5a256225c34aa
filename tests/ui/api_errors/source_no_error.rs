use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 503, message = "the store is away")]
    Store { source: String },
}

fn main() {}
