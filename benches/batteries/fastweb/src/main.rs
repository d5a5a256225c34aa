//! fastweb: its plugins for compression and files.

#[path = "../../data.rs"]
mod data;

use data::{Arguments, Article, arguments, articles};
use fastweb::compression::Coding;
use fastweb::prelude::*;

fn main() -> Result<()> {
    let Arguments { port, folder, level } = arguments();
    App::new()
        .workers(1)
        .state(articles())
        .scope("/json", |json| {
            let compression = Compression::new().level(Coding::Gzip, level);
            json.plugin(compression).get("/", |articles: State<Vec<Article>>| Reply::json(&*articles))
        })
        .plugin(StaticFiles::new("/files", &*folder))
        .plugin(StaticFiles::new("/kept", folder).memory(16 << 20))
        .run(("127.0.0.1", port))
}
