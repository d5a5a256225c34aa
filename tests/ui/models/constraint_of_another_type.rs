use fastweb::model;

#[model]
struct User {
    #[schema(minimum = 1)]
    name: String,
    #[schema(max_length = 3)]
    age: Option<u8>,
    #[schema(max_length = 32)]
    tags: Vec<String>,
    #[schema(items(maximum = 5))]
    names: Vec<String>,
}

fn main() {}
