//! What a reply holds that gives its connection away.

use std::future::Future;
use std::pin::Pin;

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

type Running = Pin<Box<dyn Future<Output = Result<()>>>>;

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
        let run = move |io| -> Running { Box::pin(async move { run(io).await.into_flow().map(drop) }) };
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
