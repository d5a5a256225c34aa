use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 503, message = "the store is away")]
    Store { #[from] error: std::io::Error, place: String },
}

fn main() {}
