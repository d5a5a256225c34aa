//! Documents and validators beside their rivals. Bodies: a user of five properties, an order of 2.8 KB, an array of users of 56 KB.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fastweb_schema::{Buffers, Document};
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

criterion_group!(benches, parse);
criterion_main!(benches);
