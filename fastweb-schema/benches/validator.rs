//! Documents and validators beside their rivals. Bodies: a user of five properties, an order of 2.8 KB, an array of users of 56 KB.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fastweb_schema::{Buffers, Document, Registry};
use serde::Deserialize;
use serde_json::{Value, json};

fn user() -> String {
    json!({
        "id": 123_456,
        "name": "Ada Lovelace",
        "email": "ada.lovelace@example.com",
        "age": 36,
        "tags": ["mathematics", "engines", "poetry"],
    })
    .to_string()
}

fn order() -> String {
    let line = |i: usize| {
        json!({
            "sku": format!("SKU-{:05}", i * 37),
            "title": format!("A thing of some use, number {i}"),
            "quantity": i % 7 + 1,
            "unit_price": 9.95 + i as f64,
            "tags": ["new", "blue"],
        })
    };
    json!({
        "id": "7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d",
        "created_at": "2026-11-21T10:15:30Z",
        "currency": "EUR",
        "customer": {
            "id": 98_765,
            "name": "Grace Hopper",
            "email": "grace@example.org",
            "address": { "street": "1 Harbour Street", "city": "Arlington", "zip": "22201", "country": "US" },
        },
        "billing": { "street": "1 Harbour Street", "city": "Arlington", "zip": "22201", "country": "US" },
        "lines": (0..20).map(line).collect::<Vec<_>>(),
        "note": null,
        "paid": true,
    })
    .to_string()
}

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

fn user_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "integer", "minimum": 1 },
            "name": { "type": "string", "minLength": 1, "maxLength": 100 },
            "email": { "type": "string", "format": "email", "maxLength": 254 },
            "age": { "type": "integer", "minimum": 0, "maximum": 150 },
            "tags": { "type": "array", "items": { "type": "string", "maxLength": 32 }, "maxItems": 16 },
        },
        "required": ["id", "name", "email"],
        "additionalProperties": false,
    })
}

fn order_schema() -> Value {
    let text = |max: u32| json!({ "type": "string", "minLength": 1, "maxLength": max });
    json!({
        "$defs": {
            "address": {
                "type": "object",
                "properties": { "street": text(100), "city": text(100), "zip": text(10), "country": { "enum": ["DE", "GB", "US"] } },
                "required": ["street", "city", "zip", "country"],
                "additionalProperties": false,
            },
            "line": {
                "type": "object",
                "properties": {
                    "sku": text(20),
                    "title": text(200),
                    "quantity": { "type": "integer", "minimum": 1, "maximum": 1000 },
                    "unit_price": { "type": "number", "minimum": 0 },
                    "tags": { "type": "array", "items": text(20), "maxItems": 8 },
                },
                "required": ["sku", "quantity", "unit_price"],
                "additionalProperties": false,
            },
        },
        "type": "object",
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "created_at": { "type": "string", "format": "date-time" },
            "currency": { "enum": ["EUR", "GBP", "USD"] },
            "customer": {
                "type": "object",
                "properties": {
                    "id": { "type": "integer", "minimum": 1 },
                    "name": text(100),
                    "email": { "type": "string", "format": "email" },
                    "address": { "$ref": "#/$defs/address" },
                },
                "required": ["id", "email"],
                "additionalProperties": false,
            },
            "billing": { "$ref": "#/$defs/address" },
            "lines": { "type": "array", "items": { "$ref": "#/$defs/line" }, "minItems": 1, "maxItems": 100 },
            "note": { "type": ["string", "null"], "maxLength": 500 },
            "paid": { "type": "boolean" },
        },
        "required": ["id", "created_at", "currency", "customer", "lines"],
        "additionalProperties": false,
    })
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

/// As many routes as a large application has, each with a schema of its own that refers to two that are shared.
fn compile(c: &mut Criterion) {
    let mut registry = Registry::new();
    registry.add(json!({ "$id": "id", "type": "string", "format": "uuid" })).expect("a schema");
    registry.add(json!({ "$id": "address", "type": "object", "properties": { "street": { "type": "string" }, "zip": { "type": "string", "pattern": "^[0-9]{5}$" } } })).expect("a schema");
    let schemas: Vec<_> = (0..500)
        .map(|i| {
            let mut schema = user_schema();
            schema["properties"]["id"] = json!({ "$ref": "id#" });
            schema["properties"]["home"] = json!({ "$ref": "address#" });
            schema["properties"][format!("extra{i}")] =
                json!({ "type": ["string", "null"], "pattern": format!("^[a-z]{{1,{}}}$", i % 9 + 1) });
            schema
        })
        .collect();
    let mut group = c.benchmark_group("compile/500 schemas");
    group.sample_size(10);
    group.bench_function("fastweb", |b| {
        b.iter(|| schemas.iter().map(|schema| registry.compile(schema).expect("a schema")).collect::<Vec<_>>());
    });
    group.finish();
}

criterion_group!(benches, parse, validate, read_both, compile);
criterion_main!(benches);
