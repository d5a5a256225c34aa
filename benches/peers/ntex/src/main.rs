//! ntex on tokio: its server with HTTP/1 alone, idle connections left to the system, no timeout of heads, large buffers.

use std::error::Error;
use std::rc::Rc;
use std::task::{Context, Poll};

use contract::*;
use ntex::http::body::{Body, BodySize, MessageBody};
use ntex::http::header::{CONTENT_TYPE, HeaderValue, SERVER as NAME};
use ntex::http::{HttpService, HttpServiceConfig, KeepAlive, StatusCode};
use ntex::io::IoConfig;
use ntex::time::Seconds;
use ntex::util::Bytes;
use ntex::{SharedCfg, web};

fn answer(status: StatusCode, content_type: &'static str, body: Body) -> web::HttpResponse {
    let mut response = web::HttpResponse::with_body(status, body);
    response.headers_mut().insert(NAME, HeaderValue::from_static(SERVER));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn as_json(status: StatusCode, text: Vec<u8>) -> web::HttpResponse {
    answer(status, JSON, text.into())
}

fn bad_request() -> web::HttpResponse {
    answer(StatusCode::BAD_REQUEST, TEXT, "bad request".into())
}

async fn plaintext() -> web::HttpResponse {
    answer(StatusCode::OK, TEXT, Bytes::from_static(HELLO.as_bytes()).into())
}

async fn message() -> web::HttpResponse {
    as_json(StatusCode::OK, json(&MESSAGE, SMALL))
}

async fn user(id: web::types::Path<String>) -> web::HttpResponse {
    as_json(StatusCode::OK, json(&UserById::new(&id), SMALL))
}

async fn search(search: Option<web::types::Query<Search>>) -> web::HttpResponse {
    match search {
        Some(search) => as_json(StatusCode::OK, json(&Found { q: &search.q, limit: search.limit }, SMALL)),
        None => bad_request(),
    }
}

async fn list(count: web::types::Query<Count>) -> web::HttpResponse {
    as_json(StatusCode::OK, json(users(count.n), LIST))
}

async fn create(body: Bytes) -> web::HttpResponse {
    match parse::<LentUser<'_>>(&body) {
        Some(user) => as_json(StatusCode::CREATED, json(&user.created(), SMALL)),
        None => bad_request(),
    }
}

async fn upload(mut body: web::types::Payload) -> web::HttpResponse {
    let mut bytes = 0;
    while let Some(piece) = body.recv().await {
        let Ok(piece) = piece else { return bad_request() };
        bytes += piece.len();
    }
    answer(StatusCode::OK, TEXT, bytes.to_string().into())
}

struct Echo(web::types::Payload);

impl MessageBody for Echo {
    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Rc<dyn Error>>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map_err(|error| Rc::new(error) as Rc<dyn Error>)))
    }
}

async fn echo(body: web::types::Payload) -> web::HttpResponse {
    answer(StatusCode::OK, "application/octet-stream", Body::from_message(Echo(body)))
}

struct Pieces {
    bytes: u64,
    left: u64,
}

impl MessageBody for Pieces {
    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes)
    }

    fn poll_next_chunk(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Rc<dyn Error>>>> {
        let piece = self.left.min(PIECE.len() as u64);
        self.left -= piece;
        Poll::Ready((piece > 0).then(|| Ok(Bytes::from_static(&PIECE[..piece as usize]))))
    }
}

async fn download(asked: web::types::Query<Download>) -> web::HttpResponse {
    let pieces = Pieces { bytes: asked.bytes, left: asked.bytes };
    answer(StatusCode::OK, "application/octet-stream", Body::from_message(pieces))
}

#[ntex::main]
async fn main() -> std::io::Result<()> {
    let (port, workers) = arguments();
    let server = ntex::server::build().workers(workers).backlog(4096).bind("ntex", address(port), async |_| {
        HttpService::h1(
            web::App::new()
                .service(web::resource("/plaintext").route(web::get().to(plaintext)))
                .service(web::resource("/json").route(web::get().to(message)))
                .service(web::resource("/search").route(web::get().to(search)))
                .service(web::resource("/users").route(web::get().to(list)).route(web::post().to(create)))
                .service(web::resource("/users/{id}").route(web::get().to(user)))
                .service(web::resource("/upload").route(web::post().to(upload)))
                .service(web::resource("/echo").route(web::post().to(echo)))
                .service(web::resource("/download").route(web::get().to(download))),
        )
    });
    let http = HttpServiceConfig::new().set_keepalive(KeepAlive::Os).set_client_timeout(Seconds::ZERO);
    let io = IoConfig::new().set_read_buf(65535, 2048, 128).set_write_buf(65535, 2048, 128);
    server?.config("ntex", SharedCfg::new("ntex").add(http).add(io)).run().await
}
