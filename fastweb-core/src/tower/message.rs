//! Requests and replies of the kernel as those of `http`, and back.

use std::future::poll_fn;
use std::task::Poll;

use bytes::Buf;

use super::body::{MountBody, Pump, drive, from_http};
use super::{BoxError, failed};
use crate::body::Body;
use crate::error::{Code, Error, Result};
use crate::extract::ConnectInfo;
use crate::reply::{Reply, ReplyFields};
use crate::request::Request;

/// `request` with `target` for its path and query. Its body goes with it.
pub(super) fn request_of(request: &mut Request, target: &str) -> Result<(http::Request<MountBody>, Option<Pump>)> {
    let (body, pump) = MountBody::of(request.take_body());
    let mut outgoing = http::Request::new(body);
    *outgoing.method_mut() = request.method();
    *outgoing.version_mut() = request.version();
    // `Uri` does not take some characters that browsers send and the router does.
    *outgoing.uri_mut() = target.parse().map_err(|_| Error::from_code(Code::BadUrl))?;
    *outgoing.headers_mut() = request.header_map();
    if let Some(peer) = request.peer_addr() {
        outgoing.extensions_mut().insert(ConnectInfo(peer));
    }
    Ok((outgoing, pump))
}

/// `reply` as a response, which takes its body away.
pub(super) fn response_of(reply: &mut Reply) -> (http::Response<MountBody>, Option<Pump>) {
    let (body, pump) = MountBody::of(reply.take_body());
    let mut response = http::Response::new(body);
    *response.status_mut() = reply.status();
    let content_type = reply.content_type().map(|value| ("content-type", value.as_bytes()));
    for (name, value) in reply.headers().iter().chain(content_type) {
        // They were checked when they were set.
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::from_bytes(name.as_bytes()), http::HeaderValue::from_bytes(value))
        {
            response.headers_mut().append(name, value);
        }
    }
    (response, pump)
}

/// Answers with `response`. A body that is there is taken whole, others become streams; `pumps` are driven as long as they are needed.
pub(super) async fn answer<B>(
    reply: &mut Reply,
    response: http::Response<B>,
    mut pumps: Vec<Pump>,
    is_head: bool,
) -> Result<()>
where
    B: http_body::Body<Data: Buf, Error: Into<BoxError>> + 'static,
{
    let (parts, body) = response.into_parts();
    if parts.status.is_informational() {
        let message =
            format!("a tower service answered {}: it cannot change the protocol of a connection", parts.status);
        return Err(Error::internal(message));
    }
    reply.set_status(parts.status);
    let announced = parts.headers.get(http::header::CONTENT_LENGTH);
    let announced: Option<u64> = announced.and_then(|value| value.to_str().ok()?.parse().ok());
    parts.headers.set(reply);
    let mut body = Box::pin(body);
    if is_head {
        // What it would have been for GET is told by the header, and nothing is sent.
        if let Some(length) = announced.or_else(|| body.size_hint().exact()).filter(|length| *length > 0) {
            reply.set_body(Body::from_reader(tokio::io::empty(), length));
        }
        return Ok(());
    }
    if body.is_end_stream() {
        return Ok(());
    }
    let first = poll_fn(|cx| {
        drive(&mut pumps, cx);
        Poll::Ready(body.as_mut().poll_frame(cx))
    });
    let first = match first.await {
        Poll::Pending => None,
        Poll::Ready(None) => return Ok(()),
        Poll::Ready(Some(frame)) => match frame.map_err(failed)?.into_data() {
            Ok(mut data) => Some(data.copy_to_bytes(data.remaining())),
            Err(other) => {
                for (name, value) in other.into_trailers().iter().flatten() {
                    reply.set_trailer(name, value);
                }
                return Ok(());
            }
        },
    };
    match first {
        Some(whole) if body.is_end_stream() => reply.set_body(whole),
        first => reply.set_body(from_http(body, first, pumps)),
    };
    Ok(())
}

/// A response that stands for `error`, for a layer around the one that failed.
pub(super) fn response_to(error: &Error) -> http::Response<MountBody> {
    let mut reply = Reply::new();
    reply.set_error(error, crate::error::ErrorStyle::default());
    response_of(&mut reply).0
}
