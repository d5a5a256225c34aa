//! Connections, what they have sent and what they wait for.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::cpu;
use crate::epoll::{Epoll, connect};
use crate::options::Options;

/// How an answer is known to be whole.
pub struct Expected {
    status: [u8; 3],
    /// Of each; chunked ones end where they end.
    length: Option<usize>,
    /// The server closes the connection behind it.
    closes: bool,
}

impl Expected {
    pub fn new(answer: &[u8], length: Option<usize>, closes: bool) -> Result<Self, String> {
        Ok(Self { status: status(answer)?, length, closes })
    }
}

fn status(answer: &[u8]) -> Result<[u8; 3], String> {
    match answer {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1', b' ', b'2', b, c, ..] => Ok([b'2', *b, *c]),
        _ => Err(format!("the answer is no success: {}", String::from_utf8_lossy(&answer[..answer.len().min(200)]))),
    }
}

struct Connection {
    stream: TcpStream,
    /// Of the request that is being sent, or of the one that is answered.
    sent: usize,
    received: usize,
    /// The last bytes that came, for answers in chunks.
    last: [u8; 5],
    /// Since when it waits for an answer; without a rate this is always so.
    due: Option<Instant>,
}

#[derive(Default)]
struct Counts {
    answers: u64,
    sent: u64,
    received: u64,
    latencies: Vec<u32>,
}

pub struct Load<'o> {
    options: &'o Options,
    request: &'o [u8],
    expected: Expected,
    connections: Vec<Connection>,
    opened: u64,
    epoll: Epoll,
    space: Vec<u8>,
    counts: Counts,
    measures: bool,
}

impl<'o> Load<'o> {
    pub fn new(options: &'o Options, request: &'o [u8], expected: Expected) -> Result<Self, String> {
        if options.answers > 1 && expected.length.is_none() {
            return Err("chunked answers are not pipelined here".into());
        }
        let epoll = Epoll::new().map_err(|error| error.to_string())?;
        let space = vec![0; 256 * 1024];
        let counts = Counts::default();
        let mut load = Self {
            options,
            request,
            expected,
            connections: Vec::new(),
            opened: 0,
            epoll,
            space,
            counts,
            measures: false,
        };
        for number in 0..options.connections {
            let connection = load.open(number)?;
            load.connections.push(connection);
        }
        Ok(load)
    }

    fn open(&mut self, number: usize) -> Result<Connection, String> {
        self.opened += 1;
        let stream = connect(self.options.port, self.opened).map_err(|error| format!("cannot connect: {error}"))?;
        self.epoll.watch(&stream, number).map_err(|error| error.to_string())?;
        Ok(Connection { stream, sent: 0, received: 0, last: [0; 5], due: None })
    }

    /// Each connection sends its next request when the last one is answered.
    pub fn as_fast_as_answers_come(&mut self) -> Result<String, String> {
        let warm = Duration::from_secs_f64(self.options.warm);
        let measured = Duration::from_secs_f64(self.options.seconds);
        self.run_until(Instant::now() + warm)?;
        self.counts = Counts::default();
        self.measures = true;
        let (begun, cpu) = (Instant::now(), self.cpu());
        self.run_until(begun + measured)?;
        let (elapsed, cpu) = (begun.elapsed(), self.cpu().zip(cpu).map(|(now, then)| now - then));
        Ok(self.report(elapsed, cpu))
    }

    fn run_until(&mut self, end: Instant) -> Result<(), String> {
        let mut ready = Vec::with_capacity(512);
        while Instant::now() < end {
            ready.clear();
            ready.extend(self.epoll.wait(20));
            for &number in &ready {
                self.connections[number].due.get_or_insert_with(Instant::now);
                self.proceed(number)?;
            }
        }
        Ok(())
    }

    /// Requests are due at even distances, one connection after the other.
    pub fn at_rate(&mut self, rate: f64) -> Result<String, String> {
        let distance = Duration::from_secs_f64(1.0 / rate);
        let begun = Instant::now() + Duration::from_millis(50);
        let measured_from = begun + Duration::from_secs_f64(self.options.warm);
        let end = measured_from + Duration::from_secs_f64(self.options.seconds);
        // Those that are due while their connection still waits.
        let mut late: Vec<std::collections::VecDeque<Instant>> = vec![Default::default(); self.connections.len()];
        let mut next: u32 = 0;
        let mut cpu = None;
        let mut ready = Vec::with_capacity(512);
        loop {
            let now = Instant::now();
            if now >= end {
                break;
            }
            if !self.measures && now >= measured_from {
                self.counts = Counts::default();
                self.measures = true;
                cpu = self.cpu();
            }
            while begun + distance * next <= now {
                let number = next as usize % self.connections.len();
                let due = begun + distance * next;
                next += 1;
                if self.connections[number].due.is_some() {
                    late[number].push_back(due);
                } else {
                    self.connections[number].due = Some(due);
                    self.proceed(number)?;
                }
            }
            // It has a core of its own, and sleeping would be later than asked for.
            ready.clear();
            ready.extend(self.epoll.wait(0));
            for &number in &ready {
                self.proceed(number)?;
                while self.connections[number].due.is_none() {
                    let Some(due) = late[number].pop_front() else { break };
                    self.connections[number].due = Some(due);
                    self.proceed(number)?;
                }
            }
        }
        let cpu = self.cpu().zip(cpu).map(|(now, then)| now - then);
        Ok(self.report(Instant::now() - measured_from, cpu))
    }

    /// Sends and receives what can be sent and received now.
    fn proceed(&mut self, number: usize) -> Result<(), String> {
        loop {
            let connection = &mut self.connections[number];
            let Some(due) = connection.due else { return Ok(()) };
            while connection.sent < self.request.len() {
                match connection.stream.write(&self.request[connection.sent..]) {
                    Ok(written) => {
                        connection.sent += written;
                        self.counts.sent += written as u64;
                    }
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => break,
                    Err(error) => return Err(format!("a request cannot be sent: {error}")),
                }
            }
            let (whole, emptied) = self.receive(number)?;
            if whole {
                self.counts.answers += self.options.answers as u64;
                if self.measures {
                    let late = due.elapsed().as_nanos() / 100;
                    self.counts.latencies.push(u32::try_from(late).unwrap_or(u32::MAX));
                }
                if self.options.close || self.expected.closes {
                    self.connections[number] = self.open(number)?;
                    return Ok(());
                }
                let connection = &mut self.connections[number];
                connection.sent = 0;
                connection.received = 0;
                connection.last = [0; 5];
                connection.due = self.options.rate.is_none().then(Instant::now);
            } else if emptied {
                return Ok(());
            }
        }
    }

    /// Whether the answer is whole, and whether the socket is empty.
    fn receive(&mut self, number: usize) -> Result<(bool, bool), String> {
        let connection = &mut self.connections[number];
        // An answer may come before the whole request is sent.
        let read = match connection.stream.read(&mut self.space) {
            Ok(0) => return Err(format!("the server closed connection {number} after {} bytes", connection.received)),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                return Ok((false, true));
            }
            Err(error) => return Err(format!("an answer cannot be read: {error}")),
        };
        let bytes = &self.space[..read];
        self.counts.received += read as u64;
        let Some(length) = self.expected.length else {
            if connection.received == 0 && bytes.get(9..12) != Some(&self.expected.status[..]) {
                return Err(format!("another status: {}", String::from_utf8_lossy(&bytes[..read.min(200)])));
            }
            connection.received += read;
            let kept = read.min(5);
            connection.last.copy_within(kept.., 0);
            connection.last[5 - kept..].copy_from_slice(&bytes[read - kept..]);
            return Ok((connection.last == *b"0\r\n\r\n" && connection.sent == self.request.len(), false));
        };
        // Each answer begins where one of this length ends.
        let mut begin = connection.received.next_multiple_of(length) - connection.received;
        while begin + 12 <= read {
            if bytes[begin + 9..begin + 12] != self.expected.status {
                return Err(format!(
                    "another status or length: {}",
                    String::from_utf8_lossy(&bytes[begin..read.min(begin + 200)])
                ));
            }
            begin += length;
        }
        connection.received += read;
        let all = length * self.options.answers;
        if connection.received > all {
            return Err(format!("{} bytes came where {all} were expected", connection.received));
        }
        Ok((connection.received == all, false))
    }

    fn cpu(&self) -> Option<f64> {
        self.options.pid.and_then(cpu::seconds)
    }

    fn report(&mut self, elapsed: Duration, cpu: Option<f64>) -> String {
        let Counts { answers, sent, received, latencies } = &mut self.counts;
        latencies.sort_unstable();
        let at = |share: f64| {
            let place = (latencies.len() as f64 * share) as usize;
            latencies.get(place.min(latencies.len().saturating_sub(1))).map_or(0.0, |late| f64::from(*late) / 10.0)
        };
        let cpu = cpu.map_or("null".to_owned(), |cpu| format!("{cpu:.6}"));
        format!(
            "{{\"answers\":{answers},\"seconds\":{:.6},\"sent\":{sent},\"received\":{received},\"cpu\":{cpu},\"p50_us\":{:.1},\"p99_us\":{:.1},\"p999_us\":{:.1}}}",
            elapsed.as_secs_f64(),
            at(0.5),
            at(0.99),
            at(0.999),
        )
    }
}
