//! Many who ask for the same thing at the same time: one makes it.

use tokio::sync::Semaphore;

use super::support::eventually;
use super::support::server::TestServer;
use super::support::socket::Client;
use super::*;

const GET: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

fn send(clients: &mut [Client]) {
    for client in clients {
        client.send(GET);
    }
}

/// Lets handlers go on one by one.
#[derive(Clone)]
struct Gate(Arc<Semaphore>);

impl Gate {
    fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    async fn pass(&self) {
        self.0.acquire().await.expect("it is never closed").forget();
    }

    fn open(&self, number: usize) {
        self.0.add_permits(number);
    }
}

/// One whose handler waits at a gate, and its counts.
fn gated(cache: ResponseCache, answer: impl Fn(u64) -> Result<Reply> + Send + Sync + 'static) -> (App, Calls, Gate) {
    let (calls, gate) = (Calls::default(), Gate::closed());
    let (counted, waits) = (calls.clone(), gate.clone());
    let answer = Arc::new(answer);
    let handler = move || {
        let (counted, waits, answer) = (counted.clone(), waits.clone(), answer.clone());
        async move {
            let call = counted.next();
            waits.pass().await;
            answer(call)
        }
    };
    (App::new().workers(2).plugin(cache).get("/", handler), calls, gate)
}

fn cache() -> ResponseCache {
    ResponseCache::new().ttl(MINUTE)
}

#[test]
fn a_hundred_who_miss_have_the_handler_called_once() {
    let cache = cache();
    let handle = cache.handle();
    let (app, calls, gate) = gated(cache, |call| Ok(Reply::text(format!("call {call}"))));
    let server = TestServer::start(app);
    let mut clients: Vec<_> = (0..100).map(|_| server.client()).collect();
    send(&mut clients);
    eventually("99 wait", || handle.counts().waits == 99);
    gate.open(100);
    for client in &mut clients {
        assert_eq!(client.answer().text(), "call 1");
    }
    let counts = handle.counts();
    assert_eq!((calls.get(), counts.misses, counts.hits, counts.kept), (1, 1, 99, 1));
}

#[test]
fn who_waits_for_a_client_that_leaves_goes_on() {
    let cache = cache();
    let handle = cache.handle();
    let (app, calls, gate) = gated(cache, |call| Ok(Reply::text(format!("call {call}"))));
    let server = TestServer::start(app);
    let mut leader = server.client();
    leader.send(GET);
    eventually("it has begun", || calls.get() == 1);
    let mut clients: Vec<_> = (0..20).map(|_| server.client()).collect();
    send(&mut clients);
    eventually("20 wait", || handle.counts().waits == 20);
    leader.reset();
    eventually("another has begun", || calls.get() == 2);
    gate.open(20);
    for client in &mut clients {
        assert_eq!(client.answer().text(), "call 2");
    }
    assert_eq!(calls.get(), 2);
}

#[test]
fn what_fails_fails_for_one_alone() {
    let cache = cache();
    let handle = cache.handle();
    let (app, calls, gate) = gated(cache, |call| match call {
        1 => Err(Error::internal("the first fails")),
        2 => panic!("the second panics"),
        _ => Ok(Reply::text("made")),
    });
    let server = TestServer::start(app);
    let mut clients: Vec<_> = (0..10).map(|_| server.client()).collect();
    send(&mut clients);
    eventually("9 wait", || handle.counts().waits == 9);
    gate.open(1);
    // Nobody waits for a second of whom nobody knows that it fares better.
    eventually("all others have begun", || calls.get() == 10);
    gate.open(9);
    let mut statuses: Vec<_> = clients.iter_mut().map(|client| client.answer().status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 8].as_slice(), &[500; 2]].concat());
    assert_eq!(server.client().ask(GET).text(), "made");
    assert_eq!(calls.get(), 10);
}

#[test]
fn what_is_never_kept_is_waited_for_once_and_not_again() {
    let cache = cache();
    let handle = cache.handle();
    let (app, calls, gate) = gated(cache, |_| Ok(Reply::text("yours").with_header("cache-control", "private")));
    let server = TestServer::start(app);
    let ask = |number: u64, waits: u64| {
        let before = calls.get();
        let mut clients: Vec<_> = (0..number).map(|_| server.client()).collect();
        send(&mut clients);
        if waits > 0 {
            eventually("they wait", || handle.counts().waits == waits);
            gate.open(1);
        }
        eventually("all have begun", || calls.get() == before + number);
        gate.open(number as usize);
        clients.iter_mut().for_each(|client| assert_eq!(client.answer().text(), "yours"));
    };
    ask(10, 9);
    // It is known now: all begin at once.
    ask(10, 0);
    assert_eq!(handle.counts().waits, 9);
}

#[test]
fn answers_that_differ_are_waited_for_by_whom_they_are_for() {
    let cache = cache();
    let handle = cache.handle();
    let (calls, gate) = (Calls::default(), Gate::closed());
    let (counted, waits) = (calls.clone(), gate.clone());
    let handler = async move |req: &mut Request| {
        counted.next();
        waits.pass().await;
        let language = req.header("accept-language").unwrap_or("none").to_owned();
        Reply::text(language).with_header("vary", "accept-language")
    };
    let server = TestServer::start(App::new().workers(2).plugin(cache).get("/", handler));
    let languages = ["de", "en", "fr"];
    let mut clients: Vec<_> = (0..30)
        .map(|number| {
            let mut client = server.client();
            let language = languages[number % 3];
            client.send(format!("GET / HTTP/1.1\r\nhost: x\r\naccept-language: {language}\r\n\r\n"));
            (language, client)
        })
        .collect();
    eventually("29 wait", || handle.counts().waits == 29);
    gate.open(30);
    for (language, client) in &mut clients {
        assert_eq!(client.answer().text(), *language);
    }
    assert_eq!(calls.get(), 3);
}
