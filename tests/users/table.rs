//! Requests in their order, and what is answered.

use fastweb::prelude::*;

const ADA: &str = r#"{"age":36,"email":"ada@example.com","name":"Ada","password":"correct horse"}"#;
const GRACE: &str = r#"{"email":"grace@example.com","name":"Grace","password":"battery staple","role":"writer"}"#;

/// Method, path, key, body; status, header `location`, body.
type Row = (&'static str, &'static str, bool, &'static str, u16, Option<&'static str>, &'static str);

const ROWS: &[Row] = &[
    ("GET", "/users", false, "", 200, None, r#"{"total":0,"users":[]}"#),
    (
        "POST",
        "/users",
        false,
        ADA,
        401,
        None,
        r#"{"statusCode":401,"error":"Unauthorized","message":"an API key is missing in the header x-api-key"}"#,
    ),
    // Who has no key does not learn what is wrong with the body.
    (
        "POST",
        "/users",
        false,
        "{",
        401,
        None,
        r#"{"statusCode":401,"error":"Unauthorized","message":"an API key is missing in the header x-api-key"}"#,
    ),
    (
        "POST",
        "/users",
        true,
        ADA,
        201,
        Some("/users/1"),
        r#"{"age":36,"email":"ada@example.com","id":1,"name":"Ada","role":"reader"}"#,
    ),
    (
        "POST",
        "/users",
        true,
        GRACE,
        201,
        Some("/users/2"),
        r#"{"email":"grace@example.com","id":2,"name":"Grace","role":"writer"}"#,
    ),
    (
        "POST",
        "/users",
        true,
        ADA,
        409,
        None,
        r#"{"statusCode":409,"code":"EMAIL_TAKEN","error":"Conflict","message":"this address has a user already"}"#,
    ),
    (
        "GET",
        "/users/1",
        false,
        "",
        200,
        None,
        r#"{"age":36,"email":"ada@example.com","id":1,"name":"Ada","role":"reader"}"#,
    ),
    (
        "GET",
        "/users/3",
        false,
        "",
        404,
        None,
        r#"{"statusCode":404,"code":"USER_NOT_FOUND","error":"Not Found","message":"there is no user 3"}"#,
    ),
    (
        "GET",
        "/users/x",
        false,
        "",
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"params/id must be integer","details":[{"in":"params","pointer":"/id","keyword":"type","message":"must be integer"}]}"#,
    ),
    (
        "GET",
        "/users/-1",
        false,
        "",
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"params/id must be >= 0","details":[{"in":"params","pointer":"/id","keyword":"minimum","message":"must be >= 0"}]}"#,
    ),
    (
        "GET",
        "/users?limit=1&offset=1",
        false,
        "",
        200,
        None,
        r#"{"total":2,"users":[{"email":"grace@example.com","id":2,"name":"Grace","role":"writer"}]}"#,
    ),
    (
        "GET",
        "/users?role=reader",
        false,
        "",
        200,
        None,
        r#"{"total":1,"users":[{"age":36,"email":"ada@example.com","id":1,"name":"Ada","role":"reader"}]}"#,
    ),
    (
        "GET",
        "/users?limit=0&offset=x",
        false,
        "",
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"querystring/limit must be >= 1, querystring/offset must be integer","details":[{"in":"querystring","pointer":"/limit","keyword":"minimum","message":"must be >= 1"},{"in":"querystring","pointer":"/offset","keyword":"type","message":"must be integer"}]}"#,
    ),
    (
        "GET",
        "/users?role=owner",
        false,
        "",
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"querystring/role must be equal to one of the allowed values","details":[{"in":"querystring","pointer":"/role","keyword":"enum","message":"must be equal to one of the allowed values"}]}"#,
    ),
    (
        "POST",
        "/users",
        true,
        r#"{"age":151,"email":"nobody","name":"","password":"short"}"#,
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"body/age must be <= 150, body/email must match format \"email\", body/name must NOT have fewer than 1 characters, body/password must NOT have fewer than 8 characters","details":[{"in":"body","pointer":"/age","keyword":"maximum","message":"must be <= 150"},{"in":"body","pointer":"/email","keyword":"format","message":"must match format \"email\""},{"in":"body","pointer":"/name","keyword":"minLength","message":"must NOT have fewer than 1 characters"},{"in":"body","pointer":"/password","keyword":"minLength","message":"must NOT have fewer than 8 characters"}]}"#,
    ),
    (
        "POST",
        "/users",
        true,
        r#"{"email":"a@example.com","name":"A","password":"correct horse","admin":true}"#,
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"body must NOT have additional properties","details":[{"in":"body","pointer":"","keyword":"additionalProperties","message":"must NOT have additional properties"}]}"#,
    ),
    (
        "POST",
        "/users",
        true,
        r#"{"email":"a@example.com","name":"A"}"#,
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_VALIDATION","error":"Bad Request","message":"body must have required property 'password'","details":[{"in":"body","pointer":"","keyword":"required","message":"must have required property 'password'"}]}"#,
    ),
    // Integral floats are integers; lengths count code points; `null` is allowed where the schema says so.
    (
        "POST",
        "/users",
        true,
        r#"{"age":7.0,"email":"a@example.com","name":"ÄÄ","password":"ääääääää"}"#,
        201,
        Some("/users/3"),
        r#"{"age":7,"email":"a@example.com","id":3,"name":"ÄÄ","role":"reader"}"#,
    ),
    (
        "POST",
        "/users",
        true,
        r#"{"age":null,"email":"b@example.com","name":"B","password":"ääääääää"}"#,
        201,
        Some("/users/4"),
        r#"{"email":"b@example.com","id":4,"name":"B","role":"reader"}"#,
    ),
    (
        "POST",
        "/users",
        true,
        r#"{"name":"A","name":"B"}"#,
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_INVALID_JSON","error":"Bad Request","message":"The body is not valid JSON: the object has this name twice at line 1 column 13"}"#,
    ),
    (
        "POST",
        "/users",
        true,
        "{",
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_INVALID_JSON","error":"Bad Request","message":"The body is not valid JSON: it ends too early at line 1 column 2"}"#,
    ),
    (
        "POST",
        "/users",
        true,
        "",
        400,
        None,
        r#"{"statusCode":400,"code":"FW_ERR_EMPTY_JSON_BODY","error":"Bad Request","message":"The body cannot be empty where the content-type is JSON"}"#,
    ),
    (
        "PUT",
        "/users/2",
        true,
        r#"{"email":"hopper@example.com","name":"Grace","password":"battery staple"}"#,
        200,
        None,
        r#"{"email":"hopper@example.com","id":2,"name":"Grace","role":"reader"}"#,
    ),
    (
        "PUT",
        "/users/2",
        true,
        ADA,
        409,
        None,
        r#"{"statusCode":409,"code":"EMAIL_TAKEN","error":"Conflict","message":"this address has a user already"}"#,
    ),
    (
        "PUT",
        "/users/9",
        true,
        GRACE,
        404,
        None,
        r#"{"statusCode":404,"code":"USER_NOT_FOUND","error":"Not Found","message":"there is no user 9"}"#,
    ),
    (
        "DELETE",
        "/users/1",
        false,
        "",
        401,
        None,
        r#"{"statusCode":401,"error":"Unauthorized","message":"an API key is missing in the header x-api-key"}"#,
    ),
    ("DELETE", "/users/1", true, "", 204, None, ""),
    (
        "DELETE",
        "/users/1",
        true,
        "",
        404,
        None,
        r#"{"statusCode":404,"code":"USER_NOT_FOUND","error":"Not Found","message":"there is no user 1"}"#,
    ),
    (
        "PATCH",
        "/users/2",
        true,
        "",
        405,
        None,
        r#"{"statusCode":405,"code":"FW_ERR_METHOD_NOT_ALLOWED","error":"Method Not Allowed","message":"Route PATCH:/users/2 not found; this path has GET, HEAD, PUT, DELETE, OPTIONS"}"#,
    ),
];

pub(crate) async fn run(app: App) {
    let server = app.build().await.expect("a valid application");
    let mut faults = Vec::new();
    for (method, path, key, body, status, location, answer) in ROWS {
        let mut request = Inject::new(*method, *path);
        if *key {
            request = request.header("x-api-key", "secret");
        }
        if matches!(*method, "POST" | "PUT") {
            request = request.header("content-type", "application/json").body(*body);
        }
        let reply = server.inject(request).await;
        let got = (reply.status().as_u16(), reply.header("location"), reply.text());
        if got != (*status, *location, *answer) {
            faults.push(format!("{method} {path} {body}\n  got  {got:?}\n  want {:?}", (status, location, answer)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
