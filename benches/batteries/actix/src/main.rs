//! actix-web: its `Compress` middleware, at the level that it has, and actix-files.

#[path = "../../data.rs"]
mod data;

use actix_files::Files;
use actix_web::middleware::Compress;
use actix_web::{App, HttpResponse, HttpServer, web};
use data::{Arguments, Article, arguments, articles};

async fn json(articles: web::Data<Vec<Article>>) -> HttpResponse {
    HttpResponse::Ok().json(articles.get_ref())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let Arguments { port, folder, .. } = arguments();
    let articles = web::Data::new(articles());
    let app = move || {
        App::new()
            .app_data(articles.clone())
            .service(web::resource("/json").wrap(Compress::default()).route(web::get().to(json)))
            .service(Files::new("/files", &folder))
    };
    HttpServer::new(app).workers(1).bind(("127.0.0.1", port))?.run().await
}
