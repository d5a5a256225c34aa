//! The load: connections that send one request again and again, on one thread. It ends by itself.
//!
//! ```text
//! load PORT < REQUEST
//!   --connections N   (64)
//!   --seconds S       (1)  measured, after
//!   --warm S          (0.2)
//!   --answers N       (1)  REQUEST is so many requests, sent at once
//!   --close           a connection per REQUEST
//!   --rate R          so many REQUESTs per second in all, at even distances, whether answers come or not
//!   --pid P           tells the CPU time of this process too
//! ```
//!
//! REQUEST is sent as it is. The first answer is read with care and tells how long the others are; these have to be as long, with the same
//! status. Where it says `connection: close`, each gets a connection of its own. Chunked answers may be divided otherwise each time and are read to the last chunk. The result is one line of JSON. With `--rate`,
//! latencies are counted from when a request was due, so that an answer that is late is late for all that wait behind it.

mod client;
mod cpu;
mod epoll;
mod options;

use std::io::{Read, Write};
use std::process::ExitCode;

use client::{Expected, Load};
use options::Options;

fn main() -> ExitCode {
    match run() {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("load: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let options = Options::read(std::env::args().skip(1))?;
    let mut request = Vec::new();
    std::io::stdin().lock().read_to_end(&mut request).map_err(|error| format!("REQUEST cannot be read: {error}"))?;
    if request.is_empty() {
        return Err("REQUEST, which is read from the standard input, is empty".into());
    }
    let expected = first_answer(&options, &request)?;
    let mut load = Load::new(&options, &request, expected)?;
    match options.rate {
        Some(rate) => load.at_rate(rate),
        None => load.as_fast_as_answers_come(),
    }
}

/// What the answer to this request looks like.
fn first_answer(options: &Options, request: &[u8]) -> Result<Expected, String> {
    let mut stream =
        std::net::TcpStream::connect(("127.0.0.1", options.port)).map_err(|error| format!("no server: {error}"))?;
    let patience = Some(std::time::Duration::from_secs(10));
    stream
        .set_read_timeout(patience)
        .and_then(|()| stream.set_write_timeout(patience))
        .map_err(|error| error.to_string())?;
    // Servers that echo read no further while nobody reads what they send, so both are done at once.
    let mut writing = stream.try_clone().map_err(|error| error.to_string())?;
    let request = request.to_vec();
    let writer = std::thread::spawn(move || writing.write_all(&request));
    let mut answer = Vec::new();
    let mut piece = vec![0; 256 * 1024];
    let mut head_end = None;
    loop {
        let read = stream.read(&mut piece).map_err(|error| format!("no whole answer: {error}"))?;
        if read == 0 {
            return Err(format!(
                "the connection ended within the answer: {:?}",
                String::from_utf8_lossy(&answer[..answer.len().min(200)])
            ));
        }
        answer.extend_from_slice(&piece[..read]);
        let end = *head_end.get_or_insert_with(|| answer.windows(4).position(|bytes| bytes == b"\r\n\r\n"));
        let Some(end) = end else {
            head_end = None;
            continue;
        };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let closes = head.contains("connection: close");
        if head.contains("transfer-encoding: chunked") {
            if answer.ends_with(b"0\r\n\r\n") {
                let _ = writer.join();
                return Expected::new(&answer, None, closes);
            }
            continue;
        }
        let length: usize = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
            .ok_or_else(|| format!("the answer does not tell its length: {head}"))?;
        if answer.len() >= end + 4 + length {
            let _ = writer.join();
            return Expected::new(&answer, Some(end + 4 + length), closes);
        }
    }
}
