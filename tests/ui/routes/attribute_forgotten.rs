use fastweb::prelude::*;

async fn plain() -> &'static str {
    "x"
}

fn app() -> App {
    App::new().route(plain)
}

fn main() {}
