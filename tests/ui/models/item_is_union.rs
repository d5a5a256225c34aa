use fastweb::model;

#[model]
union User {
    number: u8,
}

fn main() {}
