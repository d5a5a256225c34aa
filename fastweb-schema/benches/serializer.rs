//! Response schemas beside serialisers without schemas: serde_json, sonic-rs and simd-json, for the same values.
//!
//! `value` is a `serde_json::Value`, which all but simd-json write; simd-json writes its own owned value. `typed` is a struct that
//! derives `Serialize`. Everybody writes to the end of a `Vec<u8>` that was large enough the last time. fastweb alone checks and
//! filters what it writes; these values are as their schemas want them, so all write the same.
//!
//! ```text
//! cargo bench -p fastweb-schema --bench serializer              # two minutes
//! cargo bench -p fastweb-schema --bench serializer -- --test    # each body once
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use fastweb_schema::Serializer;
use serde::Serialize;
use serde_json::Value;

#[path = "support/shapes.rs"]
mod shapes;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    compare(&mut criterion, "user", &shapes::user(3), &shapes::user_schema());
    compare(&mut criterion, "users", &shapes::users(), &shapes::users_schema());
    compare(&mut criterion, "order", &shapes::order(), &shapes::order_schema());
    compare(&mut criterion, "article", &shapes::article(), &shapes::article_schema());
    criterion.final_summary();
}

fn compare<T: Serialize>(criterion: &mut Criterion, shape: &str, typed: &T, schema: &Value) {
    let serializer = Serializer::compile(schema).expect("the schema is right");
    let value = serde_json::to_value(typed).expect("the value is right");
    let text = serde_json::to_string(typed).expect("the value is right");
    let tape = &mut text.clone().into_bytes();
    let owned = simd_json::to_owned_value(tape).expect("the text is right");

    let mut group = criterion.benchmark_group(format!("{shape}/value"));
    group.throughput(Throughput::Bytes(text.len() as u64));
    let mut out = Vec::new();
    let mut measure = |name: &str, write: &mut dyn FnMut(&mut Vec<u8>)| {
        out.clear();
        write(&mut out);
        assert_eq!(out.len(), text.len(), "{name} writes something else");
        group.bench_function(name, |b| {
            b.iter(|| {
                out.clear();
                write(black_box(&mut out));
            });
        });
    };
    measure("fastweb", &mut |out| serializer.write_value(black_box(&value), out).expect("it fits"));
    measure("serde_json", &mut |out| serde_json::to_writer(out, black_box(&value)).expect("it is JSON"));
    measure("sonic-rs", &mut |out| sonic_rs::to_writer(out, black_box(&value)).expect("it is JSON"));
    measure("simd-json", &mut |out| simd_json::prelude::Writable::write(black_box(&owned), out).expect("it is JSON"));
    group.finish();

    let mut group = criterion.benchmark_group(format!("{shape}/typed"));
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
    measure("fastweb", &mut |out| serializer.write(black_box(typed), out).expect("it fits"));
    measure("serde_json", &mut |out| serde_json::to_writer(out, black_box(typed)).expect("it is JSON"));
    measure("sonic-rs", &mut |out| sonic_rs::to_writer(out, black_box(typed)).expect("it is JSON"));
    measure("simd-json", &mut |out| simd_json::to_writer(out, black_box(typed)).expect("it is JSON"));
    group.finish();
}
