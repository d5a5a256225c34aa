//! Files of any size: uploads go to the disk as they come, downloads are read as fast as the client takes them. Neither is ever in memory.
//!
//! ```text
//! cargo run --release --example files [ADDRESS] [FOLDER]
//!
//! curl -i http://127.0.0.1:3000/files/notes.txt -T notes.txt
//! curl -i http://127.0.0.1:3000/files
//! curl -O http://127.0.0.1:3000/files/notes.txt
//! ```

mod store;

use fastweb::JsonStream;
use fastweb::prelude::*;
use store::{Name, Store};

/// An upload is there when it was received as a whole: what breaks off leaves nothing behind.
async fn upload(Path(name): Path<Name>, mut body: Body, store: State<Store>) -> Result<(StatusCode, String)> {
    let (part, file) = store.begin(&name)?;
    let bytes = body.save(file).await?;
    part.keep()?;
    Ok((StatusCode::CREATED, format!("{bytes} bytes\n")))
}

async fn download(Path(name): Path<Name>, store: State<Store>) -> Result<Reply> {
    let body = Body::from_path(store.path(&name)).await?;
    Ok(Reply::new().with_body(body).with_content_type("application/octet-stream"))
}

/// However many there are, one name at a time is looked up and sent.
async fn list(store: State<Store>) -> Result<JsonStream<String>> {
    Ok(JsonStream::try_from_iter(store.names()?))
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".into());
    let folder = arguments.next().unwrap_or_else(|| "files".into());

    App::new()
        .state(Store::in_folder(folder)?)
        .get("/files", list)
        .get("/files/{name}", download)
        // The limit of other routes stays what it is: 1 MiB.
        .route(put("/files/{name}", upload).body_limit(64 * 1024 * 1024 * 1024))
        .on_listen(|address| println!("http://{address}"))
        .run(address)
}
