//! axum on one thread, with `CompressionLayer` and `ServeDir` of tower-http.

#[path = "../../data.rs"]
mod data;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use data::{Arguments, Article, arguments, articles};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;

async fn json(State(articles): State<Arc<Vec<Article>>>) -> Response {
    Json(&*articles).into_response()
}

fn main() -> std::io::Result<()> {
    let Arguments { port, folder, level } = arguments();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let compression = CompressionLayer::new().quality(CompressionLevel::Precise(level));
        let app = Router::new()
            .route("/json", get(json).layer(compression))
            .with_state(Arc::new(articles()))
            .nest_service("/files", ServeDir::new(folder));
        axum::serve(tokio::net::TcpListener::bind(("127.0.0.1", port)).await?, app).await
    })
}
