//! What a start costs: 500 routes in nested scopes, each with five hooks, from the declaration to a server.
//!
//! The application has 10 scopes with 10 scopes in each; every one of those has 5 routes. Two of a route's hooks come from its scopes and
//! one from the application. All of it is built per round, on a control thread that is started and ended with it, as `App::build` does.
//!
//! And 500 routes with a schema of the body and one of the answer, over twenty shared ones each of which leads to all others.
//!
//! ```text
//! cargo bench --bench build
//! ```

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use fastweb::prelude::*;
use fastweb::{App, Scope};
use serde_json::{Value, json};

const OUTER: usize = 10;
const INNER: usize = 10;
const ROUTES: usize = 5;

async fn hook(_: &mut Request) {}

fn show(Path((id, name)): Path<(u64, String)>, _: State<u8>) -> String {
    format!("{id} {name}")
}

fn routes(scope: Scope) -> Scope {
    (0..ROUTES).fold(scope.on_send(hook), |scope, n| {
        scope.route(get(format!("/things-{n}/{{name}}"), show).pre_handler(hook).on_send(hook))
    })
}

/// 500 routes with five hooks each.
fn app() -> App {
    (0..OUTER).fold(App::new().state(1_u8).on_request(hook), |app, outer| {
        app.scope(format!("/part-{outer}/{{id}}"), |scope| {
            (0..INNER).fold(scope.pre_handler(hook), |scope, inner| scope.scope(format!("/in-{inner}"), routes))
        })
    })
}

/// The same routes without a scope and without hooks: what hooks and scopes add.
fn plain() -> App {
    (0..OUTER * INNER * ROUTES).fold(App::new().state(1_u8), |app, n| {
        let (outer, inner, n) = (n / (INNER * ROUTES), n / ROUTES % INNER, n % ROUTES);
        app.get(format!("/part-{outer}/{{id}}/in-{inner}/things-{n}/{{name}}"), show)
    })
}

/// An object with references to others.
fn object(references: &[(&str, usize)]) -> Value {
    let mut properties = json!({
        "id": { "type": "integer", "minimum": 1 },
        "name": { "type": "string", "minLength": 1, "maxLength": 100 },
        "email": { "type": "string", "format": "email" },
        "tags": { "type": "array", "items": { "type": "string", "maxLength": 32 }, "maxItems": 16 },
    });
    for (name, other) in references {
        properties[*name] = json!({ "$ref": format!("shared{}#", other % SHARED) });
    }
    json!({ "type": "object", "properties": properties, "required": ["id", "name"], "additionalProperties": false })
}

const SHARED: usize = 20;

/// 500 routes with schemas.
fn with_schemas() -> App {
    let app = (0..SHARED).fold(App::new(), |app, n| {
        let mut schema = object(&[("next", n + 1), ("other", 7 * n + 3), ("last", 3 * n + 5)]);
        schema["$id"] = format!("shared{n}").into();
        app.add_schema(schema)
    });
    (0..OUTER * INNER * ROUTES).fold(app, |app, n| {
        let create = post(format!("/things-{n}"), async |Json(thing): Json<Value>| Json(thing));
        app.route(create.body(object(&[("of", n)])).response(200, object(&[("of", n)])))
    })
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let build = |app: App| runtime.block_on(app.build()).expect("nothing is wrong with it");
    let lines = build(app()).print_routes();
    let has_hooks = "on_request 1, pre_handler 2, on_send 2";
    assert_eq!(lines.matches(has_hooks).count(), OUTER * INNER * ROUTES, "five hooks on every route");

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut group = criterion.benchmark_group("build");
    for (name, declare) in [
        ("500 routes with 5 hooks each", app as fn() -> App),
        ("500 routes without", plain),
        ("500 routes with schemas", with_schemas),
        ("no route", App::new),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| (), |()| build(black_box(declare())), BatchSize::PerIteration);
        });
    }
    group.finish();
    criterion.final_summary();
}
