//! actix-web: its server with HTTP/1 alone (no look at the first bytes for HTTP/2), idle connections left to the system, no timeout of heads.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::{HttpService, KeepAlive};
use actix_service::map_config;
use actix_web::body::{BodyStream, MessageBody, SizedStream};
use actix_web::dev::AppConfig;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, SERVER as NAME};
use actix_web::{App, HttpResponse, web};
use bytes::Bytes;
use contract::*;
use futures_core::Stream;

fn answer<B: MessageBody>(status: StatusCode, content_type: &'static str, body: B) -> HttpResponse<B> {
    let mut response = HttpResponse::with_body(status, body);
    response.headers_mut().insert(NAME, HeaderValue::from_static(SERVER));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn as_json(status: StatusCode, text: Vec<u8>) -> HttpResponse<Bytes> {
    answer(status, JSON, text.into())
}

fn bad_request() -> HttpResponse<Bytes> {
    answer(StatusCode::BAD_REQUEST, TEXT, Bytes::from_static(b"bad request"))
}

async fn plaintext() -> HttpResponse<Bytes> {
    answer(StatusCode::OK, TEXT, Bytes::from_static(HELLO.as_bytes()))
}

async fn message() -> HttpResponse<Bytes> {
    as_json(StatusCode::OK, json(&MESSAGE, SMALL))
}

async fn user(id: web::Path<String>) -> HttpResponse<Bytes> {
    as_json(StatusCode::OK, json(&UserById::new(&id), SMALL))
}

async fn search(search: Result<web::Query<Search>, actix_web::Error>) -> HttpResponse<Bytes> {
    match search {
        Ok(search) => as_json(StatusCode::OK, json(&Found { q: &search.q, limit: search.limit }, SMALL)),
        Err(_) => bad_request(),
    }
}

async fn list(count: web::Query<Count>) -> HttpResponse<Bytes> {
    as_json(StatusCode::OK, json(users(count.n), LIST))
}

async fn create(body: Bytes) -> HttpResponse<Bytes> {
    match parse::<LentUser<'_>>(&body) {
        Some(user) => as_json(StatusCode::CREATED, json(&user.created(), SMALL)),
        None => bad_request(),
    }
}

async fn upload(mut body: web::Payload) -> HttpResponse<Bytes> {
    let mut bytes = 0;
    while let Some(piece) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
        let Ok(piece) = piece else { return bad_request() };
        bytes += piece.len();
    }
    answer(StatusCode::OK, TEXT, bytes.to_string().into())
}

async fn echo(body: web::Payload) -> HttpResponse<BodyStream<web::Payload>> {
    answer(StatusCode::OK, "application/octet-stream", BodyStream::new(body))
}

struct Pieces(u64);

impl Stream for Pieces {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let left = &mut self.get_mut().0;
        let piece = (*left).min(PIECE.len() as u64);
        *left -= piece;
        Poll::Ready((piece > 0).then(|| Ok(Bytes::from_static(&PIECE[..piece as usize]))))
    }
}

async fn download(asked: web::Query<Download>) -> HttpResponse<SizedStream<Pieces>> {
    answer(StatusCode::OK, "application/octet-stream", SizedStream::new(asked.bytes, Pieces(asked.bytes)))
}

fn main() -> std::io::Result<()> {
    let (port, workers) = arguments();
    actix_rt::System::new().block_on(async move {
        let server = actix_server::Server::build().workers(workers).backlog(4096);
        let server = server.bind("actix", address(port), || {
            let app = App::new()
                .service(web::resource("/plaintext").route(web::get().to(plaintext)))
                .service(web::resource("/json").route(web::get().to(message)))
                .service(web::resource("/search").route(web::get().to(search)))
                .service(web::resource("/users").route(web::get().to(list)).route(web::post().to(create)))
                .service(web::resource("/users/{id}").route(web::get().to(user)))
                .service(web::resource("/upload").route(web::post().to(upload)))
                .service(web::resource("/echo").route(web::post().to(echo)))
                .service(web::resource("/download").route(web::get().to(download)));
            HttpService::build()
                .keep_alive(KeepAlive::Os)
                .client_request_timeout(Duration::ZERO)
                .h1(map_config(app, |_| AppConfig::default()))
                .tcp()
        });
        server?.run().await
    })
}
