use fastweb::model;

#[model]
struct User {
    #[schema(size = 100)]
    name: String,
}

fn main() {}
