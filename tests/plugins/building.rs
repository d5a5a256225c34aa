//! Where applications can be built: in every runtime, on every thread, and in none.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use fastweb::prelude::*;
use fastweb::{Scope, plugin};

use crate::support::server::TestServer;

/// An executor that knows nothing of tokio.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut work = pin!(work);
    loop {
        match work.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// What is set up here needs timers and tasks, which only a runtime has.
fn app() -> App {
    let timers = plugin("timers", async |scope: Scope| {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        let spawned = tokio::spawn(async { 7 }).await.expect("no panic");
        // Nor need what it waits for be `Send`.
        let not_send = std::rc::Rc::new(spawned);
        tokio::task::spawn_local(async move { assert_eq!(*not_send, 7) }).await.expect("no panic");
        let name = std::thread::current().name().map(str::to_owned);
        Ok(scope.get("/", move || format!("{name:?}")))
    });
    App::new().workers(1).plugin(timers)
}

const ON_CONTROL_THREAD: &str = r#"Some("fastweb-control")"#;

#[test]
fn without_a_runtime() {
    let server = block_on(app().build()).expect("nothing is wrong");
    let reply = block_on(server.inject(Inject::get("/")));
    reply.assert_status(200).assert_text(ON_CONTROL_THREAD);
    block_on(server.close()).expect("nothing is wrong");
    block_on(App::new().get("no-slash", "x").build()).expect_err("a path without a slash");
}

#[test]
fn in_every_runtime() {
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    let current = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for runtime in [&multi, &current] {
        let server = runtime.block_on(app().build()).expect("nothing is wrong");
        runtime.block_on(server.inject(Inject::get("/"))).assert_text(ON_CONTROL_THREAD);
        runtime.block_on(server.close()).expect("nothing is wrong");
    }
    let spawned = multi.spawn(async {
        app().build().await?.inject(Inject::get("/")).await.status();
        Ok::<_, Error>(())
    });
    multi.block_on(spawned).expect("no panic").expect("nothing is wrong");
}

#[test]
fn a_server_is_built_in_one_runtime_and_served_in_another() {
    let first = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let server = first.block_on(app().build()).expect("nothing is wrong");
    drop(first);
    let served = std::thread::spawn(move || {
        let listening = server.bind("127.0.0.1:0").expect("a free port");
        drop(server);
        let (address, stop) = (listening.local_addr(), listening.shutdown_handle());
        let serving = std::thread::spawn(move || block_on(listening.serve()));
        let answer = crate::support::socket::Client::connect(address).ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(answer.text(), ON_CONTROL_THREAD);
        stop.shutdown();
        serving.join().expect("no panic").expect("a graceful end");
    });
    served.join().expect("no panic");
}

#[test]
fn futures_and_what_they_give_may_go_to_other_threads() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    fn is_shared<T: Send + Sync>() {}
    drop(is_send(app().build()));
    drop(is_send(app().listen("127.0.0.1:0")));
    is_shared::<Server>();
    is_shared::<fastweb::ShutdownHandle>();
    let server = block_on(app().build()).expect("nothing is wrong");
    drop(is_send(server.inject(Inject::get("/"))));
    drop(is_send(server.bind("127.0.0.1:0").expect("a free port").serve()));
    drop(is_send(server.close()));
}

/// Two servers of one program do not know of each other.
#[test]
fn two_servers() {
    let servers = [(); 2].map(|()| TestServer::start(app()));
    for server in &servers {
        assert_eq!(server.client().ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").text(), ON_CONTROL_THREAD);
    }
    let [one, two] = servers;
    one.stop.shutdown();
    one.wait().expect("a graceful end");
    assert_eq!(two.client().ask("GET / HTTP/1.1\r\nhost: x\r\n\r\n").status, 200);
}
