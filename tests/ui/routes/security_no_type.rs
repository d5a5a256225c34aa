use fastweb::prelude::*;

struct Caller;

#[get("/a", security = "bearer")]
fn a() {}

#[get("/b", security)]
fn b() {}

#[get("/c", security = Caller)]
fn c() {}

fn main() {}
