//! Values of JSON that are sent while they are made.

use fastweb::prelude::*;
use fastweb::{JsonStream, JsonWriter};
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};
use serde::Serialize;

use crate::sources::get;
use crate::support::pipe::{block_on, talk};
use crate::support::server::TestServer;

#[derive(Clone, Debug, Serialize)]
struct Row {
    id: u32,
    name: String,
    tags: Vec<String>,
}

#[test]
fn forms_and_media_types() {
    let app = App::new()
        .get("/none", || JsonStream::from_iter(std::iter::empty::<u32>()))
        .get("/no-lines", || JsonStream::from_iter(std::iter::empty::<u32>()).lines())
        .get("/own", || ([("content-type", "application/vnd.own+json")], JsonStream::from_iter([1, 2])))
        .get("/created", || (StatusCode::CREATED, JsonStream::from_iter(["a\nb"]).lines()))
        .get("/result", || -> Result<JsonStream<u32>> { Err(Error::conflict("no").with_code("NO")) });
    let server = TestServer::start(app);
    let mut client = server.client();
    let mut ask = |path: &str| {
        let answer = client.ask(get(path));
        (answer.status, answer.header("content-type").unwrap_or("-").to_owned(), answer.text())
    };
    let json = || "application/json; charset=utf-8".to_owned();
    assert_eq!(ask("/none"), (200, json(), "[]".to_owned()));
    assert_eq!(ask("/no-lines"), (200, "application/x-ndjson".to_owned(), String::new()));
    assert_eq!(ask("/own"), (200, "application/vnd.own+json".to_owned(), "[1,2]".to_owned()));
    assert_eq!(ask("/created"), (201, "application/x-ndjson".to_owned(), "\"a\\nb\"\n".to_owned()));
    assert_eq!(ask("/result").0, 409);
}

/// What cannot be serialised is an error to whoever sends it; who goes on leaves it out as a whole.
#[test]
fn an_item_that_cannot_be_serialised() {
    struct Odd(u32);
    impl Serialize for Odd {
        fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
            use serde::ser::{Error, SerializeSeq};
            let mut list = to.serialize_seq(None)?;
            list.serialize_element(&self.0)?;
            if self.0.is_multiple_of(2) { Err(S::Error::custom("even")) } else { list.end() }
        }
    }
    let skipping = || {
        JsonStream::from_fn(async |out: &mut JsonWriter<Odd>| {
            for n in 0..6 {
                let _ = out.send(&Odd(n)).await;
            }
            Ok(())
        })
    };
    let app = App::new()
        .get("/array", skipping)
        .get("/lines", move || skipping().lines())
        .get("/first", || JsonStream::from_iter([Odd(0)]));
    let server = TestServer::start(app);
    assert_eq!(server.client().ask(get("/array")).text(), "[[1],[3],[5]]");
    assert_eq!(server.client().ask(get("/lines")).text(), "[1]\n[3]\n[5]\n");
    let bytes = server.client().send(get("/first")).read_to_end();
    assert!(bytes.ends_with(b"\r\n\r\n1\r\n[\r\n"), "{}", String::from_utf8_lossy(&bytes));
}

fn row() -> impl Strategy<Value = Row> {
    let tags = proptest::collection::vec(any::<String>(), 0..4);
    (any::<u32>(), any::<String>(), tags).prop_map(|(id, name, tags)| Row { id, name, tags })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The slow way: all of it at once.
    #[test]
    fn streams_are_what_serde_json_writes(
        rows in proptest::collection::vec(row(), 0..200),
        room in 1..70_000_usize,
    ) {
        let array = serde_json::to_string(&rows).expect("JSON");
        let lines: String = rows.iter().map(|row| serde_json::to_string(row).expect("JSON") + "\n").collect();
        let (a, b) = (rows.clone(), rows);
        let app = App::new()
            .get("/array", move || JsonStream::from_iter(a.clone()))
            .get("/lines", move || {
                let mut rows = b.clone().into_iter();
                let mut pending = true;
                JsonStream::from_poll_fn(move |cx| {
                    pending = !pending;
                    if pending {
                        cx.waker().wake_by_ref();
                        return std::task::Poll::Pending;
                    }
                    std::task::Poll::Ready(rows.next().map(Ok))
                })
                .lines()
            });
        block_on(async {
            let server = app.build().await.unwrap();
            for (path, expected) in [("/array", &array), ("/lines", &lines)] {
                let bytes = talk(&server, get(path).as_bytes(), 1000, room).await;
                let answers = crate::support::answer::parse_all(&bytes, |_| false);
                assert!(answers.len() == 1 && answers[0].text() == *expected, "{path}");
            }
        });
    }
}
