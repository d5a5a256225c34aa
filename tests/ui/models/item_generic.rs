use fastweb::model;

#[model]
struct Page<T> {
    items: Vec<T>,
}

fn main() {}
