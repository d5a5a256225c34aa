//! hyper alone: routes matched by hand, a runtime and a listener per worker, answers of a pipeline flushed together.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use contract::*;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER as NAME};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

/// All that is answered, without a box.
enum Answer {
    Whole(Option<Bytes>),
    Echo(Incoming),
    Download(u64),
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Poll::Ready(match self.get_mut() {
            Self::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Self::Echo(body) => ready!(Pin::new(body).poll_frame(cx)),
            Self::Download(0) => None,
            Self::Download(left) => {
                let piece = (*left).min(PIECE.len() as u64);
                *left -= piece;
                Some(Ok(Frame::data(Bytes::from_static(&PIECE[..piece as usize]))))
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
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Echo(body) => body.size_hint(),
            Self::Download(left) => SizeHint::with_exact(*left),
        }
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: Answer) -> Response<Answer> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(NAME, HeaderValue::from_static(SERVER));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Answer> {
    answer(status, TEXT, Answer::Whole(Some(text.into())))
}

fn as_json(status: StatusCode, text: Vec<u8>) -> Response<Answer> {
    answer(status, JSON, Answer::Whole(Some(text.into())))
}

fn bad_request() -> Response<Answer> {
    text(StatusCode::BAD_REQUEST, "bad request")
}

async fn create(body: Incoming) -> Response<Answer> {
    let Ok(body) = body.collect().await else { return bad_request() };
    let body = body.to_bytes();
    match parse::<LentUser<'_>>(&body) {
        Some(user) => as_json(StatusCode::CREATED, json(&user.created(), SMALL)),
        None => bad_request(),
    }
}

async fn upload(mut body: Incoming) -> Response<Answer> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return bad_request() };
        bytes += frame.data_ref().map_or(0, Bytes::len);
    }
    text(StatusCode::OK, bytes.to_string())
}

async fn route(request: Request<Incoming>) -> Result<Response<Answer>, Infallible> {
    let query = request.uri().query().unwrap_or("");
    Ok(match (request.method(), request.uri().path()) {
        (&Method::GET, "/plaintext") => text(StatusCode::OK, HELLO),
        (&Method::GET, "/json") => as_json(StatusCode::OK, json(&MESSAGE, SMALL)),
        (&Method::GET, "/search") => match search_by_hand(query) {
            Some((q, limit)) => as_json(StatusCode::OK, json(&Found { q: &q, limit }, SMALL)),
            None => bad_request(),
        },
        (&Method::GET, "/users") => {
            let n = number_by_hand(query, "n").unwrap_or(0);
            as_json(StatusCode::OK, json(users(n as usize), LIST))
        }
        (&Method::POST, "/users") => create(request.into_body()).await,
        (&Method::POST, "/upload") => upload(request.into_body()).await,
        (&Method::POST, "/echo") => {
            answer(StatusCode::OK, "application/octet-stream", Answer::Echo(request.into_body()))
        }
        (&Method::GET, "/download") => match number_by_hand(query, "bytes") {
            Some(bytes) => answer(StatusCode::OK, "application/octet-stream", Answer::Download(bytes)),
            None => bad_request(),
        },
        (&Method::GET, path) => match path.strip_prefix("/users/") {
            Some(id) => as_json(StatusCode::OK, json(&UserById::new(id), SMALL)),
            None => text(StatusCode::NOT_FOUND, "not found"),
        },
        _ => text(StatusCode::NOT_FOUND, "not found"),
    })
}

fn main() {
    let (port, workers) = arguments();
    on_threads(workers, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(serve(port));
    });
}

async fn serve(port: u16) {
    let listener = tokio::net::TcpListener::from_std(listener(port)).expect("a listener");
    let mut connections = http1::Builder::new();
    connections.pipeline_flush(true);
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let connection = connections.serve_connection(TokioIo::new(stream), service_fn(route));
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}
