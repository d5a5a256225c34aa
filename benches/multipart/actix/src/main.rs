//! actix-web with actix-multipart: the bytes of the form's files are counted as they come.

use actix_multipart::Multipart;
use actix_web::{App, HttpServer, web};
use futures_util::StreamExt;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

async fn upload(mut form: Multipart) -> Result<String, actix_web::Error> {
    let mut bytes = 0;
    while let Some(field) = form.next().await {
        let mut field = field?;
        while let Some(chunk) = field.next().await {
            bytes += chunk?.len();
        }
    }
    Ok(bytes.to_string())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "3000".into());
    let app = || App::new().route("/upload", web::post().to(upload));
    HttpServer::new(app).workers(1).bind(format!("127.0.0.1:{port}"))?.run().await
}
