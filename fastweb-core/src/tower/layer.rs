//! Layers around the way of a request.
//!
//! A layer is made into a service once, for the scope that declares it, around [`Next`]. Per request each worker's clone of it is called with a
//! request that knows what is further in: the services of inner scopes, and at the end the way of the request itself, which waits in the
//! connection's task to be called through a channel.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Buf;
use tokio::sync::{mpsc, oneshot};
use tower_layer::Layer;
use tower_service::Service;

use super::body::{MountBody, Pump, drive};
use super::message::{answer, request_of, response_of, response_to};
use super::{BoxError, failed};
use crate::error::{Error, Result};
use crate::reply::Reply;
use crate::request::Request;
use crate::slot::Slot;

type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a layer is put around: the rest of the way of a request, whatever that is. It never fails: an error is a response here, as it is to the client.
///
/// A layer has to leave the extensions of the request in place, which is where this finds the request that it is for.
#[derive(Clone, Debug)]
pub struct Next(());

/// What of its way a request has before it.
#[derive(Clone)]
struct Ahead {
    /// One for each scope, the outermost first. A service is called by one task, but extensions have to be `Sync`.
    services: Arc<[Mutex<LayeredService>]>,
    /// The number of the next one.
    next: usize,
    end: mpsc::Sender<Call>,
}

impl Ahead {
    fn take_next(&mut self) -> Option<LayeredService> {
        let next = self.services.get(self.next)?;
        self.next += 1;
        Some(duplicate(next))
    }
}

fn duplicate(service: &Mutex<LayeredService>) -> LayeredService {
    service.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The way itself is to be gone, and the response sent back.
type Call = (http::Request<MountBody>, oneshot::Sender<http::Response<MountBody>>);

impl<B> Service<http::Request<B>> for Next
where
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    type Response = http::Response<MountBody>;
    type Error = Infallible;
    type Future = Answer<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let mut request = request.map(MountBody::boxed);
        Box::pin(async move {
            let Some(mut ahead) = request.extensions_mut().remove::<Ahead>() else {
                let message =
                    "a tower layer has made a request anew: it has to keep the extensions of the one it was given";
                return Ok(refused(Error::internal(message)));
            };
            if let Some(service) = ahead.take_next() {
                request.extensions_mut().insert(ahead);
                return Ok(service.oneshot(request).await.unwrap_or_else(|error| refused(failed(error))));
            }
            let (reply, response) = oneshot::channel();
            if ahead.end.send((request, reply)).await.is_err() {
                return Ok(refused(Error::internal(
                    "a tower layer has called what is within it when its request was over",
                )));
            }
            Ok(response.await.unwrap_or_else(|_| refused(Error::internal("the request was over before its response"))))
        })
    }
}

fn refused(error: Error) -> http::Response<MountBody> {
    tracing::error!(error = ?error, "a tower layer failed");
    response_to(&error)
}

/// A layer as a scope keeps it.
pub(crate) trait ErasedLayer: Send + Sync {
    fn layer(&self) -> LayeredService;
}

pub(crate) struct LayerOf<L>(pub(crate) L);

impl<L, S, B> ErasedLayer for LayerOf<(L, std::marker::PhantomData<fn() -> (S, B)>)>
where
    L: Layer<Next, Service = S> + Send + Sync,
    S: Service<http::Request<MountBody>, Response = http::Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn layer(&self) -> LayeredService {
        LayeredService(Box::new(self.0.0.layer(Next(()))))
    }
}

/// A layer around [`Next`], whatever its types are.
pub(crate) struct LayeredService(Box<dyn Layered>);

trait Layered: Send {
    fn duplicate(&self) -> Box<dyn Layered>;
    fn oneshot(
        self: Box<Self>,
        request: http::Request<MountBody>,
    ) -> Answer<Result<http::Response<MountBody>, BoxError>>;
}

impl<S, B> Layered for S
where
    S: Service<http::Request<MountBody>, Response = http::Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + Send + 'static,
{
    fn duplicate(&self) -> Box<dyn Layered> {
        Box::new(self.clone())
    }

    fn oneshot(
        mut self: Box<Self>,
        request: http::Request<MountBody>,
    ) -> Answer<Result<http::Response<MountBody>, BoxError>> {
        Box::pin(async move {
            poll_fn(|cx| self.poll_ready(cx)).await.map_err(Into::into)?;
            let response = self.call(request).await.map_err(Into::into)?;
            Ok(response.map(MountBody::boxed))
        })
    }
}

impl LayeredService {
    fn oneshot(self, request: http::Request<MountBody>) -> Answer<Result<http::Response<MountBody>, BoxError>> {
        self.0.oneshot(request)
    }
}

impl Clone for LayeredService {
    fn clone(&self) -> Self {
        Self(self.0.duplicate())
    }
}

impl fmt::Debug for LayeredService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LayeredService")
    }
}

/// The layers of a scope, shared by its routes. The lock is taken when a worker starts, for clones of its own.
#[derive(Clone, Default)]
pub(crate) struct Layers(Vec<Arc<Mutex<LayeredService>>>);

impl Layers {
    /// These, and `inner` within them.
    pub(crate) fn around(&self, inner: &[Arc<dyn ErasedLayer>]) -> Self {
        let mut all = self.clone();
        all.0.extend(inner.iter().map(|layer| Arc::new(Mutex::new(layer.layer()))));
        all
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A worker's own, the outermost first.
    pub(crate) fn bind(&self) -> Vec<LayeredService> {
        self.0.iter().map(|service| duplicate(service)).collect()
    }
}

/// What became of the way of a request within its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It was gone to its end.
    Gone,
    /// A layer has answered instead, or before it had ended.
    Left,
}

/// What became of one call of the way.
enum Attempt {
    Ended,
    /// The layers have answered while it was pending.
    Overtaken(Result<http::Response<MountBody>, BoxError>),
    /// Nobody waits for it any more, but some layer still waits for something.
    GivenUp,
}

/// Goes the way of `request`, which is `way`, with `layers` around it.
pub(crate) async fn around(
    layers: &[LayeredService],
    request: &mut Request,
    reply: &mut Reply,
    slot: &mut Slot,
    way: impl AsyncFn(&mut Request, &mut Reply, &mut Slot),
) -> Result<Way> {
    let (end, mut calls) = mpsc::channel(1);
    let services = layers.iter().cloned().map(Mutex::new).collect();
    let mut ahead = Ahead { services, next: 0, end };
    let Some(outermost) = ahead.take_next() else {
        way(request, reply, slot).await;
        return Ok(Way::Gone);
    };
    let (target, is_head) = (request.target().to_owned(), request.method_str() == "HEAD");
    let (mut outgoing, pump) = request_of(request, &target)?;
    // Those that the request has, whatever an attempt has made of them.
    let mut headers = outgoing.headers().clone();
    outgoing.extensions_mut().insert(ahead);
    let mut pumps: Vec<Pump> = pump.into_iter().collect();
    let mut outer = outermost.oneshot(outgoing);
    // Of a reply that gives its connection away a response carries the head.
    let mut given_away = None;
    let mut gone = Way::Left;
    let response = loop {
        let next = poll_fn(|cx| {
            if let Poll::Ready(response) = outer.as_mut().poll(cx) {
                return Poll::Ready(Ok(response));
            }
            drive(&mut pumps, cx);
            match calls.poll_recv(cx) {
                Poll::Ready(Some(call)) => Poll::Ready(Err(call)),
                _ => Poll::Pending,
            }
        });
        let (incoming, mut to_layer): Call = match next.await {
            Ok(response) => break response,
            Err(call) => call,
        };
        adopt(request, incoming, &mut headers)?;
        // A layer that calls again, to try another time, gets another answer.
        (given_away, gone) = (None, Way::Left);
        reply.clear_for_response();
        let attempt = {
            let mut way = pin!(way(request, reply, slot));
            poll_fn(|cx| {
                if way.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Attempt::Ended);
                }
                // A layer may have had enough: its time is over. What it has given up is dropped.
                if let Poll::Ready(response) = outer.as_mut().poll(cx) {
                    return Poll::Ready(Attempt::Overtaken(response));
                }
                // One further out may not, and call again.
                if to_layer.poll_closed(cx).is_ready() {
                    return Poll::Ready(Attempt::GivenUp);
                }
                drive(&mut pumps, cx);
                Poll::Pending
            })
            .await
        };
        match attempt {
            Attempt::Ended => {}
            Attempt::Overtaken(response) => break response,
            Attempt::GivenUp => continue,
        }
        gone = Way::Gone;
        if reply.gives_connection_away() {
            given_away = Some((reply.status(), reply.take_takeover()));
        }
        let (inner, pump) = response_of(reply);
        pumps.extend(pump);
        // A layer that does not wait any more does not want it.
        let _ = to_layer.send(inner);
    };
    reply.clear_for_response();
    let response = response.map_err(failed)?;
    if let Some((status, Some(takeover))) = given_away
        && response.status() == status
    {
        let (parts, _) = response.into_parts();
        reply.take_over_with(takeover, status, &parts.headers);
        return Ok(gone);
    }
    answer(reply, response, pumps, is_head).await?;
    Ok(gone)
}

/// Makes `request`, which has these headers, what a layer has made of it: its headers, its body, and its extensions, which are had as
/// `http::Extensions`. The route is known, so method and path stay.
fn adopt(request: &mut Request, incoming: http::Request<MountBody>, headers: &mut http::HeaderMap) -> Result<()> {
    let (parts, body) = incoming.into_parts();
    if parts.headers != *headers {
        request.set_headers(&parts.headers)?;
        *headers = parts.headers;
    }
    if !parts.extensions.is_empty() {
        request.extensions_mut().insert(parts.extensions);
    }
    request.set_body(body.into_body());
    Ok(())
}
