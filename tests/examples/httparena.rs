//! `examples/httparena`: what HttpArena's `validate.sh` asks of the HTTP/1.1 profiles, and what it is silent about.

use std::io::Read;

use super::*;

/// Three items in the form of HttpArena's dataset.
const DATASET: &str = r#"[
    {"id":1,"name":"Alpha Widget","category":"electronics","price":328,"quantity":15,"active":true,
     "tags":["fast","new"],"rating":{"score":48,"count":53}},
    {"id":2,"name":"Pro \"Valve\"","category":"tools","price":347,"quantity":95,"active":false,"tags":[],"rating":{"score":15,"count":259}},
    {"id":3,"name":"Säge","category":"tools","price":9,"quantity":4,"active":true,"tags":["eco"],"rating":{"score":1,"count":3}}
]"#;

struct Arena {
    example: Example,
    folder: std::path::PathBuf,
    dataset: std::path::PathBuf,
}

impl Drop for Arena {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Files of the `static` profile, in small: name, media type, content. Of text there are compressed siblings.
const FILES: [(&str, &str, &[u8]); 4] = [
    ("reset.css", "text/css; charset=utf-8", b"body { margin: 0 }"),
    ("app.js", "text/javascript; charset=utf-8", b"console.log(1)"),
    ("manifest.json", "application/json; charset=utf-8", b"{}"),
    ("hero.webp", "image/webp", b"RIFF"),
];

fn start(name: &str) -> Arena {
    let folder = std::env::temp_dir().join(format!("fastweb-httparena-{name}-{}", std::process::id()));
    let (dataset, files) = (folder.join("dataset.json"), folder.join("static"));
    std::fs::create_dir_all(&files).expect("the folder for temporary files can be written to");
    std::fs::write(&dataset, DATASET).expect("a file can be written");
    for (name, _, content) in FILES {
        std::fs::write(files.join(name), content).expect("a file can be written");
        if name != "hero.webp" {
            for coding in ["br", "gz"] {
                let sibling = format!("{name} as {coding}");
                std::fs::write(files.join(format!("{name}.{coding}")), sibling).expect("a file can be written");
            }
        }
    }
    let path = dataset.to_str().expect("it is text");
    Arena { example: Example::start("httparena", &[ANY_PORT, path, "1"]), folder, dataset }
}

#[test]
fn sums_the_query() {
    let arena = start("query");
    let mut client = arena.example.connect();
    let answer = client.get("/baseline11?a=13&b=42").expect(200);
    assert_eq!((answer.text(), answer.header("content-type")), ("55", Some("text/plain; charset=utf-8")));
    assert_eq!(client.get("/baseline11?b=-700&a=101").expect(200).text(), "-599");
    for bad in ["", "?a=1", "?a=1&b=x", "?a=9223372036854775807&b=1"] {
        client.get(&format!("/baseline11{bad}")).expect(400);
    }
}

#[test]
fn sums_the_body_however_it_comes() {
    let arena = start("body");
    let mut client = arena.example.connect();
    let target = "/baseline11?a=13&b=42";
    assert_eq!(client.call("POST", target, &[("content-type", "text/plain")], b"20").expect(200).text(), "75");
    assert_eq!(client.call("POST", target, &[], b"-9\n").expect(200).text(), "46");
    client.send(format!("POST {target} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n").as_bytes());
    client.send(b"1\r\n2\r\n");
    client.send(b"1\r\n0\r\n0\r\n\r\n");
    assert_eq!(client.read(false).expect(200).text(), "75");
    for bad in [&b"twenty"[..], b"9223372036854775807"] {
        client.call("POST", target, &[], bad).expect(400);
    }
}

/// HttpArena sends heads and bodies in pieces, 30 ms apart.
#[test]
fn requests_in_pieces_are_put_together() {
    let arena = start("pieces");
    let head = "POST /baseline11?a=13&b=42 HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n";
    for at in [1, 11, 40, head.len() - 1, head.len(), head.len() + 1] {
        let mut client = arena.example.connect();
        let whole = format!("{head}20");
        let (first, second) = whole.split_at(at);
        client.send(first.as_bytes());
        std::thread::sleep(Duration::from_millis(30));
        client.send(second.as_bytes());
        assert_eq!(client.read(false).expect(200).text(), "75", "in two behind {at} bytes");
    }
}

#[test]
fn pipelines_are_answered_in_full() {
    let arena = start("pipeline");
    let mut client = arena.example.connect();
    client.send("GET /pipeline HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(16).as_bytes());
    for _ in 0..16 {
        let answer = client.read(false).expect(200);
        assert_eq!((answer.text(), answer.header("content-type")), ("ok", Some("text/plain; charset=utf-8")));
    }
}

#[test]
fn items_come_with_their_totals() {
    let arena = start("items");
    let mut client = arena.example.connect();
    let dataset: Value = serde_json::from_str(DATASET).expect("JSON");
    let dataset = dataset.as_array().expect("a list");
    for (count, m) in [(0, 1), (1, 3), (2, 7), (3, -2)] {
        let mut items = dataset[..count].to_vec();
        for item in &mut items {
            let total = item["price"].as_i64().unwrap() * item["quantity"].as_i64().unwrap() * m;
            item["total"] = total.into();
        }
        let listing = client.get(&format!("/json/{count}?m={m}")).expect(200).json();
        assert_eq!(listing, json!({ "items": items, "count": count }), "{count} {m}");
    }
    // In the order in which HttpArena writes the fields.
    let first = r#"{"items":[{"id":1,"name":"Alpha Widget","category":"electronics","price":328,"quantity":15,"active":true,"tags":["fast","new"],"rating":{"score":48,"count":53},"total":4920}],"count":1}"#;
    assert_eq!(client.get("/json/1").expect(200).text(), first, "without m it is 1");
    assert_eq!(client.get("/json/50?m=1").expect(200).json()["count"], 3, "there are no more");
    for bad in ["/json/x?m=1", "/json/-1?m=1", "/json/1?m=x"] {
        client.get(bad).expect(400);
    }
}

/// As HttpArena's `validate.sh` asks for `json-comp`.
#[test]
fn items_are_compressed_for_those_who_take_it() {
    let arena = start("compressed");
    let mut client = arena.example.connect();
    let plain = client.get("/json/3?m=2").expect(200);
    assert_eq!(plain.header("content-encoding"), None);
    for (accepted, expected) in [("gzip, br", "br"), ("gzip", "gzip"), ("br", "br")] {
        let answer = client.call("GET", "/json/3?m=2", &[("accept-encoding", accepted)], b"").expect(200);
        assert_eq!(answer.header("content-encoding"), Some(expected));
        assert_eq!(answer.header("content-type"), plain.header("content-type"));
        let mut text = Vec::new();
        match expected {
            "br" => drop(brotli::Decompressor::new(&answer.body[..], 4096).read_to_end(&mut text).expect("br")),
            _ => drop(flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut text).expect("gzip")),
        }
        assert_eq!(text, plain.body);
    }
}

/// As HttpArena's `validate.sh` asks for `static`.
#[test]
fn files_come_as_they_are_or_as_their_compressed_siblings() {
    let arena = start("static");
    let mut client = arena.example.connect();
    for (name, media_type, content) in FILES {
        let path = format!("/static/{name}");
        let plain = client.get(&path).expect(200);
        assert_eq!((plain.header("content-type"), &plain.body[..]), (Some(media_type), content), "{name}");
        assert_eq!(plain.header("content-encoding"), None);
        let best = client.call("GET", &path, &[("accept-encoding", "br;q=1, gzip;q=0.8")], b"").expect(200);
        let is_text = name != "hero.webp";
        assert_eq!(best.header("content-encoding"), is_text.then_some("br"), "{name}");
        let expected = if is_text { format!("{name} as br").into_bytes() } else { content.to_vec() };
        assert_eq!(best.body, expected);
    }
    for path in ["/static/nonexistent.txt", "/static/", "/static"] {
        client.get(path).expect(404);
    }
}

#[test]
fn uploads_are_counted() {
    let arena = start("upload");
    let mut client = arena.example.connect();
    let before = arena.example.memory();
    for length in [17, 500 * 1024, 20 * 1024 * 1024] {
        assert_eq!(client.call("POST", "/upload", &[], &vec![b'x'; length]).expect(200).text(), length.to_string());
    }
    client.send(b"POST /upload HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
    for _ in 0..3 {
        client.send(b"3\r\none\r\n");
    }
    client.send(b"0\r\n\r\n");
    assert_eq!(client.read(false).expect(200).text(), "9");
    let grown = arena.example.memory() - before;
    assert!(grown < 8 * 1024, "20 MiB are counted as they come, not kept: {grown} KiB more");
}

#[test]
fn what_it_was_started_with_is_looked_at() {
    let arena = start("start");
    let dataset = arena.dataset.to_str().expect("it is text");
    for (arguments, told) in [
        (vec![ANY_PORT], "usage: httparena ADDRESS DATASET [WORKERS]"),
        (vec![ANY_PORT, "/nowhere.json"], "/nowhere.json cannot be read"),
        (vec![ANY_PORT, dataset, "0"], "WORKERS is a number from 1, not \"0\""),
    ] {
        let ended = std::panic::catch_unwind(|| Example::start("httparena", &arguments));
        let message = ended.err().and_then(|panic| panic.downcast::<String>().ok()).expect("it cannot start");
        assert!(message.contains(told), "{message}");
    }
}

/// The whole dataset, where it is.
#[test]
fn the_dataset_of_httparena_is_served() {
    let data = std::env::var("FASTWEB_TEST_DATA").unwrap_or_else(|_| "../shared/data".into());
    let dataset = std::path::Path::new(&data).join("httparena/dataset.json");
    if !dataset.exists() {
        assert!(std::env::var_os("FASTWEB_REQUIRE_TEST_DATA").is_none(), "{} is missing", dataset.display());
        eprintln!("ignored: {} is missing", dataset.display());
        return;
    }
    let arena = Example::start("httparena", &[ANY_PORT, dataset.to_str().expect("it is text")]);
    let mut client = arena.connect();
    for (count, m) in [(12, 3), (22, 7), (31, 2), (50, 5)] {
        let listing = client.get(&format!("/json/{count}?m={m}")).expect(200).json();
        let items = listing["items"].as_array().expect("a list");
        assert_eq!((items.len(), &listing["count"]), (count, &json!(count)));
        for item in items {
            let product = item["price"].as_i64().unwrap() * item["quantity"].as_i64().unwrap() * m;
            assert_eq!(item["total"], product);
        }
    }
}
