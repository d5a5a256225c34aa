//! Requests without a socket: for tests, and of the application to itself.
//!
//! They take the way of a request from the network: the same connection loop runs over a pipe in memory.

mod dispatch;
mod reply;
mod request;
mod upgrade;

pub(crate) use dispatch::set_current;
pub use reply::InjectReply;
pub use request::Inject;
pub use upgrade::InjectIo;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{mpsc, oneshot};

use crate::app::{BoundApp, FrozenApp};
use crate::erased;
use crate::error::{Error, Result};
use crate::http1;
use crate::server::Worker;

/// What the pipe holds in each direction, like the buffers of a socket.
const PIPE: usize = 64 * 1024;

/// Sends `request` through the connection loop of `worker` and waits until it is all over, `on_response` hooks included.
pub(crate) async fn exchange(worker: &Rc<Worker>, request: Inject) -> InjectReply {
    let (head_only, peer) = (request.is_head(), request.peer);
    let bytes = request.into_bytes();
    let (client, io) = tokio::io::duplex(PIPE);
    let (mut reading, mut writing) = tokio::io::split(client);
    let mut received = Vec::new();
    let mut serve = pin!(http1::serve(erased::stream(io), peer, worker.clone(), None));
    let mut write = pin!(async {
        // A server that answers early may stop reading: that is its right, and its answer counts.
        let _ = writing.write_all(&bytes).await;
        let _ = writing.shutdown().await;
    });
    let mut read = pin!(reading.read_to_end(&mut received));
    let (mut served, mut written, mut all_read) = (false, false, false);
    poll_fn(|cx| {
        written = written || write.as_mut().poll(cx).is_ready();
        served = served || serve.as_mut().poll(cx).is_ready();
        all_read = all_read || read.as_mut().poll(cx).is_ready();
        if served && all_read { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    worker.finish_background().await;
    InjectReply::parse(&received, head_only)
}

/// A worker that answers injected requests on a thread of its own. The thread starts with the first request.
pub(crate) struct InjectWorker {
    app: Arc<FrozenApp>,
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
}

enum Job {
    Answer(Inject, oneshot::Sender<InjectReply>),
    Upgrade(Inject, oneshot::Sender<(InjectReply, InjectIo)>),
}

impl InjectWorker {
    pub(crate) fn new(app: Arc<FrozenApp>) -> Self {
        Self { app, jobs: Mutex::default() }
    }

    pub(crate) async fn send(&self, request: Inject) -> InjectReply {
        self.give(|reply| Job::Answer(request, reply)).await.unwrap_or_else(|error| InjectReply::failed(&error))
    }

    pub(crate) async fn upgrade(&self, request: Inject) -> (InjectReply, InjectIo) {
        let upgraded = self.give(|reply| Job::Upgrade(request, reply)).await;
        upgraded.unwrap_or_else(|error| (InjectReply::failed(&error), InjectIo::ended()))
    }

    async fn give<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let sent = self.jobs()?.send(job(reply));
        sent.map_err(|_| Error::internal("the worker for injected requests has ended"))?;
        answer.await.map_err(|_| Error::internal("the worker for injected requests ended before it answered"))
    }

    fn jobs(&self) -> Result<mpsc::UnboundedSender<Job>> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jobs) = &*jobs {
            return Ok(jobs.clone());
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        let app = self.app.clone();
        std::thread::Builder::new().name("fastweb-inject".into()).spawn(move || run(app, receiver))?;
        Ok(jobs.insert(sender).clone())
    }
}

fn run(app: Arc<FrozenApp>, jobs: mpsc::UnboundedReceiver<Job>) {
    let served = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .map_err(Error::from)
        .and_then(|runtime| runtime.block_on(serve(app, jobs)));
    if let Err(error) = served {
        tracing::error!(error = ?error, "the worker for injected requests could not start");
    }
}

async fn serve(app: Arc<FrozenApp>, mut jobs: mpsc::UnboundedReceiver<Job>) -> Result<()> {
    let worker = match BoundApp::bind(app).await {
        Ok(app) => Worker::new(app, 0, 1),
        Err(error) => {
            while let Some(job) = jobs.recv().await {
                let failed = InjectReply::failed(&error);
                match job {
                    Job::Answer(_, reply) => drop(reply.send(failed)),
                    Job::Upgrade(_, reply) => drop(reply.send((failed, InjectIo::ended()))),
                }
            }
            return Err(error);
        }
    };
    worker.allow_spawning();
    let timekeeper = worker.clone();
    erased::spawn_local(async move { timekeeper.keep_time().await });
    while let Some(job) = jobs.recv().await {
        let worker = worker.clone();
        erased::spawn_local(async move {
            match job {
                Job::Answer(request, reply) => drop(reply.send(exchange(&worker, request).await)),
                Job::Upgrade(request, reply) => upgrade::exchange(worker, request, reply).await,
            }
        });
    }
    Ok(())
}

impl fmt::Debug for InjectWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectWorker").finish_non_exhaustive()
    }
}
