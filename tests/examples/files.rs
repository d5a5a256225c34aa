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
