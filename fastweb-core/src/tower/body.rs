//! Bodies that are `Send`: what services and layers are given.

use std::any::Any;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use tokio::sync::{Notify, mpsc};

use super::{BoxError, failed};
use crate::body::Body;
use crate::error::{Error, Result};

/// The body of a request that a tower service gets, and of a response that a layer gets: an [`http_body::Body`] of [`Bytes`] that is `Send`.
///
/// A body in memory is one frame. Others are read as the service asks for more, frame by frame; trailers come behind.
///
/// ```
/// # use fastweb_core::{App, Inject, MountBody};
/// # use tower::service_fn;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> fastweb_core::Result<()> {
/// // Any body that a service answers with will do: this one is the request's.
/// let echo = service_fn(async |request: http::Request<MountBody>| {
///     Ok::<_, std::convert::Infallible>(http::Response::new(request.into_body()))
/// });
/// let server = App::new().mount_service("/echo", echo).build().await?;
/// server.inject(Inject::post("/echo").body("hello")).await.assert_text("hello");
/// # Ok(())
/// # }
/// ```
pub struct MountBody(Kind);

enum Kind {
    /// In memory, and not given yet.
    Full(Bytes),
    Channel(Channel),
    /// What a layer has made of a body.
    Boxed(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>),
}

/// The service's end of a body that the connection's task reads.
struct Channel {
    frames: mpsc::Receiver<Result<Frame<Bytes>>>,
    wanted: Arc<Notify>,
    /// It has been asked for more and has nothing so far.
    waits: bool,
    /// Bytes to come, where that is known.
    left: Option<u64>,
}

impl MountBody {
    pub(super) fn empty() -> Self {
        Self(Kind::Full(Bytes::new()))
    }

    /// `body` as it is, and what has to be driven for it where it is not in memory.
    pub(super) fn of(body: Body) -> (Self, Option<Pump>) {
        if body.as_slice().is_some() {
            return (Self(Kind::Full(body.into_bytes())), None);
        }
        let (sender, frames) = mpsc::channel(1);
        let wanted = Arc::new(Notify::new());
        let channel = Channel { frames, wanted: wanted.clone(), waits: false, left: body.len() };
        (Self(Kind::Channel(channel)), Some(Box::pin(pump(body, sender, wanted))))
    }

    /// Any body as one of these; one of these as it is.
    pub(super) fn boxed<B>(body: B) -> Self
    where
        B: http_body::Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
    {
        let mut body = Some(body);
        if let Some(own) = (&mut body as &mut dyn Any).downcast_mut::<Option<MountBody>>()
            && let Some(own) = own.take()
        {
            return own;
        }
        body.map_or_else(Self::empty, |body| Self(Kind::Boxed(Box::pin(InBytes(Box::pin(body))))))
    }

    /// It as the body of a request or a reply of the kernel's.
    pub(super) fn into_body(self) -> Body {
        match self.0 {
            Kind::Full(bytes) => bytes.into(),
            streamed => from_http(MountBody(streamed), None, Vec::new()),
        }
    }
}

/// The connection's end: reads a body when the other end has asked for more, and ends when that is gone.
pub(super) type Pump = Pin<Box<dyn Future<Output = ()>>>;

async fn pump(mut body: Body, frames: mpsc::Sender<Result<Frame<Bytes>>>, wanted: Arc<Notify>) {
    loop {
        {
            let (mut asked, mut closed) = (pin!(wanted.notified()), pin!(frames.closed()));
            let is_open = poll_fn(|cx| match asked.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending => closed.as_mut().poll(cx).map(|()| false),
            });
            if !is_open.await {
                return;
            }
        }
        let chunk = {
            let mut closed = pin!(frames.closed());
            poll_fn(|cx| match closed.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => body.poll_chunk(cx).map(Some),
            })
            .await
        };
        let frame = match chunk {
            Some(Ok(Some(data))) => Ok(Frame::data(data)),
            Some(Ok(None)) => match body.trailers() {
                Some(trailers) => {
                    let _ = frames.send(Ok(Frame::trailers(trailers.clone()))).await;
                    return;
                }
                None => return,
            },
            Some(Err(error)) => Err(error),
            None => return,
        };
        let is_last = frame.is_err();
        if frames.send(frame).await.is_err() || is_last {
            return;
        }
    }
}

impl Channel {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        if !std::mem::replace(&mut self.waits, true) {
            self.wanted.notify_one();
        }
        let frame = std::task::ready!(self.frames.poll_recv(cx));
        self.waits = false;
        if let (Some(Ok(frame)), Some(left)) = (&frame, &mut self.left) {
            *left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        Poll::Ready(frame)
    }
}

impl http_body::Body for MountBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Kind::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Channel(channel) => channel.poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into))),
            Kind::Boxed(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.is_empty(),
            // Trailers may follow the last byte.
            Kind::Channel(_) => false,
            Kind::Boxed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Channel(channel) => channel.left.map_or_else(SizeHint::default, SizeHint::with_exact),
            Kind::Boxed(body) => body.size_hint(),
        }
    }
}

/// A body whose frames have become `Bytes`.
struct InBytes<B>(Pin<Box<B>>);

impl<B: http_body::Body<Data: Buf, Error: Into<BoxError>>> http_body::Body for InBytes<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = std::task::ready!(self.0.as_mut().poll_frame(cx));
        Poll::Ready(frame.map(|frame| match frame {
            Ok(frame) => Ok(frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))),
            Err(error) => Err(error.into()),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// What a service answered with as a body of the kernel's: `first` has been read from it. `pumps` are driven with it: what it is made of
/// may be made of them.
pub(super) fn from_http<B>(body: B, first: Option<Bytes>, mut pumps: Vec<Pump>) -> Body
where
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + 'static,
{
    let first_len = first.as_ref().map_or(0, |first| first.len() as u64);
    let length = body.size_hint().exact().map(|rest| rest + first_len);
    let mut body = Box::pin(InBytes(Box::pin(body)));
    let streamed = Body::from_fn(async move |out| {
        if let Some(first) = first {
            out.send(first).await;
        }
        loop {
            let frame = poll_fn(|cx| {
                drive(&mut pumps, cx);
                http_body::Body::poll_frame(body.as_mut(), cx)
            })
            .await;
            let frame = match frame {
                Some(frame) => frame.map_err(broken)?,
                None => return Ok(()),
            };
            match frame.into_data() {
                Ok(data) => out.send(data).await,
                Err(other) => {
                    for (name, value) in other.into_trailers().iter().flatten() {
                        out.set_trailer(name, value)?;
                    }
                }
            }
        }
    });
    match length {
        Some(length) => streamed.with_length(length),
        None => streamed,
    }
}

/// A body of the kernel's has broken off with one of its own errors, others with whatever they have.
fn broken(error: BoxError) -> Error {
    failed(error)
}

/// Polls what feeds bodies. What has ended is let go of.
pub(super) fn drive(pumps: &mut Vec<Pump>, cx: &mut Context<'_>) {
    pumps.retain_mut(|pump| pump.as_mut().poll(cx).is_pending());
}

impl Default for MountBody {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for MountBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.0 {
            Kind::Full(_) => "in memory",
            Kind::Channel(_) => "from a connection",
            Kind::Boxed(_) => "of a layer",
        };
        f.debug_struct("MountBody").field("kind", &kind).finish()
    }
}
