//! The load, on one thread; it ends by itself.
//!
//! ```text
//! echo-load echo PORT PID CONNECTIONS SECONDS BYTES    CPU time of the process per message, in µs, and messages
//! echo-load idle PORT PID CONNECTIONS                  resident memory of the process per connection, in bytes
//! echo-load topic PORT PID CONNECTIONS                 time until all have a message that one of them says, in ms: median of 9; and CPU time
//! ```

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn connect(port: u16, path: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    match head.starts_with(b"HTTP/1.1 101 ") {
        true => Ok(stream),
        false => Err(io::Error::other(String::from_utf8_lossy(&head).into_owned())),
    }
}

/// A text of up to 125 bytes, as a client sends it, and as a server does.
fn frames(bytes: usize) -> (Vec<u8>, Vec<u8>) {
    let mask = [0x12, 0x9a, 0xfe, 0x03];
    let payload = vec![b'x'; bytes];
    let mut sent = vec![0x81, 0x80 | bytes as u8];
    sent.extend(mask);
    sent.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    (sent, [&[0x81, bytes as u8][..], &payload].concat())
}

/// User and system time of a process, in µs.
fn cpu(pid: u32) -> io::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Ok(ticks * 10_000.0)
}

fn resident(pid: u32) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024)
}

fn echo(streams: &mut [TcpStream], seconds: f64, bytes: usize) -> io::Result<u64> {
    let (sent, expected) = frames(bytes);
    let mut space = vec![0; expected.len()];
    let (began, mut messages) = (Instant::now(), 0);
    // Once at least.
    while messages == 0 || began.elapsed().as_secs_f64() < seconds {
        for stream in &mut *streams {
            stream.write_all(&sent)?;
        }
        for stream in &mut *streams {
            stream.read_exact(&mut space)?;
            assert_eq!(space, expected, "the echo is another");
        }
        messages += streams.len() as u64;
    }
    Ok(messages)
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let (port, pid, connections) = (number(1) as u16, number(2) as u32, number(3) as usize);
    let before = resident(pid)?;
    let path = if arguments[0] == "topic" { "/topic" } else { "/" };
    let mut streams = (0..connections).map(|_| connect(port, path)).collect::<io::Result<Vec<_>>>()?;
    match &*arguments[0] {
        "echo" => {
            let bytes = number(5) as usize;
            echo(&mut streams, 0.3, bytes)?;
            let used = cpu(pid)?;
            let messages = echo(&mut streams, number(4), bytes)?;
            println!("{:.3} {messages}", (cpu(pid)? - used) / messages as f64);
        }
        "idle" => {
            // One message each, so that what a first message takes is counted.
            echo(&mut streams, 0.0, 32)?;
            std::thread::sleep(Duration::from_secs(2));
            println!("{}", (resident(pid)? - before) / connections as u64);
        }
        _ => {
            let (sent, expected) = frames(100);
            let mut space = vec![0; expected.len()];
            let used = cpu(pid)?;
            let mut times: Vec<f64> = Vec::new();
            for _ in 0..9 {
                let began = Instant::now();
                streams[0].write_all(&sent)?;
                for stream in &mut streams {
                    stream.read_exact(&mut space)?;
                    assert_eq!(space, expected);
                }
                times.push(began.elapsed().as_secs_f64() * 1000.0);
                std::thread::sleep(Duration::from_millis(100));
            }
            times.sort_by(f64::total_cmp);
            println!(
                "{:.1} ms, from {:.1} to {:.1}; CPU {:.1} ms",
                times[4],
                times[0],
                times[8],
                (cpu(pid)? - used) / 9000.0
            );
        }
    }
    Ok(())
}
