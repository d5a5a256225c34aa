//! What every server answers: types, data and text, and how sockets are opened. One allocator for all of them.
//!
//! | request | answer |
//! |---|---|
//! | `GET /plaintext` | `Hello, World!` |
//! | `GET /json` | `{"message":"Hello, World!"}` |
//! | `GET /users/{id}` | `{"id":"7","name":"User 7"}` |
//! | `GET /search?q=&limit=` | `{"q":"rust","limit":10}`; 400 where `limit` is no number |
//! | `GET /users?n=` | the first `n` of 100 users |
//! | `POST /users` | 201 and the user with an id; 400 where a field is missing or wrong |
//! | `POST /upload` | how many bytes came, counted as they come |
//! | `POST /echo` | the body, as it comes |
//! | `GET /download?bytes=` | so many `x`, in pieces |

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::LazyLock;
use std::thread;

use serde::{Deserialize, Serialize, Serializer};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub const HELLO: &str = "Hello, World!";
pub const SERVER: &str = "bench";
pub const JSON: &str = "application/json";
pub const TEXT: &str = "text/plain";

/// The pieces that downloads are made of. Servers that lend bytes lend these; others copy them.
pub static PIECE: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// Enough for any answer but a list.
pub const SMALL: usize = 128;

/// Enough for 100 users.
pub const LIST: usize = 9 * 1024;

#[derive(Serialize)]
pub struct Message {
    pub message: &'static str,
}

pub const MESSAGE: Message = Message { message: HELLO };

#[derive(Serialize)]
pub struct UserById<'a> {
    id: &'a str,
    #[serde(serialize_with = "name_of")]
    name: &'a str,
}

impl<'a> UserById<'a> {
    pub fn new(id: &'a str) -> Self {
        Self { id, name: id }
    }
}

/// `User 7`, formatted as it is written: the text is nowhere in memory before.
fn name_of<S: Serializer>(id: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("User {id}"))
}

/// For servers that read queries by serde.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    pub q: String,
    pub limit: i64,
}

#[derive(Serialize)]
pub struct Found<'a> {
    pub q: &'a str,
    pub limit: i64,
}

/// For servers that have no reader of queries. Without a whole `limit` there is nothing to search.
pub fn search_by_hand(query: &str) -> Option<(Cow<'_, str>, i64)> {
    let mut q = Cow::Borrowed("");
    let mut limit = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == "q" {
            q = value;
        } else if name == "limit" {
            limit = Some(value.parse().ok()?);
        }
    }
    limit.map(|limit| (q, limit))
}

#[derive(Deserialize)]
pub struct Count {
    #[serde(default)]
    pub n: usize,
}

#[derive(Deserialize)]
pub struct Download {
    pub bytes: u64,
}

/// A number of the query, for servers that have no reader of queries.
pub fn number_by_hand(query: &str, name: &str) -> Option<u64> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name)?;
    value.parse().ok()
}

/// With text of its own, as frameworks hand it out whose bodies do not outlive the reading.
#[derive(Deserialize)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub age: i64,
}

/// With text that is lent by the body, where there is one as long as the answer is written.
#[derive(Deserialize)]
pub struct LentUser<'a> {
    #[serde(borrow)]
    pub email: Cow<'a, str>,
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    pub age: i64,
}

#[derive(Serialize)]
pub struct Created<'a> {
    id: u64,
    email: &'a str,
    name: &'a str,
    age: i64,
}

impl NewUser {
    pub fn created(&self) -> Created<'_> {
        Created { id: 1, email: &self.email, name: &self.name, age: self.age }
    }
}

impl LentUser<'_> {
    pub fn created(&self) -> Created<'_> {
        Created { id: 1, email: &self.email, name: &self.name, age: self.age }
    }
}

#[derive(Serialize)]
pub struct User {
    id: u64,
    email: String,
    name: String,
    active: bool,
    score: f64,
}

static USERS: LazyLock<Vec<User>> = LazyLock::new(|| {
    let user = |id: u64| User {
        id,
        email: format!("user{id}@example.com"),
        name: format!("User {id}"),
        active: id.is_multiple_of(2),
        score: id as f64 * 1.5 + 0.25,
    };
    (1..=100).map(user).collect()
});

pub fn users(n: usize) -> &'static [User] {
    &USERS[..n.min(USERS.len())]
}

/// JSON text in a buffer that is large enough from the start.
pub fn json<T: Serialize + ?Sized>(value: &T, room: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(room);
    json_into(&mut text, value);
    text
}

pub fn json_into<T: Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(text, value).expect("these types have no keys that are no text");
}

pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// `PORT [WORKERS]` of the command line.
pub fn arguments() -> (u16, usize) {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().and_then(|text| text.parse().ok()).expect("usage: PORT [WORKERS]");
    let workers = arguments.next().map_or(Some(1), |text| text.parse().ok()).expect("WORKERS is a number");
    (port, workers)
}

pub fn address(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A socket of its own for a worker, of those that share a port.
pub fn listener(port: u16) -> TcpListener {
    let open = || {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address(port).into())?;
        socket.listen(4096)?;
        std::io::Result::Ok(socket)
    };
    open().expect("the port is free").into()
}

/// Runs a loop on so many threads, of which this one is the first.
pub fn on_threads(workers: usize, work: impl Fn() + Send + Sync + Copy + 'static) {
    let others: Vec<_> = (1..workers).map(|_| thread::spawn(work)).collect();
    work();
    for other in others {
        let _ = other.join();
    }
}
