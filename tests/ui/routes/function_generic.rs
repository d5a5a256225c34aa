use fastweb::prelude::*;

#[get("/")]
async fn root<T: Default>(value: State<T>) {
    let _ = value;
}

fn main() {}
