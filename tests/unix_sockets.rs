//! Servers on sockets in the file system.
#![cfg(unix)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastweb::prelude::*;
use fastweb::{ConnectInfo, UnixSocket};
use support::server::TestServer;
use support::{PATIENCE, eventually};

/// A path for a socket, which is free.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("fastweb-{}-{}.sock", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &FilePath {
        &self.0
    }

    fn start(&self, app: App) -> TestServer {
        let socket = UnixSocket::new(&self.0);
        TestServer::start_with(app, move |server| server.bind_unix(socket))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn connect(place: &Place) -> UnixStream {
    let stream = UnixStream::connect(place.path()).expect("the server accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream
}

/// The body of the answer on a connection of its own.
fn ask(place: &Place, path: &str) -> String {
    let mut stream = connect(place);
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 192.0.2.7\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    answer.split_once("\r\n\r\n").expect("an answer has a head").1.to_owned()
}

async fn bind_error(place: &Place) -> String {
    let server = App::new().build().await.unwrap();
    server.bind_unix(place.path()).expect_err("the place is taken").to_string()
}

fn app() -> App {
    App::new()
        .workers(2)
        .get("/", "hello")
        .get("/peer", |peer: Option<ConnectInfo>, req: &mut Request| format!("{peer:?} {:?}", req.ip()))
        .get("/slow", async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "slow"
        })
}

#[test]
fn requests_are_answered_and_the_file_goes_with_the_server() {
    let place = Place::new();
    let server = place.start(app());
    assert!(fs::symlink_metadata(place.path()).unwrap().file_type().is_socket());
    for _ in 0..5 {
        assert_eq!(ask(&place, "/"), "hello");
    }
    assert_eq!(ask(&place, "/peer"), "None None");
    server.stop.shutdown();
    server.wait().unwrap();
    assert!(!place.path().exists());
}

#[test]
fn a_trusted_proxy_tells_who_the_client_is() {
    let place = Place::new();
    let _server = place.start(app().trust_proxy("unix"));
    assert_eq!(ask(&place, "/peer"), "None Some(192.0.2.7)");
    let place = Place::new();
    let _server = place.start(app().trust_proxy("loopback"));
    assert_eq!(ask(&place, "/peer"), "None None");
}

#[test]
fn shutdown_answers_what_has_begun() {
    let place = Place::new();
    let server = place.start(app());
    let idle = connect(&place);
    let mut slow = connect(&place);
    slow.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    server.stop.shutdown();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nslow"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    let mut idle = idle;
    assert_eq!(idle.read(&mut [0]).unwrap(), 0, "idle connections are closed");
    server.wait().unwrap();
}

#[test]
fn clients_that_leave_are_noticed() {
    let place = Place::new();
    let gone = std::sync::Arc::new(AtomicUsize::new(0));
    let count = gone.clone();
    let app =
        app().get("/never", async || std::future::pending::<&str>().await).on_request_abort(move |_: &mut Request| {
            count.fetch_add(1, Ordering::SeqCst);
        });
    let _server = place.start(app);
    let mut client = connect(&place);
    // What is never read: closing with it in the buffer is a reset, also on a Unix socket.
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET /never HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    drop(client);
    eventually("one abort", || gone.load(Ordering::SeqCst) == 1);
}

#[test]
fn permissions_hold() {
    for mode in [0o600, 0o660, 0o666] {
        let place = Place::new();
        let socket = UnixSocket::new(place.path()).mode(mode);
        let _server = TestServer::start_with(app(), move |server| server.bind_unix(socket));
        assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, mode);
        assert_eq!(ask(&place, "/"), "hello");
    }
}

#[test]
fn what_a_dead_server_left_is_replaced() {
    let place = Place::new();
    drop(UnixListener::bind(place.path()).unwrap());
    assert!(place.path().exists());
    let _server = place.start(app());
    assert_eq!(ask(&place, "/"), "hello");
}

#[tokio::test]
async fn a_socket_that_is_in_use_is_left_alone() {
    let place = Place::new();
    let _server = place.start(app());
    let error = bind_error(&place).await;
    assert!(error.contains("another server listens there") && error.contains("fastweb-"), "{error}");
    assert_eq!(ask(&place, "/"), "hello");
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let place = Place::new();
    fs::write(place.path(), "precious").unwrap();
    let error = bind_error(&place).await;
    assert!(error.contains("no socket"), "{error}");
    assert_eq!(fs::read_to_string(place.path()).unwrap(), "precious");
    fs::remove_file(place.path()).unwrap();
    // A link to a socket is no socket either.
    let other = Place::new();
    let _listener = UnixListener::bind(other.path()).unwrap();
    std::os::unix::fs::symlink(other.path(), place.path()).unwrap();
    assert!(bind_error(&place).await.contains("no socket"));
    assert!(other.path().exists());
}

#[tokio::test]
async fn a_path_that_is_too_long_is_told() {
    let server = App::new().build().await.unwrap();
    let error = server.bind_unix(format!("/tmp/{}", "x".repeat(200))).unwrap_err().to_string();
    assert!(error.starts_with("cannot listen on the Unix socket /tmp/xxx"), "{error}");
}

#[test]
fn a_server_removes_its_own_file_only() {
    let place = Place::new();
    let server = place.start(app());
    // Somebody has removed the file, and put another server there.
    fs::remove_file(place.path()).unwrap();
    let _other = UnixListener::bind(place.path()).unwrap();
    server.stop.shutdown();
    server.wait().unwrap();
    assert!(place.path().exists());
}
