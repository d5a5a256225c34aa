use fastweb::prelude::*;

#[get("/hash", blocking)]
fn hash(word: RequestState<u32>, method: Method) -> String {
    format!("{} {method}", *word)
}

fn main() {}
