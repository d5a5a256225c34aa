use fastweb::prelude::*;

#[get("/hash/{word}", blocking)]
async fn hash(word: &str) -> String {
    word.to_owned()
}

fn main() {}
