use fastweb::model;

#[model]
struct User {
    #[schema(min_length = 1 max_length = 200)]
    name: String,
}

fn main() {}
