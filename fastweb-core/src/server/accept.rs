//! Accepting connections and spreading them evenly.
//!
//! All workers wait on one listening socket. Whoever accepts a connection gives it to the worker that has the fewest, itself if it
//! is one of those: at eight connections no worker has two more than another. `SO_REUSEPORT`, where the kernel picks a
//! worker by hash, cannot do that; it is there by option.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, watch};

use super::counters::Event;
use super::limits::Limits;
use super::socket::{Detached, Listener, Socket, Stream};
use super::worker::{Stage, Worker};
#[cfg(unix)]
use crate::erased;
use crate::http1;

/// A connection on its way to its worker.
pub(super) type Placed = (Detached, Option<SocketAddr>, Place);

/// A connection on the runtime that has accepted it, and its place where its peer may have it.
type Accepted = (Stream, Option<SocketAddr>, Option<Place>);

/// What the workers of one server share.
pub(super) struct Shared {
    loads: Mutex<Loads>,
    most: usize,
    /// Connections that one peer may have; 0 is any number.
    most_per_peer: usize,
    /// When it was last logged that connections cannot be accepted.
    complained: Mutex<Option<Instant>>,
    /// A connection has left while there were as many as there may be.
    room: Notify,
    /// Workers that still accept.
    pub(super) accepting: AtomicUsize,
    pub(super) stage: watch::Sender<Stage>,
    /// All workers have started. Before, none accepts: its connections could take the files that the others need to start.
    pub(super) opened: watch::Sender<bool>,
    /// Told once per tick of the coarse clock.
    pub(super) ticks: Arc<Notify>,
    inboxes: Vec<mpsc::UnboundedSender<Placed>>,
    /// Each worker has a socket of its own and keeps what it accepts.
    own_sockets: bool,
}

struct Loads {
    /// Connections per worker, those on their way included.
    workers: Vec<usize>,
    /// Connections per peer, where those are bounded.
    peers: HashMap<PeerKey, usize>,
}

/// Tells peers apart: who has an IPv6 address has the 64-bit network that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PeerKey(u64);

impl PeerKey {
    /// Of no peer.
    const NONE: Self = Self(0);

    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            // One more, so that none is 0. As networks of IPv6 these are reserved.
            IpAddr::V4(address) => Self(u64::from(u32::from(address)) + 1),
            // That of the loopback address has no bits: it has to be somebody.
            IpAddr::V6(address) => match (u128::from(address) >> 64) as u64 {
                0 => Self(u64::MAX),
                network => Self(network),
            },
        }
    }
}

impl Loads {
    fn total(&self) -> usize {
        self.workers.iter().sum()
    }
}

impl Shared {
    pub(super) fn new(inboxes: Vec<mpsc::UnboundedSender<Placed>>, limits: &Limits, own_sockets: bool) -> Arc<Self> {
        Arc::new(Self {
            loads: Mutex::new(Loads { workers: vec![0; inboxes.len()], peers: HashMap::new() }),
            most: limits.most_connections(),
            most_per_peer: limits.connections_per_peer,
            complained: Mutex::default(),
            room: Notify::new(),
            ticks: Arc::default(),
            accepting: AtomicUsize::new(inboxes.len()),
            stage: watch::Sender::new(Stage::Running),
            opened: watch::Sender::new(false),
            inboxes,
            own_sockets,
        })
    }

    fn loads(&self) -> MutexGuard<'_, Loads> {
        self.loads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection that worker `me` has accepted and says whose it is. `None` where its peer has as many as it may have.
    fn place(self: &Arc<Self>, me: usize, peer: Option<IpAddr>) -> Option<Place> {
        self.place_in(&mut self.loads(), me, peer)
    }

    /// Accepts a connection for worker `me` and counts it. `None` where another worker has taken the last place meanwhile.
    fn poll_accept(
        self: &Arc<Self>,
        listener: &Listener,
        me: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Accepted>>> {
        // One lock from the question to the count, or two workers could both take the last place. Accepting does not block.
        let mut loads = self.loads();
        if loads.total() >= self.most {
            return Poll::Ready(None);
        }
        let accepted = ready!(listener.poll_accept(cx));
        let placed = accepted.map(|(stream, peer)| {
            let place = self.place_in(&mut loads, me, peer.map(|peer| peer.ip()));
            (stream, peer, place)
        });
        Poll::Ready(Some(placed))
    }

    fn place_in(self: &Arc<Self>, loads: &mut Loads, me: usize, peer: Option<IpAddr>) -> Option<Place> {
        let mut key = PeerKey::NONE;
        // Whoever comes by a Unix socket is on this machine, and has no address to be told apart by.
        if self.most_per_peer > 0
            && let Some(peer) = peer
        {
            key = PeerKey::of(peer);
            let count = loads.peers.entry(key).or_default();
            if *count >= self.most_per_peer {
                return None;
            }
            *count += 1;
        }
        let mut worker = me;
        if !self.own_sockets {
            for (at, load) in loads.workers.iter().enumerate() {
                if *load < loads.workers[worker] {
                    worker = at;
                }
            }
        }
        loads.workers[worker] += 1;
        Some(Place { shared: self.clone(), worker, peer: key })
    }

    pub(super) fn load(&self, worker: usize) -> usize {
        self.loads().workers[worker]
    }

    fn is_full(&self) -> bool {
        self.loads().total() >= self.most
    }

    /// Whether it is time to log again that connections cannot be accepted.
    fn may_complain(&self) -> bool {
        let mut complained = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        let may = complained.is_none_or(|last| last.elapsed() >= COMPLAINTS_APART);
        if may {
            *complained = Some(Instant::now());
        }
        may
    }

    /// Waits until there may be one more connection. Until then clients wait in the backlog.
    async fn wait_for_room(&self) {
        while self.is_full() {
            let left = self.room.notified();
            if self.is_full() {
                left.await;
            }
        }
    }
}

/// A connection that counts.
pub(crate) struct Place {
    shared: Arc<Shared>,
    worker: usize,
    peer: PeerKey,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut loads = self.shared.loads();
        loads.workers[self.worker] -= 1;
        if self.peer != PeerKey::NONE
            && let Some(count) = loads.peers.get_mut(&self.peer)
        {
            *count -= 1;
            if *count == 0 {
                loads.peers.remove(&self.peer);
            }
        }
        drop(loads);
        self.shared.room.notify_waiters();
    }
}

/// How long a worker waits that cannot accept: connections close meanwhile, and trying again at once would spin.
const BACK_OFF: Duration = Duration::from_millis(50);

/// It is logged at most this often that connections cannot be accepted. Each failure is counted.
const COMPLAINTS_APART: Duration = Duration::from_secs(10);

/// Accepts until it is stopped.
pub(super) async fn accept(worker: Rc<Worker>, listener: Listener, shared: Arc<Shared>, me: usize) {
    let _ = shared.opened.subscribe().wait_for(|opened| *opened).await;
    loop {
        shared.wait_for_room().await;
        match poll_fn(|cx| shared.poll_accept(&listener, me, cx)).await {
            None => {}
            Some(Ok((stream, peer, Some(place)))) => distribute(&worker, stream, peer, place, &shared, me),
            Some(Ok((_, peer, None))) => {
                tracing::debug!(peer = ?peer.map(|peer| peer.ip()), "a connection was closed: its peer has as many as it may have");
                worker.count(Event::Refused);
            }
            Some(Err(error)) if is_the_clients(&error) => {}
            Some(Err(error)) => {
                // Out of descriptors or memory.
                worker.count(Event::AcceptFailed);
                if shared.may_complain() {
                    tracing::warn!(error = %error, "connections cannot be accepted: they wait in the backlog");
                }
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// The client left between its connect and our accept, or its network did: Linux tells here what became of the connection (accept(2)).
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
        NetworkUnreachable, TimedOut, WouldBlock,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
            | TimedOut
            | WouldBlock
    )
}

fn distribute(
    worker: &Rc<Worker>,
    stream: Stream,
    peer: Option<SocketAddr>,
    place: Place,
    shared: &Arc<Shared>,
    me: usize,
) {
    if place.worker == me {
        serve(worker, stream, peer, place);
    } else if let Ok(stream) = stream.detach() {
        // Should that worker have ended, the connection ends here, and its place with it.
        let _ = shared.inboxes[place.worker].send((stream, peer, place));
    }
}

/// Serves the connections that other workers have accepted for this one.
pub(super) async fn receive(worker: Rc<Worker>, mut inbox: mpsc::UnboundedReceiver<Placed>) {
    while let Some((stream, peer, place)) = inbox.recv().await {
        if let Ok(stream) = Stream::attach(stream) {
            serve(&worker, stream, peer, place);
        }
    }
}

/// Accepts what is in the backlog: those clients have connected before the server began to stop.
pub(super) fn accept_backlog(worker: &Rc<Worker>, listener: &Socket, shared: &Arc<Shared>, me: usize) {
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                if let Some(place) = shared.place(me, peer.map(|peer| peer.ip()))
                    && let Ok(stream) = Stream::attach(stream)
                {
                    distribute(worker, stream, peer, place, shared, me);
                }
            }
            // Behind one client that left there may be others.
            Err(error) if error.kind() != io::ErrorKind::WouldBlock && is_the_clients(&error) => {}
            Err(_) => return,
        }
    }
}

fn serve(worker: &Rc<Worker>, stream: Stream, peer: Option<SocketAddr>, place: Place) {
    let worker = worker.clone();
    match stream {
        Stream::Tcp(stream) => {
            // Answers are written whole; waiting for more to send would only delay them.
            let _ = stream.set_nodelay(true);
            tokio::task::spawn_local(http1::serve(stream, peer, worker, Some(place)));
        }
        #[cfg(unix)]
        Stream::Unix(stream) => {
            erased::spawn_local(http1::serve(stream, peer, worker, Some(place)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(workers: usize, most: usize) -> Arc<Shared> {
        let inboxes = (0..workers).map(|_| mpsc::unbounded_channel().0).collect();
        Shared::new(inboxes, &Limits::default().with_connections(most), false)
    }

    fn place(shared: &Arc<Shared>, me: usize) -> Place {
        shared.place(me, Some(IpAddr::from([127, 0, 0, 1]))).expect("any number of one peer")
    }

    #[test]
    fn a_peer_has_so_many_connections_and_no_more() {
        let limits = Limits::default().with_connections_per_peer(2);
        let shared = Shared::new(vec![mpsc::unbounded_channel().0], &limits, false);
        let place = |address: &str| shared.place(0, Some(address.parse().expect("an address")));
        for (same, other) in
            [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1"), ("::ffff:192.0.2.3", "::1")]
        {
            let first = place(same);
            let second = place(same);
            assert!(first.is_some() && second.is_some() && place(same).is_none() && place(other).is_some(), "{same}");
            drop(first);
            assert!(place(same).is_some(), "{same}: there is room again");
        }
        assert!(place("2001:db8::1").is_some());
        let network = [place("2001:db8::1"), place("2001:db8::ffff:1")];
        assert!(network.iter().all(Option::is_some) && place("2001:db8::2").is_none(), "one network is one peer");
        drop(network);
        assert!(shared.loads().peers.is_empty(), "nobody is remembered who has no connection");
    }

    /// Accepts with these errors before the first connection comes. Gives how many of them were counted as failures of the server's.
    #[cfg(target_os = "linux")]
    fn failures_of(errors: &[i32]) -> u64 {
        use std::io::{Read, Write};

        use crate::App;
        use crate::app::BoundApp;

        let app = App::new().get("/", "hello");
        let counters = app.counters();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build_local(tokio::runtime::LocalOptions::default())
            .expect("a runtime");
        runtime.block_on(async {
            let server = app.build().await.expect("a valid application");
            let worker = Worker::new(BoundApp::bind(server.app.clone()).await.expect("nothing to bind"), 0, 1);
            let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
            socket.set_nonblocking(true).expect("it can be set");
            let address = socket.local_addr().expect("it has one");
            let errors = errors.iter().map(|&error| io::Error::from_raw_os_error(error)).collect();
            let listener = tokio::net::TcpListener::from_std(socket).expect("a runtime");
            let listener = Listener::Faulty(std::cell::RefCell::new(errors), listener);
            let shared = shared(1, 10);
            shared.opened.send_replace(true);
            let accepting = tokio::task::spawn_local(accept(worker, listener, shared, 0));
            let client = tokio::task::spawn_blocking(move || {
                let mut client = std::net::TcpStream::connect(address).expect("it listens");
                client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("it reads");
                let mut answer = String::new();
                client.read_to_string(&mut answer).expect("it answers");
                answer
            });
            let answer = client.await.expect("no panic");
            assert!(answer.ends_with("hello"), "{answer:?}");
            accepting.abort();
        });
        counters.read().accept_failures
    }

    /// A system without files (ENFILE), a process without (EMFILE), no memory (ENOBUFS, ENOMEM): it waits and goes on.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_server_that_cannot_accept_waits_and_goes_on() {
        let [enfile, emfile, enobufs, enomem] = [23, 24, 105, 12];
        let began = Instant::now();
        assert_eq!(failures_of(&[enfile, enfile, emfile, enobufs, enomem]), 5);
        assert!(began.elapsed() >= BACK_OFF * 5, "it spins");
    }

    /// ECONNABORTED, EINTR, ENETDOWN, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT: the next client has nothing to do with it.
    #[test]
    #[cfg(target_os = "linux")]
    fn what_became_of_one_client_holds_up_no_other() {
        assert_eq!(failures_of(&[103, 4, 100, 101, 113, 110]), 0);
    }

    #[test]
    fn complaints_are_rare() {
        let shared = shared(1, 1);
        assert!(shared.may_complain());
        assert!((0..100).all(|_| !shared.may_complain()));
    }

    #[test]
    fn connections_go_to_the_least_loaded_worker() {
        let shared = shared(3, 100);
        let places: Vec<Place> = (0..8).map(|_| place(&shared, 1)).collect();
        let loads: Vec<usize> = (0..3).map(|worker| shared.load(worker)).collect();
        assert_eq!(loads.iter().sum::<usize>(), 8);
        assert!(loads.iter().all(|load| (2..=3).contains(load)), "{loads:?}");
        drop(places);
        assert_eq!(shared.load(0) + shared.load(1) + shared.load(2), 0);
    }

    #[test]
    fn a_worker_keeps_what_it_accepts_where_loads_are_equal() {
        let shared = shared(2, 100);
        assert_eq!(place(&shared, 1).worker, 1);
        assert_eq!(place(&shared, 0).worker, 0);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_full_server_waits_for_room() {
        let shared = shared(1, 1);
        let place = place(&shared, 0);
        let waiting = tokio::time::timeout(Duration::from_millis(20), shared.wait_for_room()).await;
        assert!(waiting.is_err());
        drop(place);
        shared.wait_for_room().await;
    }
}
