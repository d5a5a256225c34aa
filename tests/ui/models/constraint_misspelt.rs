use fastweb::model;

#[model]
struct User {
    #[schema(maxlength = 100)]
    name: String,
}

fn main() {}
