//! Hooks of the application itself: they run once, not per request.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use crate::error::Result;

/// Runs when the server accepts connections.
pub(crate) type ListenHook = Box<dyn Fn(SocketAddr) + Send + Sync>;

/// Runs when the server has answered its last request.
pub(crate) type CloseHook = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<()>>>> + Send + Sync>;
