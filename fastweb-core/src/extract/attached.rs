//! What hooks and the connection know about a request, as arguments.

use std::any::type_name;
use std::net::SocketAddr;
use std::ops::Deref;

use super::{BindCx, Extract};
use crate::error::{Error, Result};
use crate::request::Request;

/// A copy of what a hook has attached to the request: [`Request::extensions_mut`](crate::Request::extensions_mut).
///
/// Where no hook has, that is a fault of the application, and 500. `Option<Extension<T>>` is `None` then. A value that every request of a scope has is
/// better declared: [`RequestState`](crate::RequestState), whose lack is found at start-up and which is not cloned.
///
/// ```
/// # use fastweb_core::{App, Extension, Inject, Request};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// #[derive(Clone)]
/// struct User(&'static str);
///
/// let server = App::new()
///     .on_request(|req: &mut Request| {
///         req.extensions_mut().insert(User("Ada"));
///     })
///     .get("/me", async |Extension(User(name)): Extension<User>| name)
///     .build()
///     .await?;
/// server.inject(Inject::get("/me")).await.assert_text("Ada");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extension<T>(pub T);

impl<T: Clone + 'static> Extract for Extension<T> {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        req.extensions().get::<T>().cloned().map(Self).ok_or_else(|| {
            let name = type_name::<T>();
            Error::internal(format!(
                "the handler wants Extension<{name}>, which no hook has attached: `req.extensions_mut().insert(…)` in an `on_request` hook"
            ))
        })
    }
}

impl<T> Deref for Extension<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The address of the peer: the client, or the proxy in front of the server. See [`Request::peer_addr`](crate::Request::peer_addr).
///
/// A request that came by no network, over a Unix socket or injected, has none: for `ConnectInfo` that is 500, `Option<ConnectInfo>` is `None`.
///
/// ```
/// # use fastweb_core::{App, ConnectInfo, Inject};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// let server = App::new().get("/", async |ConnectInfo(peer): ConnectInfo| peer.to_string()).build().await?;
/// let from = "192.0.2.7:5000".parse().expect("an address");
/// server.inject(Inject::get("/").peer_addr(from)).await.assert_text("192.0.2.7:5000");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectInfo(pub SocketAddr);

impl Extract for ConnectInfo {
    type Bound = ();

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        req.peer_addr().map(Self).ok_or_else(|| {
            Error::internal(
                "the handler wants ConnectInfo, and the request came by no network: take Option<ConnectInfo>",
            )
        })
    }
}
