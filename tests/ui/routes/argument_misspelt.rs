use fastweb::prelude::*;

#[get("/users/{user_id}")]
async fn user(usr_id: u64) -> String {
    usr_id.to_string()
}

fn main() {}
