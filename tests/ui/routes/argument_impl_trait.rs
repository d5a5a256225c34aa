use fastweb::prelude::*;

#[get("/")]
async fn user(text: impl Into<String>) -> String {
    text.into()
}

fn main() {}
