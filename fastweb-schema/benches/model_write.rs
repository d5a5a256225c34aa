//! Models beside simd-json-derive, which generates code too, and serialisers for types that derive serde's `Serialize`: serde_json, sonic-rs and simd-json, for
//! the same values.
//!
//! Everybody writes to the end of a `Vec<u8>` that was large enough the last time. `plain` is fastweb's serializer for what is no model.
//!
//! ```text
//! cargo bench -p fastweb-schema --bench model_write              # a minute
//! cargo bench -p fastweb-schema --bench model_write -- --test    # each body once
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use fastweb_schema::model::to_json;
use serde::Serialize;

/// The same types as models, and as what derives `Serialize` alone: serde's or simd-json-derive's.
macro_rules! shapes {
    ($module:ident, #[$attribute:meta]) => {
        mod $module {
            #[$attribute]
            #[derive(Clone)]
            #[serde(rename_all = "camelCase")]
            pub(crate) struct Account {
                id: u64,
                name: String,
                email: String,
                age: u32,
                active: bool,
                role: String,
                created_at: String,
            }

            #[$attribute]
            #[derive(Clone)]
            pub(crate) struct User {
                id: u64,
                name: String,
                email: String,
                age: u32,
                active: bool,
            }

            #[$attribute]
            #[derive(Clone)]
            #[serde(rename_all = "camelCase")]
            pub(crate) struct Order {
                id: String,
                created_at: String,
                status: String,
                customer: Customer,
                shipping_address: Address,
                billing_address: Address,
                items: Vec<Line>,
                currency: String,
                subtotal: f64,
                tax: f64,
                total: f64,
                coupon: Option<String>,
                notes: Option<String>,
            }

            #[$attribute]
            #[derive(Clone)]
            #[serde(rename_all = "camelCase")]
            pub(crate) struct Customer {
                id: u64,
                name: String,
                email: String,
                phone: Option<String>,
                loyalty_points: i64,
            }

            #[$attribute]
            #[derive(Clone)]
            #[serde(rename_all = "camelCase")]
            pub(crate) struct Address {
                street: String,
                city: String,
                postal_code: String,
                country: String,
            }

            #[$attribute]
            #[derive(Clone)]
            #[serde(rename_all = "camelCase")]
            pub(crate) struct Line {
                sku: String,
                name: String,
                quantity: u32,
                unit_price: f64,
                discount: f64,
                gift: bool,
                tags: Vec<String>,
            }

            /// 148 bytes.
            pub(crate) fn account() -> Account {
                Account {
                    id: 4_711,
                    name: "Ada Lovelace".into(),
                    email: "ada.lovelace@example.com".into(),
                    age: 36,
                    active: true,
                    role: "administrator".into(),
                    created_at: "2026-11-21T09:30:15.250Z".into(),
                }
            }

            /// 9.5 KB.
            pub(crate) fn users() -> Vec<User> {
                const NAMES: [&str; 5] =
                    ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Barbara Liskov", "Donald Ervin Knuth"];
                let user = |n: u64| {
                    let name = NAMES[n as usize % NAMES.len()];
                    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
                    let (age, active) = (20 + n as u32 % 60, !n.is_multiple_of(3));
                    User { id: 1_000 + n * 7_919, name: name.into(), email, age, active }
                };
                (0..100).map(user).collect()
            }

            /// 2.8 KB.
            pub(crate) fn order() -> Order {
                let address = Address {
                    street: "221B Baker Street".into(),
                    city: "London".into(),
                    postal_code: "NW1 6XE".into(),
                    country: "GB".into(),
                };
                let line = |n: u32| Line {
                    sku: format!("SKU-{:06}", 4_711 * (n + 1)),
                    name: ["Mechanical keyboard, 87 keys", "USB-C cable 2 m", "27\" monitor, 4K", "Desk lamp"]
                        [n as usize % 4]
                        .into(),
                    quantity: 1 + n % 3,
                    unit_price: [129.9, 9.99, 349.0, 39.5][n as usize % 4],
                    discount: if n.is_multiple_of(5) { 0.15 } else { 0.0 },
                    gift: n % 4 == 3,
                    tags: if n.is_multiple_of(2) { vec!["office".into(), "sale".into()] } else { vec!["new".into()] },
                };
                Order {
                    id: "5f0c6a3e-8d5b-4a7e-9c1d-2b3f4a5c6d7e".into(),
                    created_at: "2026-11-21T09:30:15Z".into(),
                    status: "processing".into(),
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
                    currency: "EUR".into(),
                    subtotal: 2_140.55,
                    tax: 406.7,
                    total: 2_547.25,
                    coupon: None,
                    notes: Some("Please leave the parcel with the neighbours if nobody is at home.".into()),
                }
            }
        }
    };
}

shapes!(models, #[fastweb_macros::model(crate = fastweb_schema)]);
shapes!(plain, #[derive(serde::Serialize)]);
shapes!(derived, #[derive(simd_json_derive::Serialize)]);

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    compare(&mut criterion, "account", &models::account(), &plain::account(), &derived::account());
    compare(&mut criterion, "users", &models::users(), &plain::users(), &derived::users());
    compare(&mut criterion, "order", &models::order(), &plain::order(), &derived::order());
    criterion.final_summary();
}

fn compare<M: Serialize, T: Serialize, D: simd_json_derive::Serialize>(
    criterion: &mut Criterion,
    shape: &str,
    model: &M,
    plain: &T,
    derived: &D,
) {
    let text = serde_json::to_string(plain).expect("the value is right");
    let mut group = criterion.benchmark_group(shape);
    group.throughput(Throughput::Bytes(text.len() as u64));
    let mut out = Vec::new();
    let mut measure = |name: &str, write: &mut dyn FnMut(&mut Vec<u8>)| {
        out.clear();
        write(&mut out);
        assert_eq!(out, text.as_bytes(), "{name} writes something else");
        group.bench_function(name, |b| {
            b.iter(|| {
                out.clear();
                write(black_box(&mut out));
            });
        });
    };
    measure("fastweb model", &mut |out| to_json(black_box(model), out).expect("it is JSON"));
    measure("fastweb plain", &mut |out| to_json(black_box(plain), out).expect("it is JSON"));
    measure("serde_json", &mut |out| serde_json::to_writer(out, black_box(plain)).expect("it is JSON"));
    measure("sonic-rs", &mut |out| sonic_rs::to_writer(out, black_box(plain)).expect("it is JSON"));
    measure("simd-json", &mut |out| simd_json::to_writer(out, black_box(plain)).expect("it is JSON"));
    measure("simd-json-derive", &mut |out| black_box(derived).json_write(out).expect("it is JSON"));
    group.finish();
}
