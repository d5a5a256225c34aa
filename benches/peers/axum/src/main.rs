//! axum: its router and extractors over hyper's connections, a runtime and a listener per worker, answers of a pipeline flushed together.

use axum::body::{Body, Bytes};
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, SERVER as NAME};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use contract::*;
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tower::Service;
use tower_http::set_header::SetResponseHeaderLayer;

fn app() -> Router {
    Router::new()
        .route("/plaintext", get(plaintext))
        .route("/json", get(async || Json(MESSAGE)))
        .route("/search", get(search))
        .route("/users", get(list).post(create))
        .route("/users/{id}", get(user))
        .route("/upload", post(upload).layer(DefaultBodyLimit::disable()))
        .route("/echo", post(async |body: Body| body).layer(DefaultBodyLimit::disable()))
        .route("/download", get(download))
        .layer(SetResponseHeaderLayer::overriding(NAME, HeaderValue::from_static(SERVER)))
}

async fn plaintext() -> impl IntoResponse {
    ([(CONTENT_TYPE, HeaderValue::from_static(TEXT))], HELLO)
}

async fn user(Path(id): Path<String>) -> Response {
    Json(UserById::new(&id)).into_response()
}

async fn search(search: Result<Query<Search>, QueryRejection>) -> Response {
    match search {
        Ok(Query(Search { q, limit })) => Json(Found { q: &q, limit }).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn list(Query(Count { n }): Query<Count>) -> Response {
    Json(users(n)).into_response()
}

async fn create(new: Result<Json<NewUser>, JsonRejection>) -> Response {
    match new {
        Ok(Json(new)) => (StatusCode::CREATED, Json(new.created())).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn upload(mut body: Body) -> Result<String, StatusCode> {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        bytes += frame.data_ref().map_or(0, Bytes::len);
    }
    Ok(bytes.to_string())
}

struct Pieces(u64);

impl futures_core::Stream for Pieces {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let left = &mut self.get_mut().0;
        let piece = (*left).min(PIECE.len() as u64);
        *left -= piece;
        std::task::Poll::Ready((piece > 0).then(|| Ok(Bytes::from_static(&PIECE[..piece as usize]))))
    }
}

async fn download(Query(Download { bytes }): Query<Download>) -> impl IntoResponse {
    ([(CONTENT_LENGTH, bytes.to_string())], Body::from_stream(Pieces(bytes)))
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
    let app = app();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let app = app.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| app.clone().call(request));
        let connection = connections.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}
