//! A gigabyte up and a gigabyte down through the examples, while their memory is looked at. `cargo build --examples` first; then
//! `cargo test --test gigabyte -- --ignored --nocapture`.

#![cfg(target_os = "linux")] // Whose /proc tells the memory of a process.

#[allow(dead_code)] // Each test binary uses a part of this.
mod support {
    pub(crate) mod client;
    pub(crate) mod process;
}

use std::time::{Duration, Instant};

use support::client::request;
use support::process::Example;

const ANY_PORT: &str = "127.0.0.1:0";
const BLOCK: usize = 64 * 1024;
const BLOCKS: u64 = 16 * 1024;

/// In KiB.
const MOST: i64 = 8 * 1024;

/// Every block begins with its number, so that none can be missing or twice.
fn fill(block: &mut [u8], n: u64) {
    block[..8].copy_from_slice(&n.to_le_bytes());
}

/// How much more memory a process has had at most.
struct Growth<'e>(&'e Example, i64, i64);

impl<'e> Growth<'e> {
    fn of(example: &'e Example) -> Self {
        Self(example, example.memory(), 0)
    }

    fn look(&mut self) {
        self.2 = self.2.max(self.0.memory() - self.1);
    }

    #[track_caller]
    fn report(mut self, what: &str, began: Instant) {
        self.look();
        println!(
            "{what}: {} KiB more memory at most, of {}, in {:.1} s",
            self.2,
            self.1,
            began.elapsed().as_secs_f64()
        );
        assert!(self.2 < MOST, "{} KiB more", self.2);
    }
}

struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
#[ignore = "it takes a gigabyte of disk and half a minute"]
fn up_to_the_disk_and_down_to_a_slow_client() {
    let folder = Folder(std::env::temp_dir().join(format!("fastweb-gigabyte-{}", std::process::id())));
    let files = Example::start("files", &[ANY_PORT, folder.0.to_str().expect("it is text")]);
    let mut client = files.connect();
    // So that what it keeps at hand is there.
    let some = vec![b'x'; 4 << 20];
    client.call("PUT", "/files/warm", &[], &some).expect(201);
    assert!(client.get("/files/warm").expect(200).body == some);

    let (began, mut growth) = (Instant::now(), Growth::of(&files));
    let length = (BLOCKS * BLOCK as u64).to_string();
    client.send(&request("PUT", "/files/large", &[("content-length", &length)], b""));
    let mut block = vec![b'x'; BLOCK];
    for n in 0..BLOCKS {
        fill(&mut block, n);
        client.send(&block);
        if n % 256 == 0 {
            growth.look();
        }
    }
    assert_eq!(client.read(false).expect(201).text(), format!("{length} bytes\n"));
    growth.report("1 GiB up to the disk", began);

    let (began, mut growth) = (Instant::now(), Growth::of(&files));
    client.send(&request("GET", "/files/large", &[], b""));
    assert_eq!(client.read_head().expect(200).header("content-length"), Some(&*length));
    let (mut read, mut expected) = (vec![0; BLOCK], vec![b'x'; BLOCK]);
    for n in 0..BLOCKS {
        let mut filled = 0;
        while filled < BLOCK {
            filled += client.read_some(&mut read[filled..]);
        }
        fill(&mut expected, n);
        assert!(read == expected, "block {n}");
        if n % 64 == 0 {
            // The server could send some 100 times as fast.
            std::thread::sleep(Duration::from_millis(20));
            growth.look();
        }
    }
    growth.report("1 GiB down to a slow client", began);
    client.get("/files/none").expect(404);
}

#[test]
#[ignore = "it takes a gigabyte of disk and some seconds"]
fn up_to_the_disk_in_a_form() {
    let folder = Folder(std::env::temp_dir().join(format!("fastweb-gigabyte-form-{}", std::process::id())));
    let files = Example::start("files", &[ANY_PORT, folder.0.to_str().expect("it is text")]);
    let mut client = files.connect();
    let head = |name: &str| {
        format!("--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes()
    };
    let (media_type, end) = (("content-type", "multipart/form-data; boundary=XyZ"), b"\r\n--XyZ--\r\n");
    let warm = [&head("warm")[..], &vec![b'x'; 4 << 20], end].concat();
    client.call("POST", "/upload", &[media_type], &warm).expect(303);

    let (began, mut growth) = (Instant::now(), Growth::of(&files));
    let bytes = BLOCKS * BLOCK as u64;
    let head = head("large");
    let length = (head.len() as u64 + bytes + end.len() as u64).to_string();
    client.send(&request("POST", "/upload", &[media_type, ("content-length", &length)], b""));
    client.send(&head);
    // What nearly is a boundary, so that it is looked at.
    let mut block = b"\r\n--Xy.........".repeat(BLOCK / 15 + 1);
    block.truncate(BLOCK);
    for n in 0..BLOCKS {
        fill(&mut block, n);
        client.send(&block);
        if n % 256 == 0 {
            growth.look();
        }
    }
    client.send(end);
    client.read(false).expect(303);
    growth.report("1 GiB up to the disk in a form", began);
    assert_eq!(std::fs::metadata(folder.0.join("large")).expect("a file").len(), bytes);
}

#[test]
#[ignore = "it takes some seconds"]
fn json_from_a_source_that_is_larger_than_memory() {
    let stream = Example::start("stream", &[ANY_PORT]);
    for target in ["/readings.ndjson?count=100000000000", "/readings.csv?count=100000000000"] {
        let mut client = stream.connect();
        client.get("/readings?count=10000").expect(200);
        let (began, mut growth) = (Instant::now(), Growth::of(&stream));
        client.send(&request("GET", target, &[], b""));
        client.read_head().expect(200);
        let (mut space, mut read) = (vec![0; BLOCK], 0);
        for n in 0_u32.. {
            read += client.read_some(&mut space);
            if n % 64 == 0 {
                std::thread::sleep(Duration::from_millis(5));
                growth.look();
            }
            if read > 64 << 20 {
                break;
            }
        }
        growth.report(&format!("64 MiB of {target} to a slow client"), began);
    }
}
