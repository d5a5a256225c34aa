//! Whole documents.

use fastweb_schema::Registry;
use fastweb_schema::openapi::{Api, Content, ErrorAnswers, Info, Operation, Requirement, Response, SecurityScheme};
use serde_json::{Value, json};

use crate::support::{assert_openapi, violations};

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry
        .add(json!({
            "$id": "user",
            "type": "object",
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "name": { "type": "string", "examples": ["Ada"] },
                "friend": { "$ref": "user#" },
            },
            "required": ["id"],
            "examples": [{ "id": "9a1b2c3d-0000-4000-8000-0123456789ab", "name": "Grace" }],
        }))
        .expect("a schema")
        .add(json!({
            "$id": "page",
            "type": "object",
            "properties": {
                "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20, "description": "How many." },
                "after": { "$ref": "user#/properties/id" },
            },
        }))
        .expect("a schema");
    registry
}

/// One of everything.
fn api() -> Api {
    let mut info = Info::new("Users", "1.0");
    info.summary = Some("Who is who.".into());
    info.description = Some("*Everybody* is in it.".into());
    info.more.insert("license".into(), json!({ "name": "MIT", "identifier": "MIT" }));
    let mut api = Api::new(info);
    api.servers = vec![("https://api.example.com/v1".into(), Some("The real one.".into())), ("/".into(), None)];
    api.tags = vec![("users".into(), Some("People.".into()))];
    api.more.insert("externalDocs".into(), json!({ "url": "https://example.com/docs" }));
    api.security_scheme("token", SecurityScheme::bearer());
    api.security_scheme("password", SecurityScheme::basic());
    api.security_scheme("key", SecurityScheme::api_key("header", "x-api-key"));
    api.security_scheme(
        "oauth",
        SecurityScheme::raw(json!({
            "type": "oauth2",
            "flows": { "clientCredentials": { "tokenUrl": "https://id.example.com/token", "scopes": { "users:write": "Change users." } } },
        })),
    );

    let mut list = Operation::new("GET", "/users");
    list.tags = vec!["users".into()];
    list.summary = Some("All users.".into());
    list.operation_id = Some("listUsers".into());
    list.registry = registry();
    list.query = vec![json!({
        "type": "object",
        "allOf": [{ "$ref": "page#" }],
        "properties": {
            "tag": { "type": "array", "items": { "type": "string" }, "description": "Each of them." },
            "old": { "type": "boolean", "deprecated": true },
        },
        "required": ["tag"],
    })];
    list.headers = vec![json!({ "properties": {
        "x-tenant": { "type": "integer" }, "Accept": { "type": "string" }, "Authorization": {}, "content-type": {},
    }, "required": ["x-tenant"] })];
    list.cookies = vec![json!({ "properties": { "session": { "type": "string" } } })];
    let mut found = Response::new("200", json!({ "type": "array", "items": { "$ref": "user#" } }));
    found.headers = Some(json!({ "properties": {
        "x-total": { "type": "integer", "description": "Of all pages." }, "Content-Type": {},
    }, "required": ["x-total"] }));
    list.responses = vec![found, Response::of("304")];
    api.add(list);

    let mut create = Operation::new("POST", "/users");
    create.tags = vec!["users".into(), "admin".into()];
    create.description = Some("Makes one.".into());
    create.deprecated = true;
    create.registry = registry();
    let mut body = Content::new("application/json", json!({ "$ref": "user#" }));
    body.examples.push(("ada".into(), json!({ "id": "9a1b2c3d-0000-4000-8000-0123456789ab", "name": "Ada" })));
    create.body = vec![body, Content::of("application/xml")];
    create.responses = vec![
        Response::new("201", json!({ "description": "It is made.", "$ref": "user#" })),
        Response::new("409", json!({ "type": "object", "title": "There is one already" })),
        Response::new("2xx", json!({ "type": "null" })),
    ];
    create.security = vec![
        vec![Requirement::new("token")],
        vec![Requirement::new("password"), Requirement::new("key")],
        vec![{
            let mut oauth = Requirement::new("oauth");
            oauth.scopes.push("users:write".into());
            oauth
        }],
        vec![],
    ];
    api.add(create);

    let mut file = Operation::new("PUT", "/files/{owner:uuid}/{*path}");
    file.params = vec![json!({ "properties": { "owner": { "$ref": "user#/properties/id" } } })];
    file.registry = registry();
    file.body = vec![Content::of("*/*")];
    file.body_is_optional = true;
    file.responses = vec![Response::new("204", json!({ "type": "string" }))];
    api.add(file);

    let mut any = Operation::new("GET", "/archive/{year:u16?}");
    any.methods.push("POST".into());
    any.operation_id = Some("archive".into());
    any.responses = vec![Response::new("default", json!(true))];
    api.add(any);

    let mut hidden = Operation::new("GET", "/internal");
    hidden.hidden = true;
    hidden.query = vec![json!({ "$ref": "nowhere#" })];
    api.add(hidden);
    api
}

#[test]
fn one_of_everything_is_valid_and_so_are_its_examples() {
    let api = api();
    let document = api.document().expect("a document");
    assert_openapi(&document);
    assert!(api.left_out().is_empty());

    assert_eq!(document["info"]["license"]["name"], "MIT");
    assert_eq!(
        document["servers"],
        json!([
            { "url": "https://api.example.com/v1", "description": "The real one." },
            { "url": "/" },
        ])
    );
    assert_eq!(document["tags"], json!([{ "name": "users", "description": "People." }, { "name": "admin" }]));
    let paths: Vec<_> = document["paths"].as_object().expect("an object").keys().collect();
    assert_eq!(paths, ["/archive", "/archive/{year}", "/files/{owner}/{path}", "/users"]);

    let list = &document["paths"]["/users"]["get"];
    // Whether members keep their order is the choice of whoever builds the whole program.
    let mut parameters = list["parameters"].as_array().expect("a list").clone();
    parameters.sort_by_key(|parameter| parameter["name"].to_string());
    assert_eq!(
        Value::Array(parameters),
        json!([
            { "in": "query", "name": "after", "schema": { "$ref": "#/components/schemas/user_id" } },
            { "in": "query", "name": "limit", "description": "How many.", "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 20 } },
            { "in": "query", "name": "old", "deprecated": true, "schema": { "type": "boolean" } },
            { "in": "cookie", "name": "session", "schema": { "type": "string" } },
            { "in": "query", "name": "tag", "description": "Each of them.", "required": true, "style": "form", "explode": true,
              "schema": { "type": "array", "items": { "type": "string" } } },
            { "in": "header", "name": "x-tenant", "required": true, "schema": { "type": "integer" } },
        ])
    );
    assert_eq!(list["operationId"], "listUsers");
    assert_eq!(
        list["responses"]["200"]["headers"],
        json!({
            "x-total": { "description": "Of all pages.", "required": true, "schema": { "type": "integer" } },
        })
    );
    assert_eq!(list["responses"]["304"], json!({ "description": "Not Modified" }));
    assert_eq!(list["responses"]["4XX"], json!({ "$ref": "#/components/responses/Error" }));

    let create = &document["paths"]["/users"]["post"];
    assert_eq!((&create["deprecated"], &create["requestBody"]["required"]), (&json!(true), &json!(true)));
    assert_eq!(create["requestBody"]["content"]["application/xml"], json!({}));
    assert_eq!(create["responses"]["201"]["description"], "It is made.");
    assert_eq!(create["responses"]["409"]["description"], "Conflict");
    assert_eq!(create["responses"]["2XX"], json!({ "description": "Success" }));
    assert_eq!(
        create["security"],
        json!([
            { "token": [] }, { "password": [], "key": [] }, { "oauth": ["users:write"] }, {},
        ])
    );

    let file = &document["paths"]["/files/{owner}/{path}"]["put"];
    assert_eq!(file["parameters"][0]["schema"], json!({ "$ref": "#/components/schemas/user_id" }));
    assert_eq!(file["parameters"][1]["description"], "The rest of the path, slashes included.");
    assert_eq!(file["requestBody"], json!({ "content": { "*/*": {} }, "required": false }));
    assert_eq!(file["responses"]["204"], json!({ "description": "No Content" }));

    let archive = &document["paths"]["/archive/{year}"];
    assert_eq!(
        (&archive["get"]["operationId"], &archive["post"]["operationId"]),
        (&json!("archive"), &json!("archivePost"))
    );
    let short = &document["paths"]["/archive"];
    assert_eq!(short["get"]["operationId"], "archiveWithoutYear");
    assert_eq!(short["post"]["operationId"], "archivePostWithoutYear");
    assert_eq!(archive["get"]["responses"].as_object().expect("an object").len(), 1, "`default` is for errors too");
    assert_eq!(archive["get"]["parameters"][0]["schema"]["maximum"], 65535);
}

#[test]
fn the_meta_schemas_find_what_is_wrong() {
    let document = api().document().expect("a document");
    assert_eq!(violations(&document), [""; 0]);
    for (pointer, wrong) in [
        ("/openapi", json!("3.0.0")),
        ("/paths/~1users/get/responses/200/description", json!(1)),
        ("/paths/~1users/get/parameters/0/in", json!("body")),
        ("/components/schemas/user/type", json!("dict")),
        ("/components/schemas/Error/properties/statusCode/minimum", json!("1")),
        ("/components/securitySchemes/token/type", json!("magic")),
    ] {
        let mut document = document.clone();
        *document.pointer_mut(pointer).expect("it is there") = wrong;
        assert_eq!(violations(&document).len(), 1, "{pointer}");
    }
}

#[test]
fn the_order_of_operations_does_not_matter() {
    let mut backwards = api();
    let forwards = backwards.document().expect("a document");
    let empty = Api::new(Info::new("Empty", "0"));
    assert_openapi(&empty.document().expect("a document"));
    let mut operations = Vec::new();
    for path in ["/a/{x}", "/b", "/a/{y}/z"] {
        for method in ["GET", "POST"] {
            let mut operation = Operation::new(method, path);
            operation.body = vec![Content::new(
                "application/json",
                json!({ "title": "Thing", "type": "object", "properties": { "path": { "const": path } } }),
            )];
            operations.push(operation);
        }
    }
    let document = |operations: &[Operation]| {
        let mut api = Api::new(Info::new("x", "1"));
        operations.iter().cloned().for_each(|operation| api.add(operation));
        serde_json::to_string(&api.document().expect("a document")).expect("JSON")
    };
    let first = document(&operations);
    operations.reverse();
    assert_eq!(document(&operations), first);
    backwards.tags.clear();
    assert_ne!(backwards.document().expect("a document"), forwards);
}

#[test]
fn error_answers_have_the_form_that_was_asked_for() {
    let mut api = Api::new(Info::new("x", "1"));
    api.add(Operation::new("GET", "/"));
    let document = api.document().expect("a document");
    assert_openapi(&document);
    let error = &document["components"]["schemas"]["Error"];
    assert_eq!(error["required"], json!(["statusCode", "error", "message"]));
    let content = |document: &Value| document["components"]["responses"]["Error"]["content"].clone();
    assert_eq!(
        content(&document),
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } })
    );

    api.error_answers = ErrorAnswers::Problem;
    let document = api.document().expect("a document");
    assert_openapi(&document);
    assert_eq!(document["components"]["schemas"]["Error"]["properties"]["type"]["default"], "about:blank");

    api.error_answers = ErrorAnswers::Own("text/plain".into(), json!({ "type": "string" }));
    assert_eq!(
        content(&api.document().expect("a document")),
        json!({ "text/plain": { "schema": { "type": "string" } } })
    );

    api.error_answers = ErrorAnswers::None;
    let document = api.document().expect("a document");
    assert_openapi(&document);
    assert_eq!(document.get("components"), None);
    assert_eq!(document["paths"]["/"]["get"]["responses"], json!({ "200": { "description": "OK" } }));
}

#[test]
fn an_operation_may_declare_errors_in_that_form() {
    let mut api = Api::new(Info::new("x", "1"));
    let mut operation = Operation::new("GET", "/");
    operation.responses = vec![Response::error("404", "Nobody has this number.")];
    api.add(operation);
    let document = api.document().expect("a document");
    assert_openapi(&document);
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    let responses = &document["paths"]["/"]["get"]["responses"];
    assert_eq!(responses["404"], json!({ "description": "Nobody has this number.", "content": content }));
    assert_eq!(responses["4XX"], json!({ "$ref": "#/components/responses/Error" }));
    api.error_answers = ErrorAnswers::None;
    let document = api.document().expect("a document");
    assert_eq!(document["paths"]["/"]["get"]["responses"]["404"], json!({ "description": "Nobody has this number." }));
}

#[test]
fn several_schemas_may_name_the_parameters_of_a_part() {
    let mut api = Api::new(Info::new("x", "1"));
    let mut operation = Operation::new("GET", "/{a}/{b}");
    operation.params = vec![
        json!({ "properties": { "a": { "$ref": "#/$defs/a" } }, "$defs": { "a": { "type": "integer" } } }),
        json!({ "properties": { "a": { "type": "string" }, "b": { "type": "boolean" } }, "required": ["a"] }),
    ];
    operation.query =
        vec![json!({ "properties": { "q": {} } }), json!({ "properties": { "q": false }, "required": ["q"] })];
    api.add(operation);
    let document = api.document().expect("a document");
    assert_openapi(&document);
    assert_eq!(
        document["paths"]["/{a}/{b}"]["get"]["parameters"],
        json!([
            { "name": "a", "in": "path", "required": true, "schema": { "$ref": "#/components/schemas/a" } },
            { "name": "b", "in": "path", "required": true, "schema": { "type": "boolean" } },
            { "name": "q", "in": "query", "required": true, "schema": {} },
        ])
    );
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let mut api = Api::new(Info::new("x", "1"));
    let mut one = Operation::new("GET", "/one/{id}");
    one.operation_id = Some("same".into());
    one.query = vec![json!({ "properties": { "a": { "items": { "$ref": "gone#" } } } })];
    one.params = vec![json!({ "$ref": "#/$defs/params" })];
    one.responses = vec![Response::new("600", json!(true)), Response::new("200", json!({ "not": { "$ref": "#x" } }))];
    one.security = vec![vec![Requirement::new("unheard-of")]];
    api.add(one);
    let mut two = Operation::new("POST", "/two");
    two.operation_id = Some("same".into());
    two.registry.add(json!({ "$id": "shared", "properties": { "x": { "$ref": "gone.json#/y" } } })).expect("a schema");
    two.body = vec![Content::new("application/json", json!({ "$ref": "shared#" }))];
    api.add(two);
    let error = api.document().expect_err("much is wrong");
    assert_eq!(
        error.problems(),
        [
            "GET /one/{id} and POST /two have the operation id \"same\"; give each its own",
            "GET /one/{id}, params at /$ref: \"#/$defs/params\": there is no schema at \"/$defs/params\" in the one that it names",
            "GET /one/{id}, query at /properties/a/items/$ref: there is no schema \"gone\"; add it to the registry",
            "GET /one/{id}: the status \"600\" of an answer is none; write a number from 100 to 599, \"2xx\" or \"default\"",
            "GET /one/{id}, the answer 200 application/json at /not/$ref: \"#x\": no schema has the anchor \"x\"",
            "GET /one/{id} asks for the security scheme \"unheard-of\", which nobody has named; `security_scheme` does",
            "the schema \"shared\" at /properties/x/$ref: there is no schema \"gone.json\"; add it to the registry",
        ]
    );
    assert_eq!(error.to_string().lines().count(), error.problems().len());
}
