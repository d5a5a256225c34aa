use fastweb::prelude::*;

struct User;

#[get("/user")]
async fn user() -> User {
    User
}

fn main() {}
