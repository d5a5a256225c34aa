use fastweb::model;

#[model]
struct User {
    #[schema(max_length)]
    name: String,
    #[schema(unique_items = true, items = 3)]
    tags: Vec<String>,
}

fn main() {}
