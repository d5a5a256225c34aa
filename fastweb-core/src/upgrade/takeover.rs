//! What a reply holds that gives its connection away.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::UpgradedIo;
use crate::error::Result;
use crate::hooks::IntoFlow;

/// What is written before the connection is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakeoverKind {
    /// 101.
    Upgrade,
    /// The 2xx that answers `CONNECT`.
    Tunnel,
    /// Nothing.
    Hijack,
}

type Running = Pin<Box<dyn Work>>;

/// A future of the application that comes to nothing, or fails. No future is wrapped into another for that: it would be held twice.
pub(crate) trait Work {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>>;
}

impl<F: Future<Output: IntoFlow>> Work for F {
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Future::poll(self, cx).map(|result| result.into_flow().map(drop))
    }
}

/// Who gets the connection, and after what.
pub(crate) struct Takeover {
    pub(crate) kind: TakeoverKind,
    run: Box<dyn FnOnce(UpgradedIo) -> Running>,
}

impl Takeover {
    pub(super) fn new<R: IntoFlow + 'static>(
        kind: TakeoverKind,
        run: impl AsyncFnOnce(UpgradedIo) -> R + 'static,
    ) -> Box<Self> {
        let run = move |io| -> Running { Box::pin(run(io)) };
        Box::new(Self { kind, run: Box::new(run) })
    }

    pub(crate) fn hijack<R: IntoFlow + 'static>(run: impl AsyncFnOnce(UpgradedIo) -> R + 'static) -> Box<Self> {
        Self::new(TakeoverKind::Hijack, run)
    }

    /// Calls it. What it does happens when the future is polled.
    pub(crate) fn start(self, io: UpgradedIo) -> Running {
        (self.run)(io)
    }
}
