use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError<'a> {
    #[error(status = 404, message = "no user {0}")]
    NotFound(&'a str),
}

fn main() {}
