//! Documents and validators beside their rivals. Bodies: a user of five properties, an order of 2.8 KB, an array of users of 56 KB.
//!
//! The rival that compiles schemas with the program is in `../rivals`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fastweb_schema::{Buffers, Document, Registry};
use serde::Deserialize;
use serde_json::{Value, json};

#[path = "support/bodies.rs"]
mod bodies;

use bodies::{order, order_schema, user, user_schema};

fn users() -> String {
    format!("[{}]", vec![user(); 400].join(","))
}

fn parse(c: &mut Criterion) {
    for (name, body) in [("user", user()), ("order", order()), ("users", users())] {
        let body = body.as_bytes();
        let mut group = c.benchmark_group(format!("parse/{name}"));
        group.throughput(Throughput::Bytes(body.len() as u64));
        let mut buffers = Buffers::new();
        group.bench_function("fastweb", |b| {
            b.iter(|| Document::parse_with(black_box(body), &mut buffers).expect("JSON").recycle(&mut buffers));
        });
        let (mut buffers, mut copy) = (simd_json::Buffers::new(body.len()), Vec::new());
        group.bench_function("simd-json tape", |b| {
            b.iter(|| {
                copy.clear();
                copy.extend_from_slice(black_box(body));
                black_box(simd_json::to_tape_with_buffers(&mut copy, &mut buffers).expect("JSON"));
            });
        });
        group.bench_function("serde_json Value", |b| {
            b.iter(|| serde_json::from_slice::<Value>(black_box(body)).expect("JSON"));
        });
        group.finish();
    }
}

fn validate(c: &mut Criterion) {
    for (name, body, schema) in [("user", user(), user_schema()), ("order", order(), order_schema())] {
        let mut group = c.benchmark_group(format!("validate/{name}"));
        let validator = Registry::new().compile(&schema).expect("a schema");
        let document = Document::parse(body.as_bytes()).expect("JSON");
        assert!(validator.is_valid(&document));
        group.bench_function("fastweb", |b| b.iter(|| black_box(validator.validate(black_box(&document))).is_ok()));
        let judge = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
        let value: Value = serde_json::from_str(&body).expect("JSON");
        assert!(judge.is_valid(&value));
        group.bench_function("jsonschema", |b| b.iter(|| black_box(judge.is_valid(black_box(&value)))));
        group.finish();
    }
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct User {
    id: u64,
    name: String,
    email: String,
    age: Option<u8>,
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Order {
    id: String,
    created_at: String,
    currency: String,
    customer: Customer,
    billing: Address,
    lines: Vec<Line>,
    note: Option<String>,
    paid: bool,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Customer {
    id: u64,
    name: String,
    email: String,
    address: Address,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Address {
    street: String,
    city: String,
    zip: String,
    country: String,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Line {
    sku: String,
    title: String,
    quantity: u32,
    unit_price: f64,
    tags: Vec<String>,
}

/// From the bytes of a body to a struct.
fn read<T: serde::de::DeserializeOwned>(c: &mut Criterion, name: &str, body: &str, schema: &Value) {
    let body = body.as_bytes();
    let mut group = c.benchmark_group(format!("read/{name}"));
    let validator = Registry::new().compile(schema).expect("a schema");
    let mut buffers = Buffers::new();
    group.bench_function("fastweb", |b| {
        b.iter(|| {
            let document = Document::parse_with(black_box(body), &mut buffers).expect("JSON");
            validator.validate(&document).expect("valid");
            let value: T = document.deserialize().expect("a value");
            document.recycle(&mut buffers);
            value
        });
    });
    let judge = jsonschema::options().should_validate_formats(true).build(schema).expect("a schema");
    group.bench_function("serde_json Value + jsonschema", |b| {
        b.iter(|| {
            let value: Value = serde_json::from_slice(black_box(body)).expect("JSON");
            assert!(judge.is_valid(&value));
            serde_json::from_value::<T>(value).expect("a value")
        });
    });
    group.bench_function("serde_json, nothing validated", |b| {
        b.iter(|| serde_json::from_slice::<T>(black_box(body)).expect("a value"));
    });
    group.finish();
}

fn read_both(c: &mut Criterion) {
    read::<User>(c, "user", &user(), &user_schema());
    read::<Order>(c, "order", &order(), &order_schema());
}

/// As many routes as a large application has, each with a schema of its own that refers to shared ones.
fn compile(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile/500 schemas");
    group.sample_size(10);
    for (name, (registry, schemas)) in [("of two shared ones", of_two()), ("of twenty in circles", of_circles())] {
        let compile = |schema| registry.compile(schema).expect("a schema");
        group.bench_function(name, |b| b.iter(|| schemas.iter().map(compile).collect::<Vec<_>>()));
    }
    group.finish();
}

fn of_two() -> (Registry, Vec<Value>) {
    let mut registry = Registry::new();
    registry.add(json!({ "$id": "id", "type": "string", "format": "uuid" })).expect("a schema");
    registry.add(json!({ "$id": "address", "type": "object", "properties": { "street": { "type": "string" }, "zip": { "type": "string", "pattern": "^[0-9]{5}$" } } })).expect("a schema");
    let schema = |i| {
        let mut schema = user_schema();
        schema["properties"]["id"] = json!({ "$ref": "id#" });
        schema["properties"]["home"] = json!({ "$ref": "address#" });
        schema["properties"][format!("extra{i}")] =
            json!({ "type": ["string", "null"], "pattern": format!("^[a-z]{{1,{}}}$", i % 9 + 1) });
        schema
    };
    (registry, (0..500).map(schema).collect())
}

/// Each of the shared schemas leads to three others, and so to all of them.
fn of_circles() -> (Registry, Vec<Value>) {
    let mut registry = Registry::new();
    for i in 0..20 {
        let mut schema = user_schema();
        schema["$id"] = format!("shared{i}").into();
        for (name, other) in [("next", i + 1), ("other", 7 * i + 3), ("last", 3 * i + 5)] {
            schema["properties"][name] = json!({ "$ref": format!("shared{}#", other % 20) });
        }
        registry.add(schema).expect("a schema");
    }
    let schema = |i| {
        let mut schema = user_schema();
        schema["properties"][format!("extra{i}")] = json!({ "$ref": format!("shared{}#", i % 20) });
        schema
    };
    (registry, (0..500).map(schema).collect())
}

criterion_group!(benches, parse, validate, read_both, compile);
criterion_main!(benches);
