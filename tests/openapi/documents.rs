//! From routes to documents.

use fastweb::openapi::{ErrorAnswers, OpenApiDocuments, Select};
use fastweb::prelude::*;
use fastweb::{ApiKey, ApiKeyScheme, Basic, Bearer, KeyIn};
use serde_json::{Value, json};

use crate::check::assert_openapi;
use crate::{document, users};

#[tokio::test]
async fn it_says_what_routes_know() {
    let app = App::new()
        .plugin(users().description("Who is who.").server("https://api.example.com").tag("people", "All of them."))
        .route(
            put("/users/{id:u32}", |_: Path<u32>, _: Json<Value>| "x")
                .tag("people")
                .tag("admin")
                .summary("Changes a user.")
                .description("At once.")
                .operation_id("changeUser")
                .deprecated()
                .params(json!({ "properties": { "id": { "type": "integer", "minimum": 1, "description": "Whose." } } }))
                .query(json!({ "properties": { "notify": { "type": "boolean", "default": false } } }))
                .headers(json!({ "properties": { "X-Reason": { "type": "string" } }, "required": ["X-Reason"] }))
                .body_as("application/json", json!({ "type": "object", "examples": [{}] }))
                .body_as("text/*", json!({ "type": "string" }))
                .response(200, json!({ "type": "string", "description": "It is done." }))
                .response("4xx", json!({ "type": "object" })),
        )
        .route(get("/health", "ok").hidden())
        .not_found("nothing");
    let document = document(app).await;
    assert_eq!(document["info"], json!({ "title": "Users", "version": "1.0", "description": "Who is who." }));
    assert_eq!(document["servers"], json!([{ "url": "https://api.example.com" }]));
    assert_eq!(document["tags"], json!([{ "name": "people", "description": "All of them." }, { "name": "admin" }]));
    assert_eq!(document["paths"].as_object().map(serde_json::Map::len), Some(1), "neither hidden ones nor the page");
    let parameters = json!([
        { "in": "path", "name": "id", "required": true, "description": "Whose.", "schema": { "type": "integer", "minimum": 1 } },
        { "in": "query", "name": "notify", "schema": { "type": "boolean", "default": false } },
        { "in": "header", "name": "X-Reason", "required": true, "schema": { "type": "string" } },
    ]);
    let content = json!({
        "application/json": { "schema": { "type": "object", "examples": [{}] } },
        "text/*": { "schema": { "type": "string" } },
    });
    assert_eq!(
        document["paths"]["/users/{id}"]["put"],
        json!({
            "tags": ["people", "admin"],
            "summary": "Changes a user.",
            "description": "At once.",
            "operationId": "changeUser",
            "deprecated": true,
            "parameters": parameters,
            "requestBody": { "required": true, "content": content },
            "responses": {
                "200": {
                    "description": "It is done.",
                    "content": { "application/json": { "schema": { "type": "string", "description": "It is done." } } },
                },
                "4XX": { "description": "Error in the request", "content": { "application/json": { "schema": { "type": "object" } } } },
                "5XX": { "$ref": "#/components/responses/Error" },
            },
        })
    );
}

#[tokio::test]
async fn arguments_say_what_bodies_are_and_the_route_what_its_status_is() {
    let form = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let app = App::new()
        .plugin(users())
        .route(post("/json", |_: Json<Value>| "x").status(201))
        .post("/text", |_: String| "x")
        .post("/bytes", |_: fastweb::Bytes| "x")
        .route(post("/form", |_: Form<Vec<(String, String)>>| "x").body(form.clone()))
        .route(
            post("/schema", "x")
                .body(json!({ "type": "integer" }))
                .status(202)
                .response("2xx", json!({ "type": "null" })),
        )
        .post("/none", "x");
    let document = document(app).await;
    let operation = |path: &str| document["paths"][path]["post"].clone();
    let content = |path: &str| operation(path)["requestBody"]["content"].clone();
    assert_eq!(content("/json"), json!({ "application/json": {} }));
    assert_eq!(content("/text"), json!({ "text/plain": {} }));
    assert_eq!(content("/bytes"), json!({ "*/*": {} }));
    assert_eq!(content("/form"), json!({ "application/x-www-form-urlencoded": { "schema": form } }));
    assert_eq!(content("/schema"), json!({ "application/json": { "schema": { "type": "integer" } } }));
    assert_eq!(operation("/none").get("requestBody"), None);
    assert_eq!(operation("/json")["responses"]["201"], json!({ "description": "Created" }));
    assert_eq!(operation("/json")["responses"].get("200"), None);
    let statuses: Vec<_> = operation("/schema")["responses"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(statuses, ["2XX", "4XX", "5XX"], "202 is one of 2XX");
}

/// Somebody.
#[fastweb::model]
struct NewUser {
    #[schema(min_length = 1)]
    name: String,
    home: Option<Address>,
}

#[fastweb::model]
struct Address {
    street: String,
}

#[fastweb::model]
struct Filter {
    /// Whose.
    owner: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

#[fastweb::model]
struct Place {
    row: u8,
}

#[tokio::test]
async fn arguments_that_are_models_describe_themselves() {
    let app = App::new()
        .plugin(users())
        .post("/rows/{row}", |_: Path<Place>, _: Query<Filter>, _: Json<NewUser>| "x")
        .post("/maybe", |_: Option<Json<Vec<NewUser>>>| "x")
        .post("/form", |_: Form<Filter>| "x")
        .route(post("/own", |_: Json<NewUser>| "x").body(json!({ "type": "object" })));
    let document = document(app).await;
    let row = &document["paths"]["/rows/{row}"]["post"];
    assert_eq!(
        row["parameters"],
        json!([
            { "in": "path", "name": "row", "required": true, "schema": { "type": "integer", "minimum": 0, "maximum": 255 } },
            { "in": "query", "name": "owner", "description": "Whose.", "schema": { "type": "string" } },
            { "in": "query", "name": "tags", "style": "form", "explode": true,
              "schema": { "type": "array", "items": { "type": "string" }, "default": [] } },
        ])
    );
    let body = |path: &str| document["paths"][path]["post"]["requestBody"].clone();
    let user = json!({ "$ref": "#/components/schemas/NewUser" });
    assert_eq!(body("/rows/{row}"), json!({ "required": true, "content": { "application/json": { "schema": user } } }));
    assert_eq!(body("/maybe")["required"], false);
    assert_eq!(body("/maybe")["content"]["application/json"]["schema"]["items"], user);
    assert_eq!(
        body("/form")["content"]["application/x-www-form-urlencoded"]["schema"],
        json!({ "$ref": "#/components/schemas/Filter" })
    );
    assert_eq!(body("/own")["content"]["application/json"]["schema"], json!({ "type": "object" }));
    assert_eq!(document["components"]["schemas"]["NewUser"]["description"], "Somebody.");
    assert!(document["components"]["schemas"]["Address"].is_object());
}

#[derive(Debug, ApiError)]
enum Missing {
    #[error(status = 404, code = "NO_SUCH_USER", message = "no user {id}")]
    User { id: u32 },
    #[error(status = 404, code = "NO_SUCH_HOME", message = "no home")]
    Home,
}

#[put("/users/{id}", status = 202)]
async fn change(id: u32, new: Json<NewUser>) -> Result<Json<NewUser>, Missing> {
    match id {
        0 => Err(Missing::User { id }),
        1 => Err(Missing::Home),
        _ => Ok(new),
    }
}

#[get("/users")]
fn list() -> Json<Vec<NewUser>> {
    Json(Vec::new())
}

#[delete("/users/{id}")]
fn remove(id: u32) -> NoContent {
    let _ = id;
    NoContent
}

#[tokio::test]
async fn functions_say_what_they_answer_with() {
    let app = App::new().plugin(users()).route(change).route(list).route(remove);
    let document = document(app).await;
    let user = json!({ "$ref": "#/components/schemas/NewUser" });
    let error = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    let put = &document["paths"]["/users/{id}"]["put"];
    assert_eq!(
        put["parameters"][0]["schema"],
        json!({ "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 })
    );
    let responses = &put["responses"];
    let statuses: Vec<_> = responses.as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["202", "404", "4XX", "5XX"]);
    assert_eq!(responses["202"]["content"]["application/json"]["schema"], user);
    assert_eq!(responses["404"]["content"], error);
    assert_eq!(responses["404"]["description"], "`NO_SUCH_USER`: no user {id}\n\n`NO_SUCH_HOME`: no home");
    let listed = &document["paths"]["/users"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(listed["items"], user);
    assert_eq!(document["paths"]["/users/{id}"]["delete"]["responses"]["204"], json!({ "description": "No Content" }));
}

#[tokio::test]
async fn schemas_that_scopes_share_are_components() {
    let body = || json!({ "type": "array", "items": { "$ref": "thing#" } });
    let app = App::new()
        .plugin(users())
        .add_schema(json!({ "$id": "id", "type": "integer" }))
        .scope("/a", |a| {
            a.add_schema(json!({ "$id": "thing", "type": "object", "properties": { "id": { "$ref": "id#" } } }))
                .route(post("/", "x").body(body()))
        })
        .scope("/b", |b| b.add_schema(json!({ "$id": "thing", "type": "string" })).route(post("/", "x").body(body())));
    let document = document(app).await;
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["thing"]["properties"]["id"]["$ref"], "#/components/schemas/id");
    assert_eq!(schemas["thing2"], json!({ "type": "string" }));
    let items = |path: &str| {
        document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["items"].clone()
    };
    assert_eq!(items("/a"), json!({ "$ref": "#/components/schemas/thing" }));
    assert_eq!(items("/b"), json!({ "$ref": "#/components/schemas/thing2" }));
}

#[tokio::test]
async fn fastify_mode_has_draft_7() {
    let schema = json!({ "items": [{ "type": "string" }], "additionalItems": false });
    let app = App::new().fastify_mode().plugin(users()).route(post("/", "x").body(schema));
    let document = document(app).await;
    assert_eq!(
        document["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"],
        json!({ "prefixItems": [{ "type": "string" }], "items": false })
    );
}

macro_rules! key {
    ($name:ident, $place:ident, $key:literal) => {
        struct $name;
        impl ApiKeyScheme for $name {
            const PLACE: KeyIn = KeyIn::$place;
            const NAME: &'static str = $key;
        }
    };
}
key!(InHeader, Header, "key");
key!(InQuery, Query, "key");
key!(InCookie, Cookie, "the key");

#[tokio::test]
async fn who_asks_is_said_by_schemes() {
    let app = App::new()
        .plugin(users().with(|api| {
            api.security_scheme(
                "login",
                fastweb::openapi::SecurityScheme::raw(
                    json!({ "type": "openIdConnect", "openIdConnectUrl": "https://id.example.com/" }),
                ),
            );
        }))
        .get("/one", |_: Bearer| "x")
        .get("/both", |_: Bearer, _: ApiKey<InHeader>| "x")
        .get("/maybe", |_: Option<Basic>| "x")
        .get("/other", |_: ApiKey<InQuery>, _: Option<ApiKey<InCookie>>| "x")
        .get("/open", "x");
    let document = document(app).await;
    let security = |path: &str| document["paths"][path]["get"]["security"].clone();
    assert_eq!(security("/one"), json!([{ "bearer": [] }]));
    assert_eq!(security("/both"), json!([{ "bearer": [], "key": [] }]));
    assert_eq!(security("/maybe"), json!([{ "basic": [] }, {}]));
    assert_eq!(security("/other"), json!([{ "key2": [], "the_key": [] }, { "key2": [] }]));
    assert_eq!(security("/open"), Value::Null);
    assert_eq!(
        document["components"]["securitySchemes"],
        json!({
            "basic": { "type": "http", "scheme": "basic" },
            "bearer": { "type": "http", "scheme": "bearer" },
            "key": { "type": "apiKey", "in": "header", "name": "key" },
            "key2": { "type": "apiKey", "in": "query", "name": "key" },
            "the_key": { "type": "apiKey", "in": "cookie", "name": "the key" },
            "login": { "type": "openIdConnect", "openIdConnectUrl": "https://id.example.com/" },
        })
    );
}

#[tokio::test]
async fn there_may_be_several_documents_of_parts() {
    let app = App::new()
        .plugin(
            users()
                .path("/spec.json")
                .only(Select::prefix("/v2/"))
                .document("old", Select::by(|route| route.doc().deprecated))
                .document("admin", Select::tag("admin")),
        )
        .route(get("/v1", "x").deprecated())
        .route(get("/v2", "x").tag("admin"))
        .get("/v2/users", "x")
        .get("/v20", "x");
    let server = app.build().await.unwrap();
    let mut found = Vec::new();
    for path in ["/spec.json", "/spec/old.json", "/spec/admin.json"] {
        let reply = server.inject(Inject::get(path)).await;
        reply
            .assert_status(200)
            .assert_header("content-type", "application/json; charset=utf-8")
            .assert_header("cache-control", "no-cache");
        let document = reply.json::<Value>();
        assert_openapi(&document);
        let paths = document["paths"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        found.push((document["info"]["title"].as_str().unwrap().to_owned(), paths.join(" ")));
    }
    let expected = [("Users", "/v2 /v2/users"), ("Users (old)", "/v1"), ("Users (admin)", "/v2")];
    assert_eq!(found, expected.map(|(title, paths)| (title.to_owned(), paths.to_owned())));
    let documents = server.get_state::<OpenApiDocuments>().unwrap();
    assert_eq!(documents.get(Some("old")).unwrap()["paths"]["/v1"]["get"]["deprecated"], true);
    assert!(documents.get(Some("new")).is_none());
    server.inject(Inject::get("/openapi.json")).await.assert_status(404);
    let page = server.inject(Inject::get("/docs")).await;
    for url in ["spec.json", "spec/old.json", "spec/admin.json"] {
        assert!(page.text().contains(&format!("&quot;{url}&quot;")), "{}", page.text());
    }
}

#[tokio::test]
async fn within_a_scope_it_describes_that_scope() {
    let app = App::new()
        .get("/outside", "x")
        .scope("/v1/{team}", |v1| v1.plugin(users()).get("/users", "x").scope("/deep", |deep| deep.get("/x", "x")));
    let server = app.build().await.unwrap();
    assert!(server.openapi().is_none(), "the application itself has none");
    let document = server.inject(Inject::get("/v1/red/openapi.json")).await.json::<Value>();
    assert_openapi(&document);
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/v1/{team}/deep/x", "/v1/{team}/users"]);
    server.inject(Inject::get("/v1/red/docs")).await.assert_status(200);
}

#[tokio::test]
async fn errors_are_described_as_the_application_answers_them() {
    let app = App::new().error_format(fastweb::ErrorFormat::Problem);
    let app = app
        .plugin(users().error_answers(ErrorAnswers::Problem))
        .route(post("/", "x").body(json!({ "type": "object" })));
    let server = app.build().await.unwrap();
    let document = server.openapi().unwrap();
    assert_openapi(&document);
    let reply = server.inject(Inject::post("/").json(&json!(1))).await;
    reply.assert_status(400).assert_header("content-type", "application/problem+json");
    let validator = crate::check::compile(&document, "/components/schemas/Error");
    assert!(validator.is_valid(&fastweb::schema::Document::from(&reply.json::<Value>())), "{}", reply.text());

    let app = App::new().plugin(users()).route(post("/", "x").body(json!({ "type": "object" })));
    let server = app.build().await.unwrap();
    let reply = server.inject(Inject::post("/").json(&json!(1))).await;
    let validator = crate::check::compile(&server.openapi().unwrap(), "/components/schemas/Error");
    assert!(validator.is_valid(&fastweb::schema::Document::from(&reply.json::<Value>())), "{}", reply.text());
    assert!(!validator.is_valid(&fastweb::schema::Document::from(&json!({ "statusCode": 400 }))));
}

#[tokio::test]
async fn paths_of_every_kind() {
    let app = App::new()
        .plugin(users())
        .get("/archive/{year:u16?}", "x")
        .get("/files/{*path}", "x")
        .route(fastweb::any("/any", "x"));
    let document = document(app).await;
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/any", "/archive", "/archive/{year}", "/files/{path}"]);
    assert_eq!(document["paths"]["/any"].as_object().unwrap().len(), 7);
}
