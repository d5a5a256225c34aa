use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(transparent)]
    Store(std::io::Error, u8),
}

fn main() {}
