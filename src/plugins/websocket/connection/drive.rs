//! The task of a connection: it runs the handler, and beside it what the protocol wants.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use fastweb_core::{Code, Error, IntoFlow, Result, UpgradedIo};

use super::{Phase, Shared};
use crate::plugins::websocket::WebSocketError;

/// What came of the handler.
type Ended = std::thread::Result<Result<()>>;

/// Runs the handler and the connection to their ends. What the handler queues while it runs is written when it pauses, in one call.
///
/// # Errors
/// The handler failed for another reason than that the connection ended.
pub(in super::super) async fn drive<R: IntoFlow>(
    shared: Rc<Shared>,
    io: UpgradedIo,
    handler: impl Future<Output = R>,
) -> Result<()> {
    shared.with(|connection| connection.open(io));
    let mut handler = pin!(Some(handler));
    let mut ended: Option<Ended> = None;
    let mut is_told = false;
    poll_fn(|cx| {
        shared.with(|connection| {
            connection.is_driven = true;
            if connection.driver.as_ref().is_none_or(|driver| !driver.will_wake(cx.waker())) {
                connection.driver = Some(cx.waker().clone());
            }
        });
        if let Some(running) = handler.as_mut().as_pin_mut() {
            let polled = match catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
                Ok(Poll::Pending) => None,
                Ok(Poll::Ready(result)) => Some(Ok(result.into_flow().map(drop))),
                Err(panic) => Some(Err(panic)),
            };
            if let Some(result) = polled {
                handler.set(None);
                let (code, reason) = match &result {
                    Ok(Ok(())) => (1000, ""),
                    Ok(Err(error)) => (code_of(error), error.public_message()),
                    Err(_) => (1011, ""),
                };
                shared.with(|connection| {
                    connection.reader = None;
                    connection.close(code, reason);
                });
                ended = Some(result);
            }
        }
        let over = shared.with(|connection| {
            connection.poll_io(cx);
            connection.is_driven = false;
            match connection.phase {
                Phase::Done => Some((connection.event.clone(), connection.on_close.take())),
                _ => None,
            }
        });
        let Some((event, on_close)) = over else { return Poll::Pending };
        if !std::mem::replace(&mut is_told, true)
            && let (Some(event), Some(on_close)) = (event, on_close)
        {
            on_close(&event);
        }
        if ended.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    match ended {
        None | Some(Ok(Ok(()))) => Ok(()),
        // What the client did is no fault of the handler's.
        Some(Ok(Err(error))) if error.status().is_client_error() || is_of_the_end(&error) => Ok(()),
        Some(Ok(Err(error))) => Err(error),
        // The kernel knows what to do with panics.
        Some(Err(panic)) => resume_unwind(panic),
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
