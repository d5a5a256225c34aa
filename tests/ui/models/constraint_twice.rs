use fastweb::model;

#[model]
struct User {
    #[schema(max_length = 100, max_length = 200)]
    name: String,
}

fn main() {}
