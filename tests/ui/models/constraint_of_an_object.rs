use fastweb::model;

#[model]
#[schema(max_length = 100)]
struct User {
    name: String,
}

#[model]
enum Shape {
    #[schema(minimum = 1)]
    Circle(f64),
}

fn main() {}
