//! The task of a connection: it runs the handler, and beside it what the protocol wants.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::task::{Context, Poll};

use fastweb_core::{Code, Error, IntoFlow, Result, UpgradedIo};

use super::incoming::Reader;
use super::{Connection, Phase, Shared};
use crate::plugins::websocket::WebSocketError;

/// What came of the handler.
type Ended = std::thread::Result<Result<()>>;

/// Runs the handler and the connection to their ends. What the handler queues while it runs is written when it pauses, in one call.
///
/// No `async fn`: an idle connection would have room for its arguments twice. For the same reason the handler is in a box.
///
/// # Errors
/// The handler failed for another reason than that the connection ended.
pub(in super::super) fn drive<R: IntoFlow>(
    shared: Rc<Shared>,
    io: UpgradedIo,
    handler: impl Future<Output = R>,
) -> impl Future<Output = Result<()>> {
    shared.with(|connection| connection.open(io));
    let mut handler = Some(Box::pin(handler));
    let mut ended: Option<Ended> = None;
    poll_fn(move |cx| {
        shared.with(|connection| connection.begin_turn(cx));
        if let Some(running) = &mut handler {
            let polled = match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
                Ok(Poll::Pending) => None,
                Ok(Poll::Ready(result)) => Some(Ok(result.into_flow().map(drop))),
                Err(panic) => Some(Err(panic)),
            };
            if let Some(result) = polled {
                handler = None;
                let (code, reason) = match &result {
                    Ok(Ok(())) => (1000, ""),
                    Ok(Err(error)) => (code_of(error), error.public_message()),
                    Err(_) => (1011, ""),
                };
                shared.with(|connection| {
                    connection.reader = Reader::None;
                    connection.close(code, reason);
                });
                ended = Some(result);
            }
        }
        if !shared.with(|connection| connection.end_turn(cx)) {
            return Poll::Pending;
        }
        if let Some((event, on_close)) = shared.with(Connection::tell) {
            on_close(&event);
        }
        ended.take().map_or(Poll::Pending, |ended| Poll::Ready(result_of(ended)))
    })
}

/// What the kernel is told of the handler.
fn result_of(ended: Ended) -> Result<()> {
    match ended {
        Ok(Ok(())) => Ok(()),
        // What the client did is no fault of the handler's.
        Ok(Err(error)) if error.status().is_client_error() || is_of_the_end(&error) => Ok(()),
        Ok(Err(error)) => Err(error),
        // The kernel knows what to do with panics.
        Err(panic) => resume_unwind(panic),
    }
}

impl Connection {
    /// The connection's task runs. What is queued meanwhile wakes nobody.
    fn begin_turn(&mut self, cx: &Context<'_>) {
        self.is_driven = true;
        if self.driver.as_ref().is_none_or(|driver| !driver.will_wake(cx.waker())) {
            self.driver = Some(cx.waker().clone());
        }
    }

    /// The handler pauses: all else is done. Says whether this is the end.
    fn end_turn(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_io(cx);
        self.is_driven = false;
        self.phase == Phase::Done
    }
}

/// What the client is told where the handler has failed.
fn code_of(error: &Error) -> u16 {
    match error.code() {
        Some(code) if code == Code::Validation.as_str() || code == Code::InvalidJson.as_str() => 1007,
        _ if error.status().is_client_error() => 1008,
        _ => 1011,
    }
}

fn is_of_the_end(error: &Error) -> bool {
    error.source().is_some_and(|source| source.is::<WebSocketError>())
}
