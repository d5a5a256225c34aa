//! Functions with a route macro and `blocking`, over the wire: a full pool, and clients that do not wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use fastweb::prelude::*;

use crate::support::server::TestServer;
use crate::support::{PATIENCE, eventually};

/// Work that runs until the test lets it go.
struct Gate {
    begun: AtomicUsize,
    written: AtomicUsize,
    dropped: AtomicUsize,
    pass: Mutex<mpsc::Receiver<()>>,
}

fn gate() -> (Arc<Gate>, mpsc::Sender<()>) {
    let (open, pass) = mpsc::channel();
    let gate = Gate {
        begun: AtomicUsize::new(0),
        written: AtomicUsize::new(0),
        dropped: AtomicUsize::new(0),
        pass: Mutex::new(pass),
    };
    (Arc::new(gate), open)
}

/// The state of the application.
struct Shared(Arc<Gate>);

/// An answer that tells what became of it.
struct Watched(Arc<Gate>);

impl IntoReply for Watched {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        self.0.written.fetch_add(1, Ordering::SeqCst);
        "passed".into_reply(reply)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

#[get("/work", blocking)]
fn work(shared: Arc<Shared>) -> Watched {
    let gate = shared.0.clone();
    gate.begun.fetch_add(1, Ordering::SeqCst);
    gate.pass.lock().unwrap().recv_timeout(PATIENCE).expect("the test opens the gate");
    Watched(gate)
}

#[get("/plain")]
fn plain() -> &'static str {
    "plain"
}

fn server(gate: &Arc<Gate>, queue: usize) -> TestServer {
    let app = App::new().workers(1).blocking_threads(1).blocking_queue(queue).state(Shared(gate.clone()));
    TestServer::start(app.route(work).route(plain))
}

const WORK: &str = "GET /work HTTP/1.1\r\nhost: x\r\n\r\n";
const PLAIN: &str = "GET /plain HTTP/1.1\r\nhost: x\r\n\r\n";

#[test]
fn a_full_pool_is_503_while_other_requests_are_answered() {
    let (gate, open) = gate();
    let server = server(&gate, 1);
    let mut running = server.client();
    running.send(WORK);
    eventually("work is running", || gate.begun.load(Ordering::SeqCst) == 1);
    let mut others = [server.client(), server.client()];
    for client in &mut others {
        client.send(WORK);
    }
    assert_eq!(server.client().ask(PLAIN).summary(), "200 - plain");
    // One of the two waits, the other has no place.
    let refused = server.client().ask(WORK);
    assert_eq!((refused.summary().as_str(), refused.header("retry-after")), ("503 - FW_ERR_BUSY", Some("1")));
    open.send(()).unwrap();
    open.send(()).unwrap();
    assert_eq!(running.answer().summary(), "200 - passed");
    let mut answers = others.map(|mut client| client.answer().summary());
    answers.sort();
    assert_eq!(answers, ["200 - passed", "503 - FW_ERR_BUSY"]);
    assert_eq!(gate.written.load(Ordering::SeqCst), 2);
}

#[test]
fn the_result_of_work_whose_client_is_gone_is_dropped() {
    let (gate, open) = gate();
    let server = server(&gate, 1);
    let mut client = server.client();
    client.send(WORK);
    eventually("work is running", || gate.begun.load(Ordering::SeqCst) == 1);
    client.reset();
    // The worker has seen that when it answers what came after.
    assert_eq!(server.client().ask(PLAIN).summary(), "200 - plain");
    std::thread::sleep(std::time::Duration::from_millis(50));
    open.send(()).unwrap();
    eventually("the result is dropped", || gate.dropped.load(Ordering::SeqCst) == 1);
    assert_eq!(gate.written.load(Ordering::SeqCst), 0);
}
