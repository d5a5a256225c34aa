use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 503, message = "the store is away")]
    Store { #[source] error: std::io::Error, #[source] other: std::io::Error },
}

fn main() {}
