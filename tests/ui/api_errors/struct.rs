use fastweb::prelude::*;

#[derive(Debug, ApiError)]
#[error(status = 404, message = "no such user")]
struct NotFound;

fn main() {}
