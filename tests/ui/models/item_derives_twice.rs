use fastweb::model;

#[model]
#[derive(Debug, serde::Deserialize)]
struct User {
    name: String,
}

fn main() {}
