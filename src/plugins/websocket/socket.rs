//! The WebSocket as handlers have it.

use std::fmt;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use fastweb_core::{BindCx, Error, Extract, Request, Result};

use super::connection::{Connection, Received, Shared};
use super::message::Message;
use super::route::{Asked, IsWebSocket};
use super::topics::{Topic, Topics};
use super::{CloseEvent, WebSocketError};

/// An open WebSocket: an argument of the handlers of [`websocket`](super::websocket()) routes.
///
/// The connection lives as long as its handler runs. When that returns, the connection is closed with 1000; where it fails or panics, with 1011; where it fails with
/// an error of the client's (4xx), with 1007 or 1008 and the error's message. Pings are answered, and silent clients pinged, without the handler.
///
/// Messages that are sent are queued, and written together when the handler pauses. Where more than the
/// [high-water mark](super::WebSocketOptions::high_water_mark) waits, [`send`](Self::send) waits, too: a client that does not read holds its own handler up, and no memory grows.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{InjectWebSocket as _, WebSocket, WebSocketRoutes as _};
///
/// async fn echo(mut socket: WebSocket, Path(name): Path<String>) -> Result<()> {
///     socket.send(format!("hello {name}")).await?;
///     while let Some(message) = socket.recv().await {
///         socket.send(message?).await?;
///     }
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().websocket("/echo/{name}", echo).build().await?;
/// let mut client = server.inject_websocket("/echo/Ada").await.expect("it may connect");
/// assert_eq!(client.recv_text().await, "hello Ada");
/// client.send("and again").await;
/// assert_eq!(client.recv_text().await, "and again");
/// # Ok(())
/// # }
/// ```
pub struct WebSocket {
    reader: WebSocketReader,
    writer: WebSocketWriter,
}

/// The half that receives: [`WebSocket::split`].
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::websocket::{WebSocket, WebSocketReader};
///
/// async fn count(socket: WebSocket) -> Result<()> {
///     let (reader, writer) = socket.split();
///     let lines = read(reader).await?;
///     Ok(writer.send(lines.to_string()).await?)
/// }
///
/// async fn read(mut reader: WebSocketReader) -> Result<usize> {
///     let mut lines = 0;
///     while let Some(message) = reader.recv().await {
///         match message?.as_text() {
///             Some("end") => break,
///             text => lines += text.map_or(0, |text| text.lines().count()),
///         }
///     }
///     Ok(lines)
/// }
/// # let _ = fastweb::websocket::websocket("/count", count);
/// ```
pub struct WebSocketReader {
    pub(super) shared: Rc<Shared>,
}

/// The half that sends: [`WebSocket::split`]. Its clones send over the same connection. It stays on its worker; what sends from other threads is a
/// [`Topic`](super::Topic) or a channel.
///
/// ```
/// use std::time::Duration;
/// use fastweb::prelude::*;
/// use fastweb::websocket::{WebSocket, WebSocketWriter};
///
/// async fn clock(socket: WebSocket) -> Result<()> {
///     let (mut reader, writer) = socket.split();
///     tokio::task::spawn_local(tick(writer));
///     while let Some(message) = reader.recv().await {
///         drop(message?);
///     }
///     Ok(())
/// }
///
/// async fn tick(writer: WebSocketWriter) {
///     while writer.send("tick").await.is_ok() {
///         tokio::time::sleep(Duration::from_secs(1)).await;
///     }
/// }
/// # let _ = fastweb::websocket::websocket("/clock", clock);
/// ```
#[derive(Clone)]
pub struct WebSocketWriter {
    shared: Rc<Shared>,
}

impl WebSocket {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        Self { reader: WebSocketReader { shared: shared.clone() }, writer: WebSocketWriter { shared } }
    }

    /// The next message. `None` when the connection is closed, by whomever; [`close_event`](Self::close_event) says how.
    ///
    /// May be dropped before it is ready, in a `select!` for instance: no message is lost.
    ///
    /// The error is that the client broke the protocol or a bound. It has been told, and there is nothing behind it.
    pub fn recv(&mut self) -> impl Future<Output = Option<Result<Message, WebSocketError>>> + '_ {
        self.reader.recv()
    }

    /// Queues a message. It is written when the handler pauses, and waits where too much is queued already.
    ///
    /// # Errors
    /// The connection is closed.
    pub fn send(&mut self, message: impl Into<Message>) -> impl Future<Output = Result<(), WebSocketError>> {
        self.writer.send(message)
    }

    /// The bytes that are queued and not written.
    pub fn buffered_amount(&self) -> usize {
        self.writer.buffered_amount()
    }

    /// Waits until all that was queued is written.
    ///
    /// # Errors
    /// The connection is closed.
    pub async fn drain(&mut self) -> Result<(), WebSocketError> {
        self.writer.drain().await
    }

    /// Begins to close: the client is told `code` and `reason` behind what was queued, and no message is received any more. A code that may not be
    /// sent is 1000, a reason of more than 123 bytes is cut.
    pub fn close(&mut self, code: u16, reason: &str) {
        self.writer.close(code, reason);
    }

    /// Waits until the connection has ended.
    pub async fn closed(&mut self) -> CloseEvent {
        self.writer.closed().await
    }

    /// How the connection has ended. `None` where it has not.
    pub fn close_event(&self) -> Option<CloseEvent> {
        self.writer.close_event()
    }

    /// From now on the connection gets what is published for `topic`, without the handler, and first what the topic keeps of its
    /// [history](super::Topics::history).
    pub fn subscribe<T: ?Sized>(&mut self, topic: &Topic<T>) {
        self.writer.subscribe(topic);
    }

    /// As [`subscribe`](Self::subscribe), by the topic's name.
    pub fn subscribe_to(&mut self, topics: &Topics, name: &str) {
        self.writer.subscribe_to(topics, name);
    }

    /// Ends a subscription. Says whether there was one.
    pub fn unsubscribe(&mut self, name: &str) -> bool {
        self.writer.unsubscribe(name)
    }

    /// The subprotocol that was agreed upon.
    pub fn protocol(&self) -> Option<&str> {
        self.writer.shared.protocol()
    }

    /// The address of the peer: the client, or the proxy in front. `None` for a connection that came by no network, and when it has ended.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.writer.shared.with(|connection| connection.peer_addr())
    }

    /// Two halves, for two places of the handler, or for tasks of its worker. The connection still ends with the handler.
    pub fn split(self) -> (WebSocketReader, WebSocketWriter) {
        (self.reader, self.writer)
    }

    pub(super) fn reader(&mut self) -> &mut WebSocketReader {
        &mut self.reader
    }

    pub(super) fn writer(&self) -> &WebSocketWriter {
        &self.writer
    }
}

impl WebSocketReader {
    /// As [`WebSocket::recv`].
    pub fn recv(&mut self) -> impl Future<Output = Option<Result<Message, WebSocketError>>> + '_ {
        Recv { shared: &self.shared, is_waiting: false }
    }
}

impl WebSocketWriter {
    /// As [`WebSocket::send`].
    ///
    /// # Errors
    /// The connection is closed.
    pub fn send(&self, message: impl Into<Message>) -> impl Future<Output = Result<(), WebSocketError>> {
        Send { shared: &self.shared, message: Some(message.into()) }
    }

    /// As [`WebSocket::buffered_amount`].
    pub fn buffered_amount(&self) -> usize {
        self.shared.with(|connection| connection.buffered())
    }

    /// As [`WebSocket::drain`].
    ///
    /// # Errors
    /// The connection is closed.
    pub async fn drain(&self) -> Result<(), WebSocketError> {
        let is_written = |connection: &Connection| connection.buffered() == 0;
        poll_fn(|cx| self.shared.with(|connection| connection.poll_until(cx, is_written))).await
    }

    /// As [`WebSocket::close`].
    pub fn close(&self, code: u16, reason: &str) {
        self.shared.with(|connection| connection.close(code, reason));
    }

    /// As [`WebSocket::closed`].
    pub async fn closed(&self) -> CloseEvent {
        poll_fn(|cx| {
            self.shared.with(|connection| match connection.close_event() {
                Some(event) => Poll::Ready(event.clone()),
                None => {
                    connection.wait(cx);
                    Poll::Pending
                }
            })
        })
        .await
    }

    /// As [`WebSocket::close_event`].
    pub fn close_event(&self) -> Option<CloseEvent> {
        self.shared.with(|connection| connection.close_event().cloned())
    }

    /// As [`WebSocket::subscribe`].
    pub fn subscribe<T: ?Sized>(&self, topic: &Topic<T>) {
        self.shared.with(|connection| connection.subscribe(topic.subscription()));
    }

    /// As [`WebSocket::subscribe_to`].
    pub fn subscribe_to(&self, topics: &Topics, name: &str) {
        self.shared.with(|connection| connection.subscribe(topics.subscription(name)));
    }

    /// As [`WebSocket::unsubscribe`].
    pub fn unsubscribe(&self, name: &str) -> bool {
        self.shared.with(|connection| connection.unsubscribe(name))
    }
}

/// Queues a message when it is polled first, then waits for room. No `async` block, which would hold the message several times.
struct Send<'s> {
    shared: &'s Shared,
    message: Option<Message>,
}

impl Future for Send<'_> {
    type Output = Result<(), WebSocketError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(message) = self.message.take() else {
            return self.shared.with(|connection| connection.poll_until(cx, Connection::is_below_low_water));
        };
        let queued = self.shared.with(|connection| match connection.queue(&message) {
            Ok(()) if connection.is_above_high_water() => connection.poll_until(cx, Connection::is_below_low_water),
            queued => Poll::Ready(queued),
        });
        drop(message);
        queued
    }
}

/// Waits for a message. Dropped early it leaves the reading to the connection's task.
struct Recv<'s> {
    shared: &'s Shared,
    is_waiting: bool,
}

impl Future for Recv<'_> {
    type Output = Option<Received>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.shared.with(|connection| connection.poll_recv(cx));
        self.is_waiting = polled.is_pending();
        polled
    }
}

impl Drop for Recv<'_> {
    fn drop(&mut self) {
        if self.is_waiting {
            self.shared.with(|connection| connection.stop_reading());
        }
    }
}

impl Extract for WebSocket {
    type Bound = ();

    fn bind(cx: &mut BindCx<'_>) -> Option<()> {
        if cx.config::<IsWebSocket>().is_none() {
            cx.missing(
                "wants a WebSocket, which only routes made by `websocket(…)`, `App::websocket` or `#[websocket]` have: make it one, or take `WebSocketUpgrade`",
            );
            return None;
        }
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let asked = req.extensions_mut().remove::<Asked>();
        let Asked(shared) = asked.ok_or_else(|| Error::internal("the WebSocket of a request is taken twice"))?;
        Ok(Self::new(shared))
    }
}

fn debug(name: &str, shared: &Shared, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (is_open, event) = shared.with(|connection| (connection.is_open(), connection.close_event().cloned()));
    f.debug_struct(name).field("is_open", &is_open).field("close_event", &event).finish_non_exhaustive()
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("WebSocket", &self.writer.shared, f)
    }
}

impl fmt::Debug for WebSocketReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("WebSocketReader", &self.shared, f)
    }
}

impl fmt::Debug for WebSocketWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("WebSocketWriter", &self.shared, f)
    }
}
