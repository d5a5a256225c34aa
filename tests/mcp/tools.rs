//! What clients are told.

use fastweb::mcp::Tool;
use fastweb::model;
use fastweb::prelude::*;
use serde_json::{Value, json};

use crate::{ask, message};

#[model]
struct Order {
    /// How many.
    #[schema(minimum = 1)]
    count: u32,
    to: Address,
}

#[model]
struct Address {
    city: String,
}

#[model]
struct Options {
    dry: Option<bool>,
    tag: Vec<String>,
}

/// Orders something.
///
/// It comes tomorrow.
#[put("/shops/{shop}/orders/{id?}", mcp)]
async fn place_order(shop: &str, id: Option<u32>, Query(options): Query<Options>, Json(order): Json<Order>) -> String {
    format!("{shop} {id:?} {:?} {:?} {} {}", options.dry, options.tag, order.count, order.to.city)
}

fn tool(tools: &Value, name: &str) -> Value {
    let mut found = tools["tools"].as_array().into_iter().flatten().filter(|tool| tool["name"] == name);
    found.next().unwrap_or_else(|| panic!("{name} is none of {tools:#}")).clone()
}

#[tokio::test]
async fn a_route_says_all_about_its_tool() {
    let app =
        App::new().plugin(Mcp::new("shop", "2.1").instructions("Buy things.")).route(place_order).get("/other", "x");
    let server = app.build().await.unwrap_or_else(|error| panic!("{error}"));
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let info = ask(&server, "initialize", params).await;
    assert_eq!(info["protocolVersion"], "2025-06-18");
    assert_eq!((&info["serverInfo"]["name"], &info["serverInfo"]["version"]), (&json!("shop"), &json!("2.1")));
    assert_eq!(info["instructions"], "Buy things.");
    assert!(info["capabilities"]["tools"].is_object() && info["capabilities"].get("resources").is_none(), "{info}");
    ask(&server, "ping", json!({})).await;
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let notification = message("", Value::Null).json(&initialized);
    server.inject(notification).await.assert_status(202);

    let tools = ask(&server, "tools/list", json!({})).await;
    assert_eq!(tools["tools"].as_array().map(Vec::len), Some(1), "others did not ask for it");
    let tool = tool(&tools, "place_order");
    assert_eq!(tool["title"], "Orders something.");
    assert_eq!(tool["description"], "Orders something.\n\nIt comes tomorrow.");
    let hints = &tool["annotations"];
    assert_eq!([&hints["readOnlyHint"], &hints["destructiveHint"], &hints["idempotentHint"]], [false, true, true]);
    let schema = &tool["inputSchema"];
    assert_eq!((&schema["type"], &schema["additionalProperties"]), (&json!("object"), &json!(false)));
    let properties: Vec<_> = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| &**name).collect();
    assert_eq!(properties, ["body", "dry", "id", "shop", "tag"]);
    let mut required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    required.sort_unstable();
    assert_eq!(required, ["body", "shop", "tag"]);
    assert!(schema["properties"]["id"]["type"].to_string().contains("integer"), "{schema:#}");
    // A schema that stands for itself: it is one, and takes what the route takes.
    let validator =
        fastweb::schema::Registry::new().compile(schema).unwrap_or_else(|error| panic!("{error}: {schema:#}"));
    let good = json!({ "shop": "a", "tag": ["x"], "body": { "count": 1, "to": { "city": "b" } } });
    let is_valid = |value: &Value| {
        let document = fastweb::schema::Document::parse(value.to_string().as_bytes()).expect("JSON");
        validator.is_valid(&document)
    };
    assert!(is_valid(&good), "{schema:#}");
    for (pointer, wrong) in
        [("/body/count", json!(0)), ("/body/to/city", json!(7)), ("/id", json!("x")), ("/more", json!(1))]
    {
        let mut value = good.clone();
        match value.pointer_mut(pointer) {
            Some(place) => *place = wrong,
            None => drop(value.as_object_mut().map(|object| object.insert(pointer[1..].into(), wrong))),
        }
        assert!(!is_valid(&value), "{pointer}");
    }
}

#[tokio::test]
async fn a_tool_may_say_it_otherwise_and_a_scope_for_all_its_routes() {
    let named = Tool::new().name("shop.search").title("Search").description("Finds things.").read_only(true);
    let app = App::new()
        .plugin(Mcp::new("shop", "1"))
        .route(post("/search", |words: String| words).config(named))
        .route(get("/a/{id}", |Path(id): Path<u64>| id.to_string()).operation_id("showA").mcp())
        .scope("/all", |scope| {
            scope.config(Tool::new()).get("/one", || "one").delete("/two/{n}", |Path(n): Path<u8>| n.to_string())
        });
    let server = app.build().await.unwrap_or_else(|error| panic!("{error}"));
    let tools = ask(&server, "tools/list", json!({})).await;
    let mut names: Vec<_> =
        tools["tools"].as_array().into_iter().flatten().filter_map(|tool| tool["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["delete_all_two_n", "get_all_one", "shop.search", "showA"]);
    let search = tool(&tools, "shop.search");
    assert_eq!((&search["title"], &search["description"]), (&json!("Search"), &json!("Finds things.")));
    assert_eq!(search["annotations"]["readOnlyHint"], true);
}

#[tokio::test]
async fn what_cannot_be_told_is_an_error_of_the_start() {
    async fn problem(app: App) -> String {
        app.plugin(Mcp::new("x", "1")).build().await.expect_err("it cannot start").to_string()
    }
    let twice = App::new()
        .route(get("/a", "a").config(Tool::new().name("x")))
        .route(get("/b", "b").config(Tool::new().name("x")));
    let twice = problem(twice).await;
    assert!(twice.contains("two tools are called \"x\", GET /a and GET /b"), "{twice}");
    let named = problem(App::new().route(get("/a", "a").config(Tool::new().name("a b")))).await;
    assert!(named.contains("is a tool whose name \"a b\" is none"), "{named}");
    let body = get("/{body}", |Path(body): Path<String>| body).config(Tool::new().name("x"));
    let both = problem(App::new().route(body.query(json!({ "type": "object", "properties": { "body": {} } })))).await;
    assert!(both.contains("two of its arguments are called \"body\""), "{both}");
    let nobody =
        App::new().plugin(Mcp::new("x", "1").hosts([""; 0])).build().await.expect_err("nobody may ask").to_string();
    assert!(nobody.contains("no host may ask"), "{nobody}");
}
