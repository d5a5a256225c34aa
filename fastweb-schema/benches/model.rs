//! Models beside their rivals: from the bytes of a body of 272 bytes to a value. fastweb alone validates.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fastweb_macros::model;
use fastweb_schema::model::{ModelPlan, from_json};
use fastweb_schema::{Buffers, Document, Registry};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[model(crate = fastweb_schema)]
struct User {
    #[schema(minimum = 1)]
    id: u64,
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(format = "email", max_length = 254)]
    email: String,
    #[schema(maximum = 150)]
    age: u8,
    active: bool,
    balance: f64,
    role: Role,
    #[schema(max_items = 16, items(max_length = 32))]
    tags: Vec<String>,
    address: Address,
    note: Option<String>,
}

#[model(crate = fastweb_schema)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Editor,
    Reader,
}

#[model(crate = fastweb_schema)]
struct Address {
    #[schema(min_length = 1, max_length = 100)]
    street: String,
    #[schema(min_length = 1, max_length = 100)]
    city: String,
    #[schema(pattern = "^[0-9A-Z ]{3,10}$")]
    zip: String,
}

/// The same without schema.
#[derive(serde::Deserialize)]
#[allow(dead_code)]
struct PlainUser {
    id: u64,
    name: String,
    email: String,
    age: u8,
    active: bool,
    balance: f64,
    role: PlainRole,
    tags: Vec<String>,
    address: PlainAddress,
    note: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum PlainRole {
    Admin,
    Editor,
    Reader,
}

#[derive(serde::Deserialize)]
#[allow(dead_code)]
struct PlainAddress {
    street: String,
    city: String,
    zip: String,
}

const USER: &str = r#"{"id":1234567,"name":"Ada Lovelace","email":"ada.lovelace@example.com","age":36,"active":true,"balance":1204.75,"role":"editor","tags":["mathematics","engines","poetry"],"address":{"street":"12 St James's Square, Westminster","city":"London","zip":"SW1Y 4JH"},"note":null}"#;

fn read(c: &mut Criterion) {
    assert_eq!(USER.len(), 272);
    let plan = ModelPlan::of::<User>(&Registry::new()).expect("a schema").expect("a model");
    assert!(plan.is_one_pass());
    let body = USER.as_bytes();
    let mut group = c.benchmark_group("read/user of 272 B");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("fastweb", |b| b.iter(|| from_json::<User>(black_box(body), &plan).expect("a user")));
    let mut buffers = Buffers::new();
    group.bench_function("fastweb, as a document", |b| {
        b.iter(|| {
            let document = Document::parse_with(black_box(body), &mut buffers).expect("JSON");
            plan.validator().validate(&document).expect("valid");
            let value: User = document.deserialize().expect("a user");
            document.recycle(&mut buffers);
            value
        });
    });
    group.bench_function("sonic-rs, nothing validated", |b| {
        b.iter(|| sonic_rs::from_slice::<PlainUser>(black_box(body)).expect("a user"));
    });
    group.bench_function("serde_json, nothing validated", |b| {
        b.iter(|| serde_json::from_slice::<PlainUser>(black_box(body)).expect("a user"));
    });
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
