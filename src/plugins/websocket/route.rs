//! Routes whose handlers have a WebSocket.

use std::any::type_name;
use std::rc::Rc;
use std::sync::Arc;

use fastweb_core::{App, FromRequest, IntoFlow, Reply, Result, Route, Scope, get};

use super::connection::Shared;
use super::upgrade::WebSocketUpgrade;

/// The connection that a request asks for, until the handler takes it.
pub(super) struct Asked(pub(super) Rc<Shared>);

/// Marks the routes whose handlers may take a [`WebSocket`](super::WebSocket).
#[derive(Debug)]
#[doc(hidden)]
pub struct IsWebSocket;

/// What handlers of WebSockets return.
#[diagnostic::on_unimplemented(
    message = "the handler of a WebSocket cannot return `{Self}`",
    label = "it returns nothing, or a `Result<()>`",
    note = "what its client is to get is sent: `socket.send(…).await?`, or `socket.close(code, reason)` at the end",
    note = "of a `Result` the error implements `HttpError`"
)]
#[doc(hidden)]
pub trait WebSocketEnd: IntoFlow + 'static {}

#[diagnostic::do_not_recommend]
impl<R: IntoFlow + 'static> WebSocketEnd for R {}

/// What a handler has returned: here its type is asked about, and nowhere else.
#[doc(hidden)]
pub fn ended<R: WebSocketEnd>(result: R) -> Result<()> {
    result.into_flow().map(drop)
}

/// A route for WebSockets. Its handler is an asynchronous function that takes a [`WebSocket`](super::WebSocket) and whatever other handlers take; up to seven arguments in any order.
///
/// The request goes its whole way first: hooks may refuse it with an ordinary answer, and so may arguments that cannot be made. Options are a
/// [`WebSocketOptions`](super::WebSocketOptions) as the route's [`config`](Route::config), or that of its scope. The route stays out of OpenAPI documents, which know no WebSockets.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{WebSocket, WebSocketOptions, websocket};
///
/// async fn add(mut socket: WebSocket, Path(start): Path<i64>) -> Result<()> {
///     let mut sum = start;
///     while let Some(number) = socket.recv_json::<i64>().await {
///         sum += number?;
///         socket.send_json(&sum).await?;
///     }
///     Ok(())
/// }
/// let app = App::new().route(websocket("/add/{start}", add).config(WebSocketOptions::new().max_message(32)));
/// # drop(app);
/// ```
#[track_caller]
pub fn websocket<M>(path: impl Into<String>, handler: impl WebSocketHandler<M>) -> Route {
    handler.into_route(path.into())
}

/// Routes for WebSockets on an [`App`] or in a [`Scope`]: the short form of [`websocket`](websocket()).
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{WebSocket, WebSocketRoutes as _};
///
/// let hello = async |mut socket: WebSocket| -> Result<()> { Ok(socket.send("hello").await?) };
/// let app = App::new().websocket("/hello", hello);
/// # drop(app);
/// ```
pub trait WebSocketRoutes: Sized {
    /// Adds a route for WebSockets.
    #[track_caller]
    fn websocket<M>(self, path: impl Into<String>, handler: impl WebSocketHandler<M>) -> Self;
}

impl WebSocketRoutes for App {
    #[track_caller]
    fn websocket<M>(self, path: impl Into<String>, handler: impl WebSocketHandler<M>) -> Self {
        self.route(websocket(path, handler))
    }
}

impl WebSocketRoutes for Scope {
    #[track_caller]
    fn websocket<M>(self, path: impl Into<String>, handler: impl WebSocketHandler<M>) -> Self {
        self.route(websocket(path, handler))
    }
}

/// An asynchronous function that has a WebSocket. `M` tells the compiler which arguments it takes; it is inferred and never written.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{WebSocket, WebSocketHandler, WebSocketRoutes as _};
///
/// fn everywhere<M>(handler: impl WebSocketHandler<M>) -> App {
///     App::new().websocket("/{*path}", handler)
/// }
///
/// let app = everywhere(async |socket: WebSocket| drop(socket));
/// # drop(app);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the handler of a WebSocket",
    label = "not a handler of a WebSocket",
    note = "it is an asynchronous function of up to seven arguments, each a `WebSocket` or an extractor (`Path<T>`, `Query<T>`, `State<T>`, `Dep<T>`)",
    note = "it returns nothing, or a `Result<()>` with an error that implements `HttpError`",
    note = "write a closure's argument types out, and its `?` result: `async |mut socket: WebSocket| -> fastweb::Result<()> {{ … }}`"
)]
pub trait WebSocketHandler<M>: Send + Sync + 'static {
    /// The route of the handler.
    #[doc(hidden)]
    fn into_route(self, path: String) -> Route;
}

macro_rules! handlers {
    ($($T:ident $t:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<F, R, $($T),*> WebSocketHandler<(R, $($T),*)> for F
        where
            F: AsyncFn($($T),*) -> R + Send + Sync + 'static,
            R: IntoFlow + 'static,
            $($T: FromRequest,)*
        {
            #[track_caller]
            fn into_route(self, path: String) -> Route {
                let handler = Arc::new(self);
                let answer = move |upgrade: WebSocketUpgrade, $($t: $T),*| -> Result<Reply> {
                    let handler = handler.clone();
                    upgrade.accept_with(async move || (*handler)($($t),*).await)
                };
                get(path, answer).handled_by(type_name::<F>()).config(IsWebSocket).hidden()
            }
        }
    };
}

handlers!();
handlers!(A a);
handlers!(A a, B b);
handlers!(A a, B b, C c);
handlers!(A a, B b, C c, D d);
handlers!(A a, B b, C c, D d, E e);
handlers!(A a, B b, C c, D d, E e, G g);
handlers!(A a, B b, C c, D d, E e, G g, H h);
