//! `examples/files`.

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
    assert_eq!(client.get("/names").expect(200).json(), json!([]));
    let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    assert_eq!(client.call("PUT", "/files/numbers.bin", &[], &content).expect(201).text(), "4000000 bytes\n");
    let answer = client.get("/files/numbers.bin").expect(200);
    assert_eq!(answer.header("content-length"), Some("4000000"));
    assert!(answer.body == content);
    client.call("PUT", "/files/a", &[], b"").expect(201);
    client.call("PUT", "/files/a", &[], b"again").expect(201);
    assert_eq!(client.get("/files/a").expect(200).text(), "again");
    let mut names: Vec<String> = serde_json::from_value(client.get("/names").expect(200).json()).expect("names");
    names.sort();
    assert_eq!(names, ["a", "numbers.bin"]);
    client.get("/files/none").expect(404);
    for bad in ["..%2Fetc", ".a.part", "a%20b", "%2e%2e"] {
        client.call("PUT", &format!("/files/{bad}"), &[], b"bad").expect(400);
        assert!([400, 404].contains(&client.get(&format!("/files/{bad}")).status), "{bad}");
    }
}

#[test]
fn downloads_may_be_parts_and_compressed_before() {
    let folder = Folder::new("parts");
    let files = folder.start();
    let mut client = files.connect();
    client.call("PUT", "/files/a.html", &[], b"0123456789").expect(201);
    client.call("PUT", "/files/a.html.gz", &[], b"compressed").expect(201);
    let part = client.call("GET", "/files/a.html", &[("range", "bytes=2-4")], b"").expect(206);
    assert_eq!((part.text(), part.header("content-range")), ("234", Some("bytes 2-4/10")));
    let whole = client.get("/files/a.html").expect(200);
    assert_eq!(whole.header("content-disposition"), Some("attachment"));
    let tag = whole.header("etag").expect("a tag").to_owned();
    client.call("GET", "/files/a.html", &[("if-none-match", &tag)], b"").expect(304);
    let compressed = client.call("GET", "/files/a.html", &[("accept-encoding", "gzip")], b"").expect(200);
    assert_eq!((compressed.text(), compressed.header("content-encoding")), ("compressed", Some("gzip")));
}

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=XyZ");

fn part(file_name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

#[test]
fn a_page_has_a_form_that_uploads_files() {
    let folder = Folder::new("form");
    let files = folder.start();
    let mut client = files.connect();
    let page = client.get("/").expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("<form action=/upload method=post enctype=multipart/form-data>"), "{}", page.text());
    let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let form =
        [part("Ein Bild.jpg", &content), part("", b""), part("C:\\b.txt", b"b"), b"--XyZ--\r\n".to_vec()].concat();
    let answer = client.call("POST", "/upload", &[FORM], &form).expect(303);
    assert_eq!(answer.header("location"), Some("/"));
    assert!(client.get("/files/Ein_Bild.jpg").expect(200).body == content);
    let page = client.get("/").expect(200);
    let page = page.text();
    assert!(page.contains("<a href=\"/files/Ein_Bild.jpg\">") && page.contains("<a href=\"/files/b.txt\">"), "{page}");
    // The first file is whole and stays, the second one is not.
    let cut = [part("first", b"1"), part("second", b"2"), b"--Xy".to_vec()].concat();
    client.call("POST", "/upload", &[FORM], &cut).expect(400);
    let hidden = [part(".hidden", b"1"), b"--XyZ--".to_vec()].concat();
    client.call("POST", "/upload", &[FORM], &hidden).expect(400);
    let mut names: Vec<_> =
        std::fs::read_dir(&folder.0).expect("a folder").map(|entry| entry.expect("a file").file_name()).collect();
    names.sort();
    assert_eq!(names, ["Ein_Bild.jpg", "b.txt", "first"]);
}

#[test]
fn a_form_that_breaks_off_leaves_nothing() {
    let folder = Folder::new("cut");
    let files = folder.start();
    let there = || std::fs::read_dir(&folder.0).expect("a folder").count();
    let wait_until_there = |count: usize| {
        let begun = Instant::now();
        while there() != count {
            assert!(begun.elapsed() < Duration::from_secs(10), "{} files, not {count}", there());
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let mut broken = files.connect();
    broken.send(&request("POST", "/upload", &[FORM, ("content-length", "10000000")], b""));
    broken.send(&part("a", &[b'x'; 500_000])[..400_000]);
    wait_until_there(1);
    drop(broken);
    wait_until_there(0);
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
