//! Shared schemas: inherited, and never leaking.

use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::{object, reasons, server};

fn by_ref(reference: &str) -> Value {
    object(json!({ "v": { "$ref": reference } }))
}

fn query(path: &str, reference: &str) -> Route {
    get(path, async |Query(query): Query<Value>| Json(query)).query(by_ref(reference))
}

#[tokio::test]
async fn a_scope_sees_its_own_and_those_around_it() {
    let app = App::new()
        .add_schema(json!({ "$id": "small", "type": "integer", "maximum": 9 }))
        .scope("/a", |a| {
            a.add_schema(json!({ "$id": "large", "type": "integer", "minimum": 10 }))
                .route(query("/small", "small#"))
                .route(query("/large", "large#"))
                // Siblings may use one name for different schemas.
                .scope("/in", |inner| inner.route(query("/large", "large")))
        })
        .scope("/b", |b| {
            b.add_schema(json!({ "$id": "large", "type": "integer", "minimum": 1000 })).route(query("/large", "large#"))
        });
    let server = server(app).await;
    for path in ["/a/small?v=9", "/a/large?v=10", "/a/in/large?v=10", "/b/large?v=1000"] {
        server.inject(Inject::get(path)).await.assert_status(200);
    }
    for path in ["/a/small?v=10", "/a/large?v=9", "/a/in/large?v=9", "/b/large?v=10"] {
        assert_eq!(reasons(&server.inject(Inject::get(path)).await).len(), 1, "{path}");
    }
}

#[tokio::test]
async fn references_into_shared_schemas_and_in_circles() {
    let app = App::new()
        .add_schema(json!({ "$id": "tree", "type": "object", "properties": {
            "value": { "$ref": "leaf#/properties/value" },
            "children": { "type": "array", "items": { "$ref": "#" } },
        } }))
        .add_schema(json!({ "$id": "leaf", "properties": { "value": { "type": "integer" } } }))
        .route(
            post("/", async |Json(tree): Json<Value>| Json(tree))
                .body(json!({ "$ref": "tree#" }))
                .response(200, json!({ "$ref": "tree#" })),
        );
    let server = server(app).await;
    let tree = json!({ "children": [{ "children": [], "value": 2 }], "value": 1, "secret": 3 });
    let reply = server.inject(Inject::post("/").json(&tree)).await;
    assert_eq!(reply.json::<Value>(), json!({ "children": [{ "children": [], "value": 2 }], "value": 1 }));
    let wrong = json!({ "children": [{ "value": 2 }, { "children": [{ "value": "x" }] }] });
    assert_eq!(
        reasons(&server.inject(Inject::post("/").json(&wrong)).await),
        ["body /children/1/children/0/value type"]
    );
}

/// The judge would compile a schema again for every way that leads to it, and of these there are more than could be gone.
#[tokio::test]
async fn routes_over_schemas_that_all_lead_to_each_other_are_built() {
    let app = (0..20).fold(App::new(), |app, n| {
        let mut properties = json!({ "id": { "type": "integer" } });
        for (name, other) in [("next", n + 1), ("other", 7 * n + 3), ("last", 3 * n + 5)] {
            properties[name] = json!({ "$ref": format!("shared{}#", other % 20) });
        }
        app.add_schema(json!({ "$id": format!("shared{n}"), "properties": properties }))
    });
    let app = (0..20).fold(app, |app, n| {
        let echo = post(format!("/{n}"), async |Json(body): Json<Value>| Json(body));
        app.route(echo.body(json!({ "$ref": format!("shared{n}#") })))
    });
    let server = server(app).await;
    let ask = async |id: Value| {
        server.inject(Inject::post("/3").json(&json!({ "next": { "other": { "last": { "id": id } } } }))).await
    };
    ask(json!(1)).await.assert_status(200);
    assert_eq!(reasons(&ask(json!("1")).await), ["body /next/other/last/id type"]);
}

#[tokio::test]
async fn what_a_plugin_shares_stays_in_its_scope_unless_the_plugin_shares_it() {
    struct Schemas {
        shares: bool,
    }
    impl Plugin for Schemas {
        fn name(&self) -> &str {
            "schemas"
        }

        fn shares_scope(&self) -> bool {
            self.shares
        }

        async fn set_up(self, scope: Scope) -> Result<Scope> {
            Ok(scope.add_schema(json!({ "$id": "id", "type": "integer" })))
        }
    }
    let app = |shares| App::new().plugin(Schemas { shares }).route(query("/", "id#"));
    server(app(true)).await.inject(Inject::get("/?v=1")).await.assert_status(200);
    let error = app(false).build().await.expect_err("it is not shared").to_string();
    assert!(error.contains("there is no schema \"id\""), "{error}");
}

#[tokio::test]
async fn on_route_hooks_see_schemas_and_may_add_some() {
    let limited = |route: Route| match route.schemas().query {
        None => {
            assert!(route.shared_schemas().is_some_and(|shared| shared.get("page").is_some()));
            route.query(json!({ "$ref": "page#" }))
        }
        Some(_) => route,
    };
    let app = App::new()
        .add_schema(json!({ "$id": "page", "properties": { "page": { "type": "integer" } } }))
        .on_route(limited)
        .get("/", "list");
    let server = server(app).await;
    server.inject(Inject::get("/?page=1")).await.assert_text("list");
    assert_eq!(reasons(&server.inject(Inject::get("/?page=x")).await), ["querystring /page type"]);
}
