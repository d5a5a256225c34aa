//! xitca-http: its server with HTTP/1 alone and its router. The memory of a request is used again for the answer.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use contract::*;
use xitca_http::body::{Body, BodyExt, Frame, SizeHint};
use xitca_http::config::HttpServiceConfig;
use xitca_http::error::BodyError;
use xitca_http::http::header::{CONTENT_TYPE, HeaderValue, SERVER as NAME};
use xitca_http::http::{IntoResponse, Request, RequestExt, Response, StatusCode};
use xitca_http::util::service::route::{get, post};
use xitca_http::util::service::router::{Router, RouterError};
use xitca_http::{HttpServiceBuilder, RequestBody};
use xitca_service::{Service, ServiceExt, fn_service};

type Incoming = Request<RequestExt<RequestBody>>;
type Outgoing = Result<Response<Answer>, Infallible>;

/// All that is answered, without a box.
enum Answer {
    Whole(Option<Bytes>),
    Echo(Pin<Box<RequestExt<RequestBody>>>),
    Download(u64),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Poll::Ready(match self.get_mut() {
            Self::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::Data(bytes))),
            Self::Echo(body) => ready!(body.as_mut().poll_frame(cx)),
            Self::Download(0) => None,
            Self::Download(left) => {
                let piece = (*left).min(PIECE.len() as u64);
                *left -= piece;
                Some(Ok(Frame::Data(Bytes::from_static(&PIECE[..piece as usize]))))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Echo(body) => body.is_end_stream(),
            Self::Download(left) => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::Exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Echo(_) => SizeHint::Unknown,
            Self::Download(left) => SizeHint::Exact(*left),
        }
    }
}

fn answer<B>(request: Request<B>, status: StatusCode, content_type: &'static str, body: Answer) -> Outgoing {
    let mut response: Response<Answer> = request.map(|_| ()).into_response(body);
    *response.status_mut() = status;
    response.headers_mut().append(NAME, HeaderValue::from_static(SERVER));
    response.headers_mut().append(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}

fn whole<B>(request: Request<B>, status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Outgoing {
    answer(request, status, content_type, Answer::Whole(Some(body.into())))
}

fn as_json<B>(request: Request<B>, text: Vec<u8>) -> Outgoing {
    whole(request, StatusCode::OK, JSON, text)
}

fn bad_request<B>(request: Request<B>) -> Outgoing {
    whole(request, StatusCode::BAD_REQUEST, TEXT, "bad request")
}

async fn plaintext(request: Incoming) -> Outgoing {
    whole(request, StatusCode::OK, TEXT, HELLO)
}

async fn message(request: Incoming) -> Outgoing {
    as_json(request, json(&MESSAGE, SMALL))
}

async fn user(request: Incoming) -> Outgoing {
    let text = json(&UserById::new(request.body().params().get("id").unwrap_or("")), SMALL);
    as_json(request, text)
}

async fn search(request: Incoming) -> Outgoing {
    let found = search_by_hand(request.uri().query().unwrap_or(""));
    match found.map(|(q, limit)| json(&Found { q: &q, limit }, SMALL)) {
        Some(text) => as_json(request, text),
        None => bad_request(request),
    }
}

async fn list(request: Incoming) -> Outgoing {
    let n = number_by_hand(request.uri().query().unwrap_or(""), "n").unwrap_or(0);
    as_json(request, json(users(n as usize), LIST))
}

async fn create(request: Incoming) -> Outgoing {
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head, ());
    let mut body = pin!(body);
    // One piece as a rule, which is lent then.
    let mut whole_body = Bytes::new();
    while let Some(piece) = body.data().await {
        let Ok(piece) = piece else { return bad_request(request) };
        whole_body = if whole_body.is_empty() {
            piece
        } else {
            let mut joined = BytesMut::from(&whole_body[..]);
            joined.extend_from_slice(&piece);
            joined.freeze()
        };
    }
    match parse::<LentUser<'_>>(&whole_body).map(|user| json(&user.created(), SMALL)) {
        Some(text) => whole(request, StatusCode::CREATED, JSON, text),
        None => bad_request(request),
    }
}

async fn upload(request: Incoming) -> Outgoing {
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head, ());
    let mut body = pin!(body);
    let mut bytes = 0;
    while let Some(piece) = body.data().await {
        let Ok(piece) = piece else { return bad_request(request) };
        bytes += piece.len();
    }
    whole(request, StatusCode::OK, TEXT, bytes.to_string())
}

async fn echo(request: Incoming) -> Outgoing {
    let (head, body) = request.into_parts();
    let body = Answer::Echo(Box::pin(body));
    answer(Request::from_parts(head, ()), StatusCode::OK, "application/octet-stream", body)
}

async fn download(request: Incoming) -> Outgoing {
    match number_by_hand(request.uri().query().unwrap_or(""), "bytes") {
        Some(bytes) => answer(request, StatusCode::OK, "application/octet-stream", Answer::Download(bytes)),
        None => bad_request(request),
    }
}

async fn or_not_found<S>(service: &S, request: Incoming) -> Outgoing
where
    S: Service<Incoming, Response = Response<Answer>, Error = RouterError<Infallible>>,
{
    Ok(service.call(request).await.unwrap_or_else(|_| {
        let mut response = Response::new(Answer::Whole(None));
        *response.status_mut() = StatusCode::NOT_FOUND;
        response
    }))
}

fn main() -> std::io::Result<()> {
    let (port, workers) = arguments();
    let config = HttpServiceConfig::new()
        .keep_alive_timeout(Duration::from_secs(75))
        .disable_vectored_write()
        .max_request_headers::<16>();
    let service = Router::new()
        .insert("/plaintext", get(fn_service(plaintext)))
        .insert("/json", get(fn_service(message)))
        .insert("/search", get(fn_service(search)))
        .insert("/users", get(fn_service(list)).post(fn_service(create)))
        .insert("/users/{id}", get(fn_service(user)))
        .insert("/upload", post(fn_service(upload)))
        .insert("/echo", post(fn_service(echo)))
        .insert("/download", get(fn_service(download)))
        .enclosed_fn(or_not_found)
        .enclosed(HttpServiceBuilder::h1().config(config));
    xitca_server::Builder::new()
        .worker_threads(workers)
        .backlog(4096)
        .bind("xitca", address(port), service)?
        .build()
        .wait()
}
