//! A user and an order, with their schemas.

use serde_json::{Value, json};

pub(crate) fn user() -> String {
    json!({
        "id": 123_456,
        "name": "Ada Lovelace",
        "email": "ada.lovelace@example.com",
        "age": 36,
        "tags": ["mathematics", "engines", "poetry"],
    })
    .to_string()
}

pub(crate) fn order() -> String {
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

pub(crate) fn user_schema() -> Value {
    serde_json::from_str(include_str!("user.schema.json")).expect("JSON")
}

pub(crate) fn order_schema() -> Value {
    serde_json::from_str(include_str!("order.schema.json")).expect("JSON")
}
