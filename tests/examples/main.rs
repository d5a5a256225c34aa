//! The examples as processes of their own, over real sockets.

#![cfg(unix)] // They are stopped by a signal.

#[allow(dead_code)] // Each test binary uses a part of this.
mod chat;
mod contract;
mod files;
#[cfg(all(feature = "compression", feature = "static-files"))]
mod httparena;
#[cfg(feature = "mcp")]
mod mcp;
mod rest;
#[cfg(feature = "response-cache")]
mod seed;
mod site;
mod stream;
#[cfg(feature = "sse")]
mod ticker;

// Other tests use the rest of them.
#[allow(dead_code)]
#[path = "../support"]
mod support {
    pub(crate) mod client;
    pub(crate) mod process;
}

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::client::{Answer, request};
use support::process::Example;

const ANY_PORT: &str = "127.0.0.1:0";

fn contract(workers: &str) -> Example {
    Example::start("contract", &["0", workers])
}

#[test]
fn hello_says_hello_and_stops_when_told() {
    let hello = Example::start("hello", &[ANY_PORT]);
    let mut client = hello.connect();
    let answer = client.get("/").expect(200);
    assert_eq!(answer.text(), "Hello, World!");
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    client.get("/nothing").expect(404);
    // The idle connection does not hold it up.
    let asked = Instant::now();
    hello.terminate();
    assert!(client.is_closed());
    assert!(hello.ended().status.success());
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[test]
fn an_address_that_is_taken_is_told_and_ends_it() {
    let taken = std::net::TcpListener::bind(ANY_PORT).expect("a port is free");
    let address = taken.local_addr().expect("it has an address").to_string();
    let ended = std::panic::catch_unwind(|| Example::start("hello", &[&address]));
    let message = ended.err().and_then(|panic| panic.downcast::<String>().ok()).expect("it cannot start");
    assert!(message.contains(&format!("cannot listen on {address}")), "{message}");
}

mod plugins {
    use super::*;

    const RED: (&str, &str) = ("x-team-key", "red-key");

    fn start() -> Example {
        Example::start("plugins", &[ANY_PORT])
    }

    #[test]
    fn teams_write_and_read_their_notes() {
        let plugins = start();
        let mut client = plugins.connect();
        let created = client.call("POST", "/teams/red/notes", &[RED], b"buy paint").expect(201);
        assert_eq!(created.header("location"), Some("/teams/red/notes/1"));
        assert_eq!(client.call("GET", "/teams/red/notes/1", &[RED], b"").expect(200).text(), "buy paint");
        let list = client.call("GET", "/teams/red/notes", &[RED], b"").expect(200).json();
        assert_eq!(list, json!({ "team": "red", "notes": ["buy paint"], "served": 1 }));
        let list = client.call("GET", "/teams/blue/notes", &[("x-team-key", "blue-key")], b"").expect(200).json();
        assert_eq!((&list["notes"], &list["served"]), (&json!([]), &json!(2)), "one worker has one count for both");
    }

    #[test]
    fn what_is_the_plugins_own_ends_with_its_scope() {
        let plugins = start();
        let mut client = plugins.connect();
        client.get("/health").expect(200);
        assert_eq!(client.get("/teams/red/notes").expect(401).json()["problem"], "x-team-key is missing");
        let wrong = client.call("GET", "/teams/blue/notes", &[RED], b"").expect(403);
        assert_eq!(wrong.json()["problem"], "this is not the key of that team");
        assert_eq!(client.call("GET", "/teams/red/notes/9", &[RED], b"").expect(404).json()["team"], "unknown");
        client.call("POST", "/teams/red/notes", &[RED], &[b'x'; 2000]).expect(413);
        // Below its prefix the scope answers, and its hook comes first; elsewhere the application does.
        assert_eq!(
            client.call("GET", "/teams/red/notes/one", &[RED], b"").expect(404).text(),
            "teams have notes, and nothing else"
        );
        client.get("/teams/red/nothing").expect(401);
        assert_eq!(client.get("/nothing").expect(404).json()["code"], "FW_ERR_NOT_FOUND");
        let audit = client.get("/audit").expect(200).json();
        assert_eq!(audit, json!({ "ok": 1, "refused": 7, "failed": 0 }));
        plugins.terminate();
        assert_eq!(plugins.ended().stdout, "closed");
    }

    #[test]
    fn it_draws_what_it_is_made_of() {
        let drawn = support::process::output("plugins", &["--routes"]);
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[0], "app");
        assert!(lines[1].starts_with("├── keys (") && lines[1].ends_with("ms, shares its scope)"), "{drawn}");
        assert!(lines[2].starts_with("├── audit 1.2.0 ("), "{drawn}");
        assert!(lines[3].starts_with("└── notes ("), "{drawn}");
        assert!(
            drawn.contains("{number:u32} (GET, HEAD) plugins::notes::show · on_request 1, on_response 1"),
            "{drawn}"
        );
    }
}

/// What it answers is tested by `tests/users`.
#[cfg(feature = "schema")]
#[test]
fn users_in_fastifys_way_are_served() {
    let example = Example::start("fastify_style", &[ANY_PORT]);
    let answer = example.connect().get("/users").expect(200);
    assert_eq!(answer.text(), r#"{"total":0,"users":[]}"#);
}

#[cfg(feature = "openapi")]
mod openapi {
    use super::*;

    const TOKEN: (&str, &str) = ("authorization", "Bearer secret");

    #[test]
    fn users_are_made_shown_and_removed_as_the_document_says() {
        let openapi = Example::start("openapi", &[ANY_PORT]);
        let mut client = openapi.connect();
        let document = client.get("/openapi.json").expect(200).json();
        assert_eq!(document["paths"]["/users"]["post"]["operationId"], "createUser");
        let ada = r#"{"email":"ada@example.com","name":"Ada","role":"owner"}"#;
        let made = client.json("POST", "/users", &[], ada).expect(201).json();
        assert_eq!(made, json!({ "id": 1, "email": "ada@example.com", "name": "Ada", "role": "owner" }));
        let problem = client.json("POST", "/users", &[], r#"{"email":"ada","name":"Ada"}"#).expect(400).json();
        assert_eq!(problem["message"], "body/email must match format \"email\"");
        assert_eq!(client.get("/users?role=owner").expect(200).json(), json!([made]));
        assert_eq!(client.get("/users?role=reader&role=writer").expect(200).json(), json!([]));
        client.get("/users?limit=0").expect(400);
        client.call("DELETE", "/users/1", &[], b"").expect(401);
        client.call("DELETE", "/users/1", &[TOKEN], b"").expect(204);
        client.get("/users/1").expect(404);
    }

    #[test]
    fn it_prints_its_document() {
        let printed = support::process::output("openapi", &["--document"]);
        let document: Value = serde_json::from_str(&printed).expect("JSON");
        assert_eq!(document["info"]["title"], "Users");
    }
}

#[cfg(feature = "tower")]
mod tower {
    use super::*;

    #[test]
    fn an_axum_router_and_routes_of_fastweb_share_what_they_have() {
        let tower = Example::start("tower", &[ANY_PORT]);
        let mut client = tower.connect();
        let added = client.call("POST", "/v1/words", &[], b"one two two").expect(201);
        assert_eq!(added.header("x-route"), Some("/v1/{*mounted}"));
        assert_eq!(client.get("/v1/words/two").expect(200).text(), "2");
        assert_eq!(client.get("/v1/words/six").expect(404).text(), "six was never seen");
        assert_eq!(client.get("/v2/words").expect(200).json(), json!([["one", 1], ["two", 2]]));
        tower.terminate();
        assert!(tower.ended().status.success());
    }

    #[test]
    fn layers_of_tower_are_around_both() {
        let tower = Example::start("tower", &[ANY_PORT]);
        let mut client = tower.connect();
        for path in ["/v1/words/none", "/v2/words", "/v2/none", "/none"] {
            let answer = client.call("GET", path, &[("x-request-id", "own")], b"");
            assert_eq!(answer.header("x-request-id"), Some("own"), "{path}");
            let made = client.get(path).header("x-request-id").map(str::len);
            assert_eq!(made, Some(36), "{path}");
        }
        client.get("/v2/slow").expect(504);
    }
}
