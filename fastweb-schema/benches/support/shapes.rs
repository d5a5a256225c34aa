//! The answers that serialisers are measured with: values, and the schemas that describe them.

use serde::Serialize;
use serde_json::{Value, json};

#[derive(Clone, Serialize)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) age: u32,
    pub(crate) active: bool,
}

pub(crate) fn user(n: u64) -> User {
    const NAMES: [&str; 5] = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Barbara Liskov", "Donald Ervin Knuth"];
    let name = NAMES[n as usize % NAMES.len()];
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    User { id: 1_000 + n * 7_919, name: name.into(), email, age: 20 + n as u32 % 60, active: !n.is_multiple_of(3) }
}

pub(crate) fn user_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "integer" },
            "name": { "type": "string" },
            "email": { "type": "string", "format": "email" },
            "age": { "type": "integer" },
            "active": { "type": "boolean" },
        },
        "required": ["id", "name", "email", "age", "active"],
    })
}

pub(crate) fn users() -> Vec<User> {
    (0..100).map(user).collect()
}

pub(crate) fn users_schema() -> Value {
    json!({ "type": "array", "items": user_schema() })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    id: String,
    created_at: String,
    status: &'static str,
    customer: Customer,
    shipping_address: Address,
    billing_address: Address,
    items: Vec<Line>,
    currency: &'static str,
    subtotal: f64,
    tax: f64,
    total: f64,
    coupon: Option<String>,
    notes: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Customer {
    id: u64,
    name: String,
    email: String,
    phone: Option<String>,
    loyalty_points: i64,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    street: String,
    city: String,
    postal_code: String,
    country: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    sku: String,
    name: String,
    quantity: u32,
    unit_price: f64,
    discount: f64,
    gift: bool,
    tags: Vec<&'static str>,
}

/// 2.8 KB.
pub(crate) fn order() -> Order {
    let address = Address {
        street: "221B Baker Street".into(),
        city: "London".into(),
        postal_code: "NW1 6XE".into(),
        country: "GB",
    };
    let line = |n: u32| Line {
        sku: format!("SKU-{:06}", 4_711 * (n + 1)),
        name: ["Mechanical keyboard, 87 keys", "USB-C cable 2 m", "27\" monitor, 4K", "Desk lamp"][n as usize % 4]
            .into(),
        quantity: 1 + n % 3,
        unit_price: [129.9, 9.99, 349.0, 39.5][n as usize % 4],
        discount: if n.is_multiple_of(5) { 0.15 } else { 0.0 },
        gift: n % 4 == 3,
        tags: if n.is_multiple_of(2) { vec!["office", "sale"] } else { vec!["new"] },
    };
    Order {
        id: "5f0c6a3e-8d5b-4a7e-9c1d-2b3f4a5c6d7e".into(),
        created_at: "2026-11-21T09:30:15Z".into(),
        status: "processing",
        customer: Customer {
            id: 90_210,
            name: "Ada Lovelace".into(),
            email: "ada.lovelace@example.com".into(),
            phone: Some("+44 20 7946 0958".into()),
            loyalty_points: 12_480,
        },
        shipping_address: address.clone(),
        billing_address: address,
        items: (0..17).map(line).collect(),
        currency: "EUR",
        subtotal: 2_140.55,
        tax: 406.7,
        total: 2_547.25,
        coupon: None,
        notes: Some("Please leave the parcel with the neighbours if nobody is at home.".into()),
    }
}

pub(crate) fn order_schema() -> Value {
    let text = json!({ "type": "string" });
    let optional = json!({ "type": ["string", "null"] });
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "format": "uuid" },
            "createdAt": { "type": "string", "format": "date-time" },
            "status": { "type": "string" },
            "customer": {
                "type": "object",
                "properties": {
                    "id": { "type": "integer" }, "name": text, "email": text, "phone": optional,
                    "loyaltyPoints": { "type": "integer" },
                },
                "required": ["id", "name", "email"],
            },
            "shippingAddress": { "$ref": "#/$defs/address" },
            "billingAddress": { "$ref": "#/$defs/address" },
            "items": { "type": "array", "items": { "$ref": "#/$defs/line" } },
            "currency": text,
            "subtotal": { "type": "number" },
            "tax": { "type": "number" },
            "total": { "type": "number" },
            "coupon": optional,
            "notes": optional,
        },
        "required": ["id", "createdAt", "status", "customer", "shippingAddress", "items", "total"],
        "$defs": {
            "address": {
                "type": "object",
                "properties": { "street": text, "city": text, "postalCode": text, "country": text },
                "required": ["street", "city", "country"],
            },
            "line": {
                "type": "object",
                "properties": {
                    "sku": text, "name": text, "quantity": { "type": "integer" }, "unitPrice": { "type": "number" },
                    "discount": { "type": "number" }, "gift": { "type": "boolean" },
                    "tags": { "type": "array", "items": text },
                },
                "required": ["sku", "name", "quantity", "unitPrice"],
            },
        },
    })
}

#[derive(Serialize)]
pub(crate) struct Article {
    id: u64,
    title: String,
    author: String,
    body: String,
}

/// 10 KB of prose: direct speech, line ends, now and then a path or a tab.
pub(crate) fn article() -> Article {
    const SENTENCES: [&str; 6] = [
        "The engine room was warm, and nobody had spoken for a while. ",
        "\"Is it running?\" she asked, and looked at the dial. ",
        "It was, though not as the drawings in C:\\plans\\engine said it would.\n",
        "What the card read was this:\n\tmultiply the first by the second, then wait. ",
        "They waited; the wheels turned, slower than anybody had hoped and faster than they had feared. ",
        "\"Write it down,\" he said – \"all of it.\"\n\n",
    ];
    let mut body = String::new();
    for sentence in SENTENCES.iter().cycle() {
        body.push_str(sentence);
        if body.len() > 10_000 {
            break;
        }
    }
    Article { id: 17, title: "Notes on the engine".into(), author: "Ada Lovelace".into(), body }
}

pub(crate) fn article_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "integer" },
            "title": { "type": "string" },
            "author": { "type": "string" },
            "body": { "type": "string" },
        },
        "required": ["id", "title", "body"],
    })
}
