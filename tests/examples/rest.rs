//! `examples/rest`.

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
    for part in ["WARN", "method=\"GET\"", "route=\"/books/{id}/details\"", "path=\"/books/2/details\"", "handler="] {
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
