use fastweb::model;

#[model]
struct User {
    #[schema(max_length = "100", format = email)]
    name: String,
    #[schema(multiple_of = 0)]
    age: u8,
}

fn main() {}
