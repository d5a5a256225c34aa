use fastweb::model;

#[model]
struct User {
    #[schema(min_length = 10, max_length = 5)]
    name: String,
    #[schema(minimum = 0.5, maximum = -1)]
    share: f64,
}

fn main() {}
