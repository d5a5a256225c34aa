//! Addresses and listeners.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;

use fastweb::prelude::*;

use crate::app::{HELLO, app};
use crate::support::PATIENCE;
use crate::support::pipe::block_on;
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::support::socket::Client;

#[test]
fn port_0_is_any_port_that_is_free() {
    let probe = Probe::default();
    let servers = [(); 2].map(|()| TestServer::start(app(&probe).0));
    let ports = servers.each_ref().map(|server| server.address.port());
    assert!(ports[0] != 0 && ports[1] != 0 && ports[0] != ports[1], "{ports:?}");
    for server in &servers {
        assert_eq!(server.client().ask(HELLO).summary(), "200 - hello");
    }
}

#[test]
fn on_listen_is_told_the_address_when_the_server_accepts() {
    let probe = Probe::default();
    let (told, hears) = mpsc::channel();
    let (app, _gate) = app(&probe);
    let server =
        TestServer::start(app.on_listen(move |address: SocketAddr| told.send(address).expect("somebody hears")));
    assert_eq!(hears.recv_timeout(PATIENCE), Ok(server.address));
    assert_eq!(server.client().ask(HELLO).summary(), "200 - hello");
}

#[test]
fn a_listener_that_is_bound_already() {
    let probe = Probe::default();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    // A client that connects before anybody serves has to wait, and is not lost.
    let mut early = Client::connect(address);
    early.send(HELLO);
    let server = TestServer::start_with(app(&probe).0, move |server| server.bind_listener(listener));
    assert_eq!(server.address, address);
    assert_eq!(early.answer().summary(), "200 - hello");
    assert_eq!(server.client().ask(HELLO).summary(), "200 - hello");
    server.stop.shutdown();
    early.assert_closed();
    server.wait().expect("a graceful end");
    assert!(TcpListener::bind(address).is_ok(), "the address is free again");
}

#[test]
fn an_address_that_is_taken_is_an_error_that_names_it() {
    let probe = Probe::default();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it has one");
    block_on(async {
        let server = app(&probe).0.build().await.expect("a valid application");
        let error = server.bind(address).expect_err("it is taken");
        assert!(error.message().contains(&address.to_string()), "{error}");
        let error = app(&probe).0.listen(address).await.expect_err("it is taken");
        assert!(error.message().contains(&address.to_string()), "{error}");
    });
}

#[test]
fn an_address_that_names_nothing_is_an_error() {
    block_on(async {
        let server = App::new().get("/", "hello").build().await.expect("a valid application");
        assert!(server.bind("not an address").is_err());
        assert!(server.bind(&[][..] as &[SocketAddr]).is_err());
    });
}

#[test]
fn the_first_address_that_can_be_bound_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addresses = [taken.local_addr().expect("it has one"), SocketAddr::from(([127, 0, 0, 1], 0))];
    block_on(async {
        let server = App::new().get("/", "hello").build().await.expect("a valid application");
        let listening = server.bind(&addresses[..]).expect("the second is free");
        assert_ne!(listening.local_addr(), addresses[0]);
    });
}

#[test]
fn run_within_a_runtime_is_an_error_that_names_listen() {
    block_on(async {
        let error = App::new().get("/", "hello").run("127.0.0.1:0").expect_err("it would block the runtime");
        assert!(error.message().contains("listen("), "{error}");
    });
}

#[test]
fn listen_may_be_awaited_in_any_runtime_and_is_send() {
    let probe = Probe::default();
    let (told, hears) = mpsc::channel();
    let (app, _gate) = app(&probe);
    let app = app.on_listen(move |address: SocketAddr| told.send(address).expect("somebody hears"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let serving = runtime.spawn(app.listen("127.0.0.1:0"));
    let address = hears.recv_timeout(PATIENCE).expect("it listens");
    assert_eq!(Client::connect(address).ask(HELLO).summary(), "200 - hello");
    serving.abort();
    probe.wait_for("close", 1);
}

#[test]
fn what_is_wrong_with_the_application_is_an_error_of_listen() {
    block_on(async {
        let error = App::new().get("/a", "a").get("/a", "b").listen("127.0.0.1:0").await.expect_err("a route twice");
        assert!(error.message().contains("/a"), "{error}");
    });
}

#[test]
fn ipv6() {
    let probe = Probe::default();
    // Not every machine has it.
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let server = TestServer::start_with(app(&probe).0, |server| server.bind("[::1]:0"));
    assert!(server.address.is_ipv6());
    assert_eq!(server.client().ask(HELLO).summary(), "200 - hello");
}
