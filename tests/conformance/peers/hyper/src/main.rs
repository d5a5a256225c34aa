//! The routes of `app.rs` on hyper, with its limits as near to ours as it has them: it has none for a head below 8 KiB. `conformance-hyper PORT`

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Empty, Full, Limited};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONNECTION, ETAG, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};

/// A body that says nothing of its length.
struct Once(Option<Bytes>);

impl hyper::body::Body for Once {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        std::task::Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

type Body = Either<Full<Bytes>, Either<Empty<Bytes>, Once>>;
type Reply = Response<Body>;

fn main() {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).expect("conformance-hyper PORT");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let mut http = http1::Builder::new();
        http.half_close(true).max_buf_size(8192).max_headers(20).timer(TokioTimer::new());
        http.header_read_timeout(Duration::from_secs(600));
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let connection = http.serve_connection(TokioIo::new(stream), service_fn(handle));
            tokio::spawn(async move { drop(connection.await) });
        }
    });
}

fn text(status: u16, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Either::Left(Full::new(body.into())));
    *reply.status_mut() = StatusCode::from_u16(status).expect("a status");
    reply
}

fn empty(status: u16) -> Reply {
    text(status, "").map(|_| Either::Right(Either::Left(Empty::new())))
}

fn stream(status: u16, body: &'static str) -> Reply {
    text(status, "").map(|_| Either::Right(Either::Right(Once(Some(Bytes::from_static(body.as_bytes()))))))
}

async fn handle(req: Request<Incoming>) -> Result<Reply, Infallible> {
    let path = req.uri().path().to_owned();
    let method = if req.method() == Method::HEAD { Method::GET } else { req.method().clone() };
    let is_post = matches!(path.as_str(), "/echo" | "/ignore");
    let reply = match path.as_str() {
        _ if method == Method::OPTIONS && (path == "*" || is_known(&path)) => empty(204),
        _ if is_known(&path) && method != if is_post { Method::POST } else { Method::GET } => text(405, "no"),
        "/sentinel" => text(200, "sentinel"),
        "/smuggled" => text(200, "smuggled"),
        "/a" => text(200, "a"),
        "/b" => text(200, "b"),
        "/later" => {
            tokio::time::sleep(Duration::from_micros(100)).await;
            text(200, "later")
        }
        "/host" => {
            let host = req.headers().get(HOST).map_or(&b""[..], |host| host.as_bytes()).to_vec();
            let end = host.iter().rposition(|&byte| byte == b':').unwrap_or(host.len());
            text(200, host[..end].to_vec())
        }
        "/echo" => match Limited::new(req.into_body(), 1000).collect().await {
            Ok(body) => text(200, body.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => text(413, "too large"),
            Err(_) => text(400, "malformed"),
        },
        "/ignore" => text(200, "ignored"),
        "/none" => empty(204),
        "/none-with-body" => text(204, "a body"),
        "/unmodified" => {
            let mut reply = empty(304);
            reply.headers_mut().insert(ETAG, "\"1\"".parse().expect("a value"));
            reply
        }
        "/unmodified-with-body" => stream(304, "a body"),
        "/empty" => text(200, ""),
        "/sized" => text(200, "sized"),
        "/chunked" => stream(200, "chunked"),
        "/conflict" => text(409, "taken"),
        "/panics" => text(500, "panic"),
        "/closes" => {
            let mut reply = text(200, "bye");
            reply.headers_mut().insert(CONNECTION, "close".parse().expect("a value"));
            reply
        }
        _ => text(404, "no"),
    };
    Ok(reply)
}

fn is_known(path: &str) -> bool {
    const PATHS: [&str; 18] = [
        "/sentinel",
        "/smuggled",
        "/a",
        "/b",
        "/later",
        "/host",
        "/echo",
        "/ignore",
        "/none",
        "/none-with-body",
        "/unmodified",
        "/unmodified-with-body",
        "/empty",
        "/sized",
        "/chunked",
        "/conflict",
        "/panics",
        "/closes",
    ];
    PATHS.contains(&path)
}
