//! Credentials as arguments.

use fastweb::prelude::*;
use fastweb::{ApiKey, ApiKeyScheme, Basic, Bearer, KeyIn, SecurityScheme};

macro_rules! keys {
    ($($name:ident $place:ident $key:literal,)+) => {$(
        struct $name;

        impl ApiKeyScheme for $name {
            const PLACE: KeyIn = KeyIn::$place;
            const NAME: &'static str = $key;
        }
    )+};
}

keys! {
    InHeader Header "x-api-key",
    InQuery Query "api key",
    InCookie Cookie "key",
}

struct Caller(String);

#[dependency]
fn caller(token: Bearer) -> Result<Caller> {
    if token.is("t-1") { Ok(Caller("ada".into())) } else { Err(Bearer::refused()) }
}

async fn server() -> Server {
    App::new()
        .get("/basic", |basic: Basic| format!("{:?} {} {}", basic, basic.password(), basic.is("ada", "l:ove")))
        .get("/bearer", |bearer: Bearer| bearer.token().to_owned())
        .get("/header", |key: ApiKey<InHeader>| key.key().to_owned())
        .get("/query", |key: ApiKey<InQuery>| key.key().to_owned())
        .get("/cookie", |key: ApiKey<InCookie>| key.key().to_owned())
        .get("/caller", |caller: Dep<Caller>| caller.0.clone())
        .get("/maybe", |bearer: Option<Bearer>| bearer.is_some().to_string())
        .build()
        .await
        .unwrap()
}

#[tokio::test]
async fn given() {
    let server = server().await;
    let with = |path, name, value| server.inject(Inject::get(path).header(name, value));
    let reply = with("/basic", "authorization", "Basic YWRhOmw6b3Zl").await;
    assert_eq!(reply.text(), r#"Basic { user: "ada", .. } l:ove true"#);
    assert_eq!(with("/basic", "Authorization", "bASIC  YWRhOg==").await.status(), 200);
    assert_eq!(with("/bearer", "authorization", "bearer a.b-c_d~e+f/g==").await.text(), "a.b-c_d~e+f/g==");
    assert_eq!(with("/header", "X-API-Key", "k").await.text(), "k");
    assert_eq!(server.inject(Inject::get("/query?a=1&api+key=k%20k")).await.text(), "k k");
    assert_eq!(with("/cookie", "cookie", "a=1; key=k=k; mykey=2").await.text(), "k=k");
    assert_eq!(with("/cookie", "cookie", "key=\"quoted\"").await.text(), "quoted");
    assert_eq!(with("/caller", "authorization", "Bearer t-1").await.text(), "ada");
    assert_eq!(with("/maybe", "authorization", "Bearer t").await.text(), "true");
    assert_eq!(server.inject(Inject::get("/maybe")).await.text(), "false");
}

#[tokio::test]
async fn missing_wrong_or_given_twice_is_401_with_the_challenge() {
    let server = server().await;
    for (path, challenge) in [
        ("/basic", r#"Basic realm="api", charset="UTF-8""#),
        ("/bearer", r#"Bearer realm="api""#),
        ("/header", r#"ApiKey in="header", name="x-api-key""#),
        ("/query", r#"ApiKey in="query", name="api key""#),
        ("/cookie", r#"ApiKey in="cookie", name="key""#),
    ] {
        let authorizations = [
            "",
            "Basic",
            "Basic ",
            "Basic !",
            "Basic YWRh",
            "Basic /w==",
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer ==",
            "Digest a",
            "BearerX a",
        ];
        let requests = authorizations.map(|value| Inject::get(path).header("authorization", value));
        let twice = [
            Inject::get(path).header("authorization", "Bearer a").header("authorization", "Bearer a"),
            Inject::get(path).header("x-api-key", "a").header("x-api-key", "b"),
            Inject::get(format!("{path}?api+key=a&api%20key=a")),
            Inject::get(format!("{path}?api+key=%zz")),
            Inject::get(path).header("cookie", "key=a").header("cookie", "key=b"),
            Inject::get(path).header("cookie", "key=; Key=a"),
            Inject::get(path).header("x-api-key", ""),
        ];
        for request in requests.into_iter().chain(twice).chain([Inject::get(path)]) {
            let shown = format!("{request:?}");
            let reply = server.inject(request).await;
            assert_eq!((reply.status().as_u16(), reply.header("www-authenticate")), (401, Some(challenge)), "{shown}");
        }
    }
    let reply = server.inject(Inject::get("/caller").header("authorization", "Bearer t-2")).await;
    assert_eq!(reply.header("www-authenticate"), Some(r#"Bearer realm="api", error="invalid_token""#));
}

#[test]
fn routes_know_what_they_ask_for() {
    let route = get("/", |_: Option<Dep<Caller>>, _: ApiKey<InCookie>, _: Option<Basic>, _: Dep<Caller>| ());
    let security: Vec<_> = route.doc().security.iter().map(|need| (need.scheme, need.is_required)).collect();
    let key = SecurityScheme::ApiKey { place: KeyIn::Cookie, name: "key" };
    assert_eq!(security, [(SecurityScheme::Bearer, true), (key, true), (SecurityScheme::Basic, false)]);
}
