//! jsonschema's validators that are compiled with the program, beside those that are compiled at start-up. The bodies and schemas are those of
//! `../../benches/validator.rs`, and so are the names of the benches.
//!
//! ```text
//! cargo bench --manifest-path fastweb-schema/rivals/Cargo.toml
//! ```

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::Value;

#[path = "../../benches/support/bodies.rs"]
mod bodies;

use bodies::{order, order_schema, user, user_schema};

#[jsonschema::validator(path = "../benches/support/user.schema.json", validate_formats = true)]
struct UserMacro;

#[jsonschema::validator(path = "../benches/support/order.schema.json", validate_formats = true)]
struct OrderMacro;

fn validate(c: &mut Criterion) {
    type Compiled = fn(&Value) -> bool;
    for (name, body, schema, compiled) in [
        ("user", user(), user_schema(), UserMacro::is_valid as Compiled),
        ("order", order(), order_schema(), OrderMacro::is_valid as Compiled),
    ] {
        let mut group = c.benchmark_group(format!("validate/{name}"));
        let judge = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
        let value: Value = serde_json::from_str(&body).expect("JSON");
        let wrong = Value::Array(vec![value.clone()]);
        assert!(judge.is_valid(&value) && compiled(&value) && !compiled(&wrong));
        group.bench_function("jsonschema", |b| b.iter(|| black_box(judge.is_valid(black_box(&value)))));
        group.bench_function("jsonschema's macro", |b| b.iter(|| black_box(compiled(black_box(&value)))));
        group.finish();
    }
}

criterion_group!(benches, validate);
criterion_main!(benches);
