use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 409, message = "the names {0} are taken")]
    NamesTaken(Vec<String>),
}

fn main() {}
