use fastweb::model;

#[model]
#[schema(format = "email")]
struct Email(#[schema(max_length = 254)] String);

fn main() {}
