//! Cookies that are set, signed and private ones among them.

use std::time::Duration;

use fastweb::cookies::{CookieKeys, PrivateCookies, SameSite, SetCookie, SignedCookies};
use fastweb::prelude::*;

#[test]
fn attributes_are_written_as_rfc_6265_has_them() {
    let cookie = || SetCookie::new("a", "b");
    for (cookie, expected) in [
        (cookie(), "a=b; Path=/; Secure; HttpOnly; SameSite=Lax"),
        (cookie().insecure().readable().same_site(SameSite::Strict), "a=b; Path=/; SameSite=Strict"),
        (cookie().path("/x").domain("example.com"), "a=b; Path=/x; Domain=example.com; Secure; HttpOnly; SameSite=Lax"),
        (cookie().max_age(Duration::from_secs(60)), "a=b; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"),
        (cookie().same_site(SameSite::None).partitioned(), "a=b; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
        (SetCookie::removal("a"), "a=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"),
        (SetCookie::new("a", "ä\r\n\"%"), "a=%C3%A4%0D%0A%22%25; Path=/; Secure; HttpOnly; SameSite=Lax"),
        (cookie().path("/; HttpOnly=no"), "a=b; Path=/%3B HttpOnly=no; Secure; HttpOnly; SameSite=Lax"),
    ] {
        assert_eq!(cookie.to_string(), expected);
    }
}

#[tokio::test]
async fn several_are_set_and_what_is_no_name_fails_the_request() {
    let both = || Reply::new().with_cookie(SetCookie::new("a", "1")).with_cookie(SetCookie::new("b", "2"));
    let app = App::new()
        .get("/both", both)
        .get("/tuple", || (SetCookie::new("a", "1"), "text"))
        .get("/bad", || (SetCookie::new("a b", "1"), "text"))
        .get("/injected", || (SetCookie::new("a", "1").domain("x\r\nset-cookie: b=2"), "text"));
    let server = app.build().await.unwrap();
    let reply = server.inject(Inject::get("/both")).await;
    let set: Vec<_> = reply.headers().filter(|(name, _)| *name == "set-cookie").map(|(_, value)| &value[..3]).collect();
    assert_eq!(set, ["a=1", "b=2"]);
    server.inject(Inject::get("/tuple")).await.assert_text("text");
    for path in ["/bad", "/injected"] {
        let reply = server.inject(Inject::get(path)).await;
        reply.assert_status(500);
        assert!(reply.text().contains("FW_ERR_INVALID_HEADER") && reply.header("set-cookie").is_none());
    }
}

const NEW: [u8; 32] = [1; 32];
const OLD: [u8; 40] = [2; 40];

/// Sets `user` and `cart`, and shows them: signed below `/signed`, private below `/private`.
async fn server(keys: CookieKeys) -> Server {
    let values = || [SetCookie::new("user", "Ada; ä"), SetCookie::new("cart", "apples")];
    let signed = move |cookies: SignedCookies| {
        let [user, cart] = values();
        Reply::new().with_cookie(cookies.make(user)).with_cookie(cookies.make(cart))
    };
    let private = move |cookies: PrivateCookies| {
        let [user, cart] = values();
        Reply::new().with_cookie(cookies.make(user)).with_cookie(cookies.make(cart))
    };
    let show = |get: &dyn Fn(&str) -> Option<String>| format!("{:?} {:?}", get("user"), get("cart"));
    let app = App::new()
        .state(keys)
        .post("/signed", signed)
        .get("/signed", move |cookies: SignedCookies| show(&|name| cookies.get(name)))
        .post("/private", private)
        .get("/private", move |cookies: PrivateCookies| show(&|name| cookies.get(name)));
    app.build().await.unwrap()
}

async fn made(server: &Server, path: &str) -> Vec<(String, String)> {
    let reply = server.inject(Inject::post(path)).await;
    let set = reply.headers().filter(|(name, _)| *name == "set-cookie");
    set.map(|(_, value)| {
        let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    })
    .collect()
}

async fn shown(server: &Server, path: &str, cookies: &[(&str, &str)]) -> String {
    let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    server.inject(Inject::get(path).header("cookie", line)).await.text().to_owned()
}

const NONE: &str = "None None";

#[tokio::test]
async fn what_was_made_is_read_and_nothing_else() {
    let server = server(CookieKeys::new(&NEW).unwrap()).await;
    for path in ["/signed", "/private"] {
        let made = made(&server, path).await;
        let [(_, user), (_, cart)] = &made[..] else { panic!("{made:?}") };
        assert_eq!(shown(&server, path, &[("user", user), ("cart", cart)]).await, r#"Some("Ada; ä") Some("apples")"#);
        assert_eq!(user.contains("Ada"), path == "/signed");
        // One name's value is none for another.
        assert_eq!(shown(&server, path, &[("user", cart), ("cart", user)]).await, NONE);
        // Every single character counts.
        for at in 0..user.len() {
            let mut changed = user.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let text = shown(&server, path, &[("user", &changed)]).await;
            // The last character of base64 has bits that mean nothing.
            assert!(text == NONE || text == r#"Some("Ada; ä") None"#, "{path} {at}: {text}");
            assert!(text == NONE || path == "/private", "{path} {at}: {text}");
        }
        for odd in ["", "Ada", "%", "%zz", "=", &user[..user.len() - 4], &user.repeat(2)] {
            assert_eq!(shown(&server, path, &[("user", odd)]).await, NONE, "{path} {odd}");
        }
        // A signed one is no private one, and the other way round.
        let other = if path == "/signed" { "/private" } else { "/signed" };
        assert_eq!(shown(&server, other, &[("user", user), ("cart", cart)]).await, NONE);
    }
}

#[tokio::test]
async fn secrets_can_be_changed() {
    let before = server(CookieKeys::new(&OLD).unwrap()).await;
    let between = server(CookieKeys::new(&NEW).unwrap().with_old(&OLD).unwrap()).await;
    let after = server(CookieKeys::new(&NEW).unwrap()).await;
    for path in ["/signed", "/private"] {
        let old = made(&before, path).await;
        let new = made(&between, path).await;
        let value =
            async |server: &Server, made: &[(String, String)]| shown(server, path, &[("cart", &made[1].1)]).await;
        let found = r#"None Some("apples")"#;
        assert_eq!(value(&between, &old).await, found);
        assert_eq!(value(&between, &new).await, found);
        assert_eq!(value(&after, &new).await, found);
        assert_eq!(value(&after, &old).await, NONE);
        assert_eq!(value(&before, &new).await, NONE);
    }
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let error = CookieKeys::new(&[7; 31]).unwrap_err();
    assert!(error.to_string().contains("has 31 bytes and needs at least 32"), "{error}");
    assert!(!format!("{:?}", CookieKeys::generate()).contains('['));
    let error = App::new().get("/", |_: SignedCookies| "text").build().await.unwrap_err();
    assert!(error.to_string().contains("CookieKeys"), "{error}");
}
