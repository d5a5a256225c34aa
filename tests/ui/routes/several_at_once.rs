use fastweb::prelude::*;

#[get("/{a}/{b}", colour = "red", status = 500)]
async fn root(a: u8, c: u16, req: &Request) {
    let _ = (a, c, req);
}

fn main() {}
