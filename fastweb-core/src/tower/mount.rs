//! A tower service as the handler of a route.

use std::any::{Any, type_name};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use bytes::Buf;
use tower_service::Service;

use super::body::drive;
use super::message::{answer, request_of};
use super::{BoxError, MountBody, failed};
use crate::error::Result;
use crate::extract::{BindCx, BodyUse};
use crate::handler::{BoundHandler, ErasedHandler, Handler};
use crate::reply::Reply;
use crate::request::Request;
use crate::slot::{Called, Slot};

/// A service whose path begins behind the route's own: its last parameter has the rest.
///
/// The lock is taken when a worker starts, to have a clone of its own.
pub(crate) struct Mounted<S>(pub(crate) Mutex<S>);

/// Such a service on its worker.
struct BoundService<S>(S);

/// Marks services.
#[derive(Debug)]
pub(crate) struct TowerService;

impl<S, B> Handler<(TowerService, B)> for Mounted<S>
where
    S: Service<http::Request<MountBody>, Response = http::Response<B>, Error: Into<BoxError>> + Clone + Send + 'static,
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + 'static,
{
    fn erase(self) -> Result<Box<dyn ErasedHandler>> {
        Ok(Box::new(self))
    }
}

impl<S, B> ErasedHandler for Mounted<S>
where
    S: Service<http::Request<MountBody>, Response = http::Response<B>, Error: Into<BoxError>> + Clone + Send + 'static,
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + 'static,
{
    fn body_use(&self) -> BodyUse {
        BodyUse::Stream
    }

    fn body_users(&self) -> usize {
        1
    }

    fn bind(&self, _: &mut BindCx<'_>) -> Option<Box<dyn BoundHandler>> {
        let service = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(Box::new(BoundService(service)))
    }

    fn name(&self) -> &'static str {
        type_name::<S>()
    }
}

impl<S, B> BoundHandler for BoundService<S>
where
    S: Service<http::Request<MountBody>, Response = http::Response<B>, Error: Into<BoxError>> + Clone + 'static,
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + 'static,
{
    fn extract<'a>(&'a self, _: &'a mut Request, _: &'a mut Slot) -> Called<'a, Result<Box<dyn Any>>> {
        Called::Done(Ok(Box::new(())))
    }

    fn call<'a>(
        &'a self,
        _: Option<Box<dyn Any>>,
        request: &'a mut Request,
        reply: &'a mut Reply,
        slot: &'a mut Slot,
    ) -> Called<'a, Result<()>> {
        slot.begin(async move {
            // A clone per request: the one that is ready is the one that is called.
            let mut service = self.0.clone();
            poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
            let target = below_mount(request);
            let is_head = request.method_str() == "HEAD";
            let (outgoing, pump) = request_of(request, &target)?;
            let mut pumps = Vec::from_iter(pump);
            let response = {
                let mut response = pin!(service.call(outgoing));
                poll_fn(|cx| match response.as_mut().poll(cx) {
                    Poll::Pending => {
                        drive(&mut pumps, cx);
                        Poll::Pending
                    }
                    ready => ready,
                })
                .await
            };
            answer(reply, response.map_err(failed)?, pumps, is_head).await
        })
    }
}

/// Path and query behind the prefix that the service is mounted at.
fn below_mount(request: &Request) -> String {
    let is_rest = request.pattern().ends_with("{*mounted}");
    let last = request.param_names().len().checked_sub(1);
    let rest = last.filter(|_| is_rest).and_then(|last| request.params.get(last));
    let path = rest.map_or("", |rest| &request.path()[rest]);
    match request.query() {
        Some(query) => format!("/{path}?{query}"),
        None => format!("/{path}"),
    }
}
