use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 409, message = "the name {0 is taken")]
    NameTaken(String),
}

fn main() {}
