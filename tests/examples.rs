//! The examples as processes of their own, over real sockets.

#![cfg(unix)] // They are stopped by a signal.

#[allow(dead_code)] // Each test binary uses a part of this.
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

mod files {
    use super::*;

    /// A folder of its own, gone at the end.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("fastweb-files-{name}-{}", std::process::id())))
        }

        fn start(&self) -> Example {
            Example::start("files", &[ANY_PORT, self.0.to_str().expect("it is text")])
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_come_back_as_they_were_sent() {
        let folder = Folder::new("round");
        let files = folder.start();
        let mut client = files.connect();
        assert_eq!(client.get("/files").expect(200).json(), json!([]));
        let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(client.call("PUT", "/files/numbers.bin", &[], &content).expect(201).text(), "4000000 bytes\n");
        let answer = client.get("/files/numbers.bin").expect(200);
        assert_eq!(answer.header("content-length"), Some("4000000"));
        assert!(answer.body == content);
        client.call("PUT", "/files/a", &[], b"").expect(201);
        client.call("PUT", "/files/a", &[], b"again").expect(201);
        assert_eq!(client.get("/files/a").expect(200).text(), "again");
        let mut names: Vec<String> = serde_json::from_value(client.get("/files").expect(200).json()).expect("names");
        names.sort();
        assert_eq!(names, ["a", "numbers.bin"]);
        client.get("/files/none").expect(404);
        for bad in ["..%2Fetc", ".a.part", "a%20b", "%2e%2e"] {
            client.get(&format!("/files/{bad}")).expect(400);
        }
    }

    #[test]
    fn an_upload_that_breaks_off_leaves_nothing() {
        let folder = Folder::new("broken");
        let files = folder.start();
        let mut client = files.connect();
        client.call("PUT", "/files/a", &[], b"whole").expect(201);
        let mut broken = files.connect();
        broken.send(b"PUT /files/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\nhalf");
        let part = folder.0.join(".a.part");
        let wait_until_there = |is_there: bool| {
            let begun = Instant::now();
            while part.exists() != is_there {
                assert!(begun.elapsed() < Duration::from_secs(10), "{part:?} is there: {}", !is_there);
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        wait_until_there(true);
        assert_eq!(client.call("PUT", "/files/a", &[], b"other").expect(409).json()["code"], "FILE_BUSY");
        drop(broken);
        wait_until_there(false);
        assert_eq!(client.get("/files/a").expect(200).text(), "whole");
    }
}

mod stream {
    use super::*;

    fn start() -> Example {
        Example::start("stream", &[ANY_PORT])
    }

    #[test]
    fn readings_in_every_form() {
        let stream = start();
        let mut client = stream.connect();
        assert_eq!(client.get("/readings?count=0").expect(200).json(), json!([]));
        let array = client.get("/readings?count=1234").expect(200);
        assert_eq!(array.header("transfer-encoding"), Some("chunked"));
        let array = array.json();
        assert_eq!(array.as_array().map(Vec::len), Some(1234));
        assert_eq!(array[7], json!({ "sensor": 7, "celsius": 15.7 }));
        let lines = client.get("/readings.ndjson?count=1234").expect(200);
        assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
        let read: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(Value::from(read), array);
        let csv = client.get("/readings.csv?count=3").expect(200);
        assert_eq!(csv.text(), "sensor,celsius\n0,15\n1,15.1\n2,15.2\n");
        let mean = client.call("POST", "/readings/mean", &[], lines.text().as_bytes()).expect(200);
        assert_eq!(mean.text(), "19.86\n");
        client.call("POST", "/readings/mean", &[], b"{\"sensor\":1}\n").expect(400);
    }

    #[test]
    fn nobody_waits_for_a_client_that_has_enough() {
        let stream = start();
        for target in
            ["/readings?count=100000000000", "/readings.ndjson?count=100000000000", "/readings.csv?count=100000000000"]
        {
            let mut client = stream.connect();
            client.send(&request("GET", target, &[], b""));
            client.read_head().expect(200);
            for _ in 0..5 {
                assert!(client.read_chunk().is_some());
            }
        }
        stream.terminate();
        let ended = stream.ended();
        assert!(ended.status.success(), "{}", ended.stderr);
    }

    #[test]
    fn the_clock_stops_with_the_server() {
        let stream = start();
        let mut client = stream.connect();
        client.send(&request("GET", "/clock", &[], b""));
        client.read_head().expect(200);
        assert_eq!(client.read_chunk().as_deref(), Some(&b"0\n"[..]));
        let asked = Instant::now();
        stream.terminate();
        while client.read_chunk().is_some() {}
        assert!(stream.ended().status.success());
        assert!(asked.elapsed() < Duration::from_secs(15), "half of the time that shutdown waits for those that go on");
    }
}

mod rest {
    use super::*;

    const KEY: (&str, &str) = ("x-api-key", "secret");
    const EMMA: &str = r#"{"title":"Emma","author":"Jane Austen","year":1815}"#;

    fn start() -> Example {
        Example::start("rest", &[ANY_PORT])
    }

    /// The code of an error answer, whose form is the example's own.
    fn code(answer: Answer) -> String {
        let problem = answer.json();
        assert!(problem["message"].is_string() && problem["request_id"].is_string(), "{problem}");
        problem["code"].as_str().expect("an error answer has a code").to_owned()
    }

    #[test]
    fn books_are_created_read_changed_and_removed() {
        let rest = start();
        let mut client = rest.connect();
        let created = client.json("POST", "/books", &[KEY], EMMA).expect(201);
        assert_eq!(created.json(), json!({ "id": 4, "title": "Emma", "author": "Jane Austen", "year": 1815 }));
        let location = created.header("location").expect("a created book has a place").to_owned();
        assert_eq!(location, "/books/4");
        assert_eq!(client.get(&location).expect(200).json(), created.json());

        let changed = EMMA.replace("1815", "1816");
        assert_eq!(client.json("PUT", &location, &[KEY], &changed).expect(200).json()["year"], 1816);
        assert_eq!(client.get(&location).expect(200).json()["year"], 1816);

        let removed = client.call("DELETE", &location, &[KEY], b"").expect(204);
        assert_eq!(removed.header("content-length"), None);
        client.get(&location).expect(404);
        client.call("DELETE", &location, &[KEY], b"").expect(404);
        let again = client.json("POST", "/books", &[KEY], EMMA).expect(201);
        assert_eq!(again.header("location"), Some("/books/5"), "an id is given once");
    }

    #[test]
    fn lists_come_in_pages() {
        let rest = start();
        let mut client = rest.connect();
        let mut ids = |query: &str| -> (u64, Vec<u64>) {
            let list = client.get(&format!("/books{query}")).expect(200).json();
            let books = list["books"].as_array().expect("books is a list").iter();
            (list["total"].as_u64().expect("total is a number"), books.filter_map(|book| book["id"].as_u64()).collect())
        };
        assert_eq!(ids(""), (3, vec![1, 2, 3]));
        assert_eq!(ids("?limit=2"), (3, vec![1, 2]));
        assert_eq!(ids("?limit=2&offset=2"), (3, vec![3]));
        assert_eq!(ids("?offset=9"), (3, vec![]));
        assert_eq!(ids("?limit=1000000000"), (3, vec![1, 2, 3]));
        assert_eq!(code(client.get("/books?limit=-1").expect(400)), "FW_ERR_VALIDATION");
    }

    #[test]
    fn a_page_is_bounded() {
        let rest = start();
        let mut client = rest.connect();
        for n in 0..120 {
            client.json("POST", "/books", &[KEY], &EMMA.replace("Emma", &format!("Volume {n}"))).expect(201);
        }
        let list = client.get("/books?limit=1000").expect(200).json();
        assert_eq!((list["books"].as_array().map(Vec::len), &list["total"]), (Some(100), &json!(123)));
    }

    #[test]
    fn errors_have_the_services_own_form() {
        let rest = start();
        let mut client = rest.connect();
        assert_eq!(code(client.get("/books/99").expect(404)), "BOOK_UNKNOWN");
        assert_eq!(code(client.get("/books/x").expect(400)), "FW_ERR_VALIDATION");
        assert_eq!(code(client.get("/nowhere").expect(404)), "FW_ERR_NOT_FOUND");
        let refused = client.call("PATCH", "/books/1", &[KEY], b"").expect(405);
        assert_eq!(refused.header("allow"), Some("GET, HEAD, PUT, DELETE, OPTIONS"));

        let mut post = |body: &str| client.json("POST", "/books", &[KEY], body);
        post(EMMA).expect(201);
        assert_eq!(code(post(EMMA).expect(409)), "BOOK_EXISTS");
        assert_eq!(code(post(&EMMA.replace("Emma", " ")).expect(422)), "BOOK_WITHOUT_TITLE");
        assert_eq!(code(post("{").expect(400)), "FW_ERR_INVALID_JSON");
        assert_eq!(code(post("{}").expect(400)), "FW_ERR_VALIDATION");
        assert_eq!(code(post(&EMMA.replace("Emma", &"x".repeat(5000))).expect(413)), "FW_ERR_BODY_TOO_LARGE");
        assert_eq!(code(client.call("POST", "/books", &[KEY], b"x").expect(415)), "FW_ERR_UNSUPPORTED_MEDIA_TYPE");
    }

    #[test]
    fn writing_needs_the_key() {
        let rest = start();
        let mut client = rest.connect();
        let without = client.json("POST", "/books", &[], EMMA).expect(401);
        assert_eq!(without.header("www-authenticate"), Some("ApiKey"));
        client.json("PUT", "/books/1", &[("x-api-key", "guess")], EMMA).expect(403);
        client.call("DELETE", "/books/1", &[], b"").expect(401);
        client.get("/books/1").expect(200);
        assert!(client.call("HEAD", "/books/1", &[], b"").expect(200).body.is_empty());
    }

    #[test]
    fn two_lookups_take_as_long_as_the_longer_and_show_up_in_the_slow_request_log() {
        let rest = start();
        let mut client = rest.connect();
        // The shortest of a few: whatever else the machine does only adds to it.
        let shortest = (0..5).map(|_| {
            let details = client.get("/books/2/details").expect(200).json();
            assert_eq!(details["book"]["title"], "Solaris");
            assert_eq!((&details["in_stock"], &details["rating"]), (&json!(2), &json!(4.0)));
            details["took_ms"].as_u64().expect("took_ms is a number")
        });
        let shortest = shortest.min().expect("there were five");
        assert!((120..200).contains(&shortest), "80 ms and 120 ms together took {shortest} ms");
        client.get("/books/99/details").expect(404);

        rest.terminate();
        let log = rest.ended().stderr;
        let slow = log.lines().find(|line| line.contains("slow request")).expect("five requests were slow");
        for part in ["WARN", "method=\"GET\"", "route=\"/books/{id}/details\"", "path=\"/books/2/details\"", "handler="]
        {
            assert!(slow.contains(part), "{part} in {slow}");
        }
        let answered = |line: &&str| line.contains("answered") && line.contains("path=\"/books/99/details\"");
        let quick = log.lines().find(answered).expect("every request is logged");
        assert!(quick.contains("status=404"), "{quick}");
    }

    #[test]
    fn a_request_in_flight_is_answered_before_it_stops() {
        let rest = start();
        let mut client = rest.connect();
        client.send(&request("GET", "/books/1/details", &[], b""));
        std::thread::sleep(Duration::from_millis(40));
        rest.terminate();
        let answer = client.read(false).expect(200);
        assert_eq!(answer.json()["book"]["id"], 1);
        let ended = rest.ended();
        assert!(ended.status.success());
        assert_eq!(ended.stdout, "closed", "on_close has run");
    }
}

mod contract {
    use super::*;

    #[test]
    fn answers_as_agreed() {
        let contract = contract("1");
        let mut client = contract.connect();
        let plain = client.get("/plaintext").expect(200);
        assert_eq!(plain.text(), "Hello, World!");
        assert_eq!(plain.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(plain.header("date").is_some() && plain.header("server").is_some());
        assert_eq!(client.get("/json").expect(200).json(), json!({ "message": "Hello, World!" }));
        assert_eq!(client.get("/users/42").expect(200).json(), json!({ "id": "42", "name": "User 42" }));
        assert_eq!(client.get("/users/a%2Fb").expect(200).json(), json!({ "id": "a/b", "name": "User a/b" }));
        client.get("/nothing").expect(404);
        // One of the routes that are there so that routing has something to do.
        client.get("/repos/rust-lang/rust/issues").expect(200);
    }

    #[test]
    fn reads_the_query() {
        let contract = contract("1");
        let mut client = contract.connect();
        let found = client.get("/search?q=rust&limit=10").expect(200);
        assert_eq!(found.json(), json!({ "q": "rust", "limit": 10 }));
        assert_eq!(client.get("/search?limit=-3&q=a%20b").expect(200).json(), json!({ "q": "a b", "limit": -3 }));
        for bad in ["ten", "1.5", "", "99999999999999999999"] {
            let refused = client.get(&format!("/search?q=x&limit={bad}")).expect(400).json();
            assert_eq!(
                (&refused["statusCode"], &refused["code"]),
                (&json!(400), &json!("FW_ERR_VALIDATION")),
                "{bad:?}"
            );
            assert_eq!(refused["details"][0]["pointer"], "/limit", "{bad:?}");
        }
        client.get("/search?q=x").expect(400);
    }

    #[test]
    fn lists_users() {
        let contract = contract("1");
        let mut client = contract.connect();
        let users = client.get("/users?n=100").expect(200).json();
        let users = users.as_array().expect("it is a list");
        assert_eq!(users.len(), 100);
        let second = json!({ "id": 2, "email": "user2@example.com", "name": "User 2", "active": true, "score": 3.25 });
        assert_eq!(users[1], second);
        assert_eq!(client.get("/users?n=3").expect(200).json(), Value::from(&users[..3]));
    }

    #[test]
    fn creates_users() {
        let contract = contract("1");
        let mut client = contract.connect();
        let ada = r#"{"email":"ada@example.com","name":"Ada","age":36}"#;
        let created = client.json("POST", "/users", &[], ada).expect(201).json();
        assert_eq!(created, json!({ "id": 1, "email": "ada@example.com", "name": "Ada", "age": 36 }));
        for bad in [r#"{"email":"#, "", "[]", r#"{"email":"a","name":"b"}"#, r#"{"email":"a","name":"b","age":"x"}"#] {
            client.json("POST", "/users", &[], bad).expect(400);
        }
    }

    #[test]
    fn echoes_while_the_request_is_still_being_sent() {
        let contract = contract("1");
        let mut client = contract.connect();
        client.send(b"POST /echo HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
        let head = client.read_head();
        assert_eq!((head.status, head.header("transfer-encoding")), (200, Some("chunked")));
        assert_eq!(client.read_chunk().as_deref(), Some(&b"one"[..]));
        client.send(b"3\r\ntwo\r\n");
        assert_eq!(client.read_chunk().as_deref(), Some(&b"two"[..]));
        client.send(b"0\r\n\r\n");
        assert_eq!(client.read_chunk(), None);
        // The connection goes on, and a body of known length comes back with it.
        let echoed = client.call("POST", "/echo", &[], b"whole").expect(200);
        assert_eq!((echoed.text(), echoed.header("content-length")), ("whole", Some("5")));
    }

    #[test]
    fn takes_uploads_beyond_the_usual_limit() {
        let contract = contract("1");
        let mut client = contract.connect();
        let body = vec![b'x'; 3 * 1024 * 1024];
        assert_eq!(client.call("POST", "/upload", &[], &body).expect(200).text(), "3145728");
        client.send(b"POST /upload HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
        for part in body.chunks(100_000) {
            client.send(format!("{:x}\r\n", part.len()).as_bytes());
            client.send(part);
            client.send(b"\r\n");
        }
        client.send(b"0\r\n\r\n");
        assert_eq!(client.read(false).expect(200).text(), "3145728");
        // Where a route says nothing else the limit holds.
        client.json("POST", "/users", &[], &"x".repeat(1024 * 1024 + 1)).expect(413);
    }

    #[test]
    fn sends_downloads() {
        let contract = contract("1");
        let mut client = contract.connect();
        for bytes in [0, 1, 16 * 1024, 5_000_001] {
            let answer = client.get(&format!("/download?bytes={bytes}")).expect(200);
            assert_eq!(answer.body.len(), bytes);
            assert!(answer.body.iter().all(|&byte| byte == b'x'));
        }
    }

    #[test]
    fn slow_requests_do_not_hold_up_others() {
        let contract = contract("1");
        let mut clients: Vec<_> = (0..8).map(|_| contract.connect()).collect();
        let started = Instant::now();
        for client in &mut clients {
            client.send(&request("GET", "/slow?ms=300", &[], b""));
        }
        for client in &mut clients {
            assert_eq!(client.read(false).expect(200).text(), "waited 300 ms");
            assert!(started.elapsed() >= Duration::from_millis(300));
        }
        // One after the other they would take 2.4 s.
        assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    }

    #[test]
    fn answers_with_any_status_and_no_body() {
        let contract = contract("1");
        let mut client = contract.connect();
        for status in [200, 201, 204, 299, 301, 304, 404, 418, 500, 503, 599] {
            let answer = client.get(&format!("/status/{status}")).expect(status);
            assert!(answer.body.is_empty(), "{answer:?}");
        }
        for no_status in ["100", "600", "999", "ok"] {
            client.get(&format!("/status/{no_status}")).expect(400);
        }
    }

    #[test]
    fn shows_headers_as_the_application_sees_them() {
        let contract = contract("1");
        let mut client = contract.connect();
        let sent = [("X-Custom", "a b"), ("accept", "*/*"), ("X-Custom", "c"), ("x-empty", "")];
        let seen = client.call("GET", "/headers", &sent, b"").expect(200).json();
        let expected =
            [["host", "localhost"], ["X-Custom", "a b"], ["accept", "*/*"], ["X-Custom", "c"], ["x-empty", ""]];
        assert_eq!(seen, json!(expected));
        let seen = client.call("POST", "/headers", &[], b"body").expect(200).json();
        assert_eq!(seen, json!([["host", "localhost"], ["content-length", "4"]]));
    }

    #[test]
    fn answers_pipelined_requests_in_their_order() {
        let contract = contract("1");
        let mut client = contract.connect();
        let batch: Vec<u8> = (0..16).flat_map(|n| request("GET", &format!("/users/{n}"), &[], b"")).collect();
        client.send(&batch);
        for n in 0..16 {
            assert_eq!(client.read(false).expect(200).json()["id"], n.to_string());
        }
        // A slow one among them does not let the later ones pass.
        let targets = ["/plaintext", "/slow?ms=100", "/json"];
        let batch: Vec<u8> = targets.iter().flat_map(|target| request("GET", target, &[], b"")).collect();
        client.send(&batch);
        assert_eq!(client.read(false).text(), "Hello, World!");
        assert_eq!(client.read(false).text(), "waited 100 ms");
        assert_eq!(client.read(false).json(), json!({ "message": "Hello, World!" }));
    }

    #[test]
    fn a_request_in_flight_is_answered_before_it_stops() {
        let contract = contract("2");
        let mut busy = contract.connect();
        let mut idle = contract.connect();
        idle.get("/plaintext").expect(200);
        busy.send(&request("GET", "/slow?ms=700", &[], b""));
        std::thread::sleep(Duration::from_millis(150));
        contract.terminate();
        assert!(idle.is_closed());
        let answer = busy.read(false).expect(200);
        assert_eq!((answer.text(), answer.header("connection")), ("waited 700 ms", Some("close")));
        assert!(busy.is_closed());
        assert!(contract.ended().status.success());
    }
}
