//! Accepting connections and spreading them evenly.
//!
//! All workers wait on one listening socket. Whoever accepts a connection gives it to the worker that has the fewest, itself if it
//! is one of those: at eight connections no worker has two more than another. `SO_REUSEPORT`, where the kernel picks a
//! worker by hash, cannot do that; it is there by option.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc, watch};

use super::worker::{Stage, Worker};
use crate::http1;

/// A connection on its way to its worker.
pub(super) type Placed = (std::net::TcpStream, SocketAddr, Place);

/// What the workers of one server share.
pub(super) struct Shared {
    /// Connections per worker, those on their way included.
    loads: Mutex<Vec<usize>>,
    most: usize,
    /// A connection has left while there were as many as there may be.
    room: Notify,
    /// Workers that still accept.
    pub(super) accepting: AtomicUsize,
    pub(super) stage: watch::Sender<Stage>,
    /// Told once per tick of the coarse clock.
    pub(super) ticks: Arc<Notify>,
    inboxes: Vec<mpsc::UnboundedSender<Placed>>,
    /// Each worker has a socket of its own and keeps what it accepts.
    own_sockets: bool,
}

impl Shared {
    pub(super) fn new(inboxes: Vec<mpsc::UnboundedSender<Placed>>, most: usize, own_sockets: bool) -> Arc<Self> {
        Arc::new(Self {
            loads: Mutex::new(vec![0; inboxes.len()]),
            most,
            room: Notify::new(),
            ticks: Arc::default(),
            accepting: AtomicUsize::new(inboxes.len()),
            stage: watch::Sender::new(Stage::Running),
            inboxes,
            own_sockets,
        })
    }

    fn loads(&self) -> MutexGuard<'_, Vec<usize>> {
        self.loads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection that worker `me` has accepted and says whose it is.
    fn place(self: &Arc<Self>, me: usize) -> Place {
        self.place_in(&mut self.loads(), me)
    }

    /// Accepts a connection for worker `me` and counts it. `None` where another worker has taken the last place meanwhile.
    fn poll_accept(
        self: &Arc<Self>,
        listener: &TcpListener,
        me: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<(TcpStream, SocketAddr, Place)>>> {
        // One lock from the question to the count, or two workers could both take the last place. Accepting does not block.
        let mut loads = self.loads();
        if loads.iter().sum::<usize>() >= self.most {
            return Poll::Ready(None);
        }
        let accepted = ready!(listener.poll_accept(cx));
        Poll::Ready(Some(accepted.map(|(stream, peer)| (stream, peer, self.place_in(&mut loads, me)))))
    }

    fn place_in(self: &Arc<Self>, loads: &mut [usize], me: usize) -> Place {
        let mut worker = me;
        if !self.own_sockets {
            for (at, load) in loads.iter().enumerate() {
                if *load < loads[worker] {
                    worker = at;
                }
            }
        }
        loads[worker] += 1;
        Place { shared: self.clone(), worker }
    }

    pub(super) fn load(&self, worker: usize) -> usize {
        self.loads()[worker]
    }

    fn is_full(&self) -> bool {
        self.loads().iter().sum::<usize>() >= self.most
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
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.loads()[self.worker] -= 1;
        self.shared.room.notify_waiters();
    }
}

/// Accepts until it is stopped.
pub(super) async fn accept(worker: Rc<Worker>, listener: Rc<TcpListener>, shared: Arc<Shared>, me: usize) {
    loop {
        shared.wait_for_room().await;
        match poll_fn(|cx| shared.poll_accept(&listener, me, cx)).await {
            None => {}
            Some(Ok((stream, peer, place))) => distribute(&worker, stream, peer, place, &shared, me),
            Some(Err(error)) if is_the_clients(&error) => {}
            Some(Err(error)) => {
                // Out of descriptors or memory: trying again at once would spin. Others will close connections meanwhile.
                tracing::warn!(error = %error, "connections cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// The client left between its connect and our accept.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted, WouldBlock};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted | WouldBlock)
}

fn distribute(worker: &Rc<Worker>, stream: TcpStream, peer: SocketAddr, place: Place, shared: &Arc<Shared>, me: usize) {
    if place.worker == me {
        serve(worker, stream, peer, place);
    } else if let Ok(stream) = stream.into_std() {
        // Should that worker have ended, the connection ends here, and its place with it.
        let _ = shared.inboxes[place.worker].send((stream, peer, place));
    }
}

/// Serves the connections that other workers have accepted for this one.
pub(super) async fn receive(worker: Rc<Worker>, mut inbox: mpsc::UnboundedReceiver<Placed>) {
    while let Some((stream, peer, place)) = inbox.recv().await {
        if let Ok(stream) = TcpStream::from_std(stream) {
            serve(&worker, stream, peer, place);
        }
    }
}

/// Accepts what is in the backlog: those clients have connected before the server began to stop.
pub(super) fn accept_backlog(worker: &Rc<Worker>, listener: &std::net::TcpListener, shared: &Arc<Shared>, me: usize) {
    while let Ok((stream, peer)) = listener.accept() {
        let _ = stream.set_nonblocking(true);
        if let Ok(stream) = TcpStream::from_std(stream) {
            distribute(worker, stream, peer, shared.place(me), shared, me);
        }
    }
}

fn serve(worker: &Rc<Worker>, stream: TcpStream, peer: SocketAddr, place: Place) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    tokio::task::spawn_local(http1::serve(stream, Some(peer), worker.clone(), Some(place)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(workers: usize, most: usize) -> Arc<Shared> {
        let inboxes = (0..workers).map(|_| mpsc::unbounded_channel().0).collect();
        Shared::new(inboxes, most, false)
    }

    #[test]
    fn connections_go_to_the_least_loaded_worker() {
        let shared = shared(3, 100);
        let places: Vec<Place> = (0..8).map(|_| shared.place(1)).collect();
        let loads: Vec<usize> = (0..3).map(|worker| shared.load(worker)).collect();
        assert_eq!(loads.iter().sum::<usize>(), 8);
        assert!(loads.iter().all(|load| (2..=3).contains(load)), "{loads:?}");
        drop(places);
        assert_eq!(shared.load(0) + shared.load(1) + shared.load(2), 0);
    }

    #[test]
    fn a_worker_keeps_what_it_accepts_where_loads_are_equal() {
        let shared = shared(2, 100);
        assert_eq!(shared.place(1).worker, 1);
        assert_eq!(shared.place(0).worker, 0);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_full_server_waits_for_room() {
        let shared = shared(1, 1);
        let place = shared.place(0);
        let waiting = tokio::time::timeout(Duration::from_millis(20), shared.wait_for_room()).await;
        assert!(waiting.is_err());
        drop(place);
        shared.wait_for_room().await;
    }
}
