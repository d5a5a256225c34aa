use fastweb::model;

#[model(name = "user")]
struct User {
    name: String,
}

fn main() {}
