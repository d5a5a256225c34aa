use fastweb::prelude::*;

struct Caller<T>(T);

#[dependency]
fn caller<T: Default>() -> Caller<T> {
    Caller(T::default())
}

fn main() {}
