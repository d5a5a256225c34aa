use fastweb::prelude::*;

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 404, code = "FW_ERR_NOT_FOUND", message = "no such user")]
    NotFound,
    #[error(status = 409, code = "name taken", message = "the name is taken")]
    NameTaken,
}

fn main() {}
