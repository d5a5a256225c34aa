//! Routes with a time of their own: how long a handler is waited for, and what becomes of it then.
//!
//! What is here is on the heap and runs for such routes alone; all others keep to the limit of the whole server and know nothing of this.

use std::pin::{Pin, pin};

use tokio::sync::oneshot;

use super::connection::Connection;
use super::drive::{BodyReader, Driven};
use super::io::Io;
use crate::error::{Code, Error, Result};
use crate::exchange::Exchange;
use crate::lifecycle;
use crate::request::CancellationToken;
use crate::route::RouteRecord;
use crate::server::{Ticks, Worker};
use crate::timeout::{LatePolicy, RouteTimeout};

/// How long the handler that is pending now may take.
pub(super) struct Patience {
    pub(super) time: Ticks,
    /// How long it may take more when its token was cancelled.
    grace: Option<Ticks>,
    token: Option<CancellationToken>,
    /// Its time is over: it is waited for so that it can tidy up, and not for its answer.
    pub(super) is_late: bool,
}

impl Patience {
    /// For a body: the time that it may take from piece to piece.
    pub(super) fn with(time: Ticks) -> Box<Self> {
        Box::new(Self { time, grace: None, token: None, is_late: false })
    }

    fn of(timeout: &RouteTimeout, exchange: &mut Exchange) -> Box<Self> {
        let (grace, has_token) = match timeout.policy {
            LatePolicy::Cancel => (None, false),
            LatePolicy::Detach => (None, true),
            LatePolicy::Signal(grace) => (Some(grace), true),
        };
        let token = has_token.then(|| exchange.request.cancellation());
        Box::new(Self { time: timeout.time, grace, token, is_late: false })
    }

    /// The time is over. Says whether the work is to be waited for all the same.
    pub(super) fn extend(&mut self) -> bool {
        let Some(grace) = self.grace.take() else { return false };
        self.time = grace;
        self.is_late = true;
        self.cancel();
        true
    }

    fn cancel(&self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

impl<I: Io> Connection<I> {
    /// As [`lifecycle::respond`], within the time of the route. The exchange that comes back is not always the one that was given: work that goes on keeps
    /// its own.
    pub(super) async fn respond_in_time(
        &mut self,
        route: &RouteRecord,
        timeout: &RouteTimeout,
        mut exchange: Box<Exchange>,
        body: &mut Option<Box<BodyReader>>,
    ) -> (Box<Exchange>, Result<(), Driven>) {
        self.patience = Some(Patience::of(timeout, &mut exchange));
        let (exchange, result) = match timeout.policy {
            LatePolicy::Detach if self.worker.can_detach() => self.respond_beside(exchange, body).await,
            _ => {
                let app = self.worker.app.clone();
                let mut path = exchange.take_path();
                let work = path.put(lifecycle::respond(&app, route, &mut exchange));
                let mut work = Some(work);
                let result = self.run_to_end(Pin::new(&mut work), body).await;
                drop(work);
                exchange.return_path(path);
                (exchange, result)
            }
        };
        let patience = self.patience.take();
        if let (Some(patience), Err(Driven::Late(_) | Driven::Gone)) = (patience, &result) {
            patience.cancel();
        }
        (exchange, result)
    }

    /// Runs the lifecycle in a task of its own, which goes on where the connection does not wait for it any longer.
    async fn respond_beside(
        &mut self,
        mut exchange: Box<Exchange>,
        body: &mut Option<Box<BodyReader>>,
    ) -> (Box<Exchange>, Result<(), Driven>) {
        // Where the work keeps its exchange, this one answers for the request.
        let mut stand_in = self.worker.take_exchange();
        stand_in.request.stand_in_for(&exchange.request);
        let (done, outcome) = oneshot::channel();
        let worker = self.worker.clone();
        Worker::run_beside(self.worker.clone(), self.route, async move {
            let app = worker.app.clone();
            let route = app.record(exchange.request.route);
            let result = lifecycle::caught_throughout(lifecycle::respond(&app, route, &mut exchange)).await;
            let result = result.and_then(|()| lifecycle::fault(&mut exchange.reply));
            if let Err((exchange, result)) = done.send((exchange, result)) {
                if let Err(error) = result {
                    lifecycle::log(&error, &exchange.request, "the work of a request that nobody waits for any more");
                }
                worker.put_exchange(exchange);
            }
        });
        let mut outcome = pin!(Some(outcome));
        match self.drive(outcome.as_mut(), body).await {
            Ok(Ok((exchange, result))) => {
                self.worker.put_exchange(stand_in);
                (exchange, result.map_err(Driven::Failed))
            }
            Ok(Err(_)) => (stand_in, Err(Driven::Failed(Error::from_code(Code::ShuttingDown)))),
            Err(driven) => (stand_in, Err(driven)),
        }
    }
}
