//! Hooks: functions that run at one phase of every request of their scope.

mod access_log;
mod application;
mod completed;
mod declare;
mod erased;
mod kinds;
mod slow_requests;
mod timed;

pub use access_log::{AccessLog, access_log};
pub(crate) use application::{ApplicationHooks, LifeHook, ListenHook, RegisterHook, RouteHook, life_hook};
pub use completed::{Completed, Phase, Timings};
pub(crate) use completed::{PhaseClock, Timing};
pub(crate) use declare::hook_methods;
pub(crate) use erased::{Hooks, RouteHooks};
pub(crate) use kinds::{ErasedErrorHook, ErasedHook, ErasedResponseHook, ErasedSerializationHook};
pub use kinds::{ErrorHook, Hook, IntoFlow, ResponseHook, SerializationHook};
pub use slow_requests::{SlowRequests, slow_requests};
pub use timed::{Timed, timed};

use crate::error::Result;
use crate::reply::{IntoReply, Reply};

/// What a hook decides: go on, or answer now.
///
/// A hook that answers skips the phases up to `on_send`: no later hook of its kind, no handler. Hooks that never answer return `()` or
/// `Result<()>`.
///
/// ```
/// # use fastweb_core::{App, Error, Flow, Inject, Request, Result};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let maintenance = |req: &mut Request| -> Result<Flow> {
///     match req.header("x-preview") {
///         Some("on") => Ok(Flow::Continue),
///         Some(_) => Err(Error::bad_request("x-preview is on or absent")),
///         None => Flow::reply((fastweb_core::StatusCode::SERVICE_UNAVAILABLE, "back soon")),
///     }
/// };
/// let server = App::new().on_request(maintenance).get("/", "hello").build().await?;
/// assert_eq!(server.inject(Inject::get("/")).await.text(), "back soon");
/// assert_eq!(server.inject(Inject::get("/").header("x-preview", "on")).await.text(), "hello");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub enum Flow {
    /// Go on with the next hook or phase.
    #[default]
    Continue,
    /// Answer now.
    Reply(Reply),
}

impl Flow {
    /// Answers with everything that a handler may return.
    ///
    /// # Errors
    /// The answer is an `Err`, or it cannot be serialised.
    pub fn reply(answer: impl IntoReply) -> Result<Self> {
        Reply::from(answer).map(Self::Reply)
    }
}
