//! Files of any size: uploads go to the disk as they come, from programs or from a form in a page; downloads are read as fast as the client takes them, whole or
//! in parts. Neither is ever in memory.
//!
//! ```text
//! cargo run --release --features multipart,static-files --example files [ADDRESS] [FOLDER]
//!
//! curl -i http://127.0.0.1:3000/files/notes.txt -T notes.txt
//! curl -i http://127.0.0.1:3000/upload -F file=@notes.txt -F file=@more.txt
//! curl -i http://127.0.0.1:3000/names
//! curl -i http://127.0.0.1:3000/files/notes.txt -r 0-99
//!
//! # Who takes gzip gets what was compressed before.
//! curl -i http://127.0.0.1:3000/files/notes.txt.gz -T notes.txt.gz
//! curl -i http://127.0.0.1:3000/files/notes.txt --compressed
//! ```
//!
//! In a browser, `http://127.0.0.1:3000/` has the form.

mod page;
mod store;

use fastweb::JsonStream;
use fastweb::prelude::*;
use store::{Name, Store};

const GIB: u64 = 1024 * 1024 * 1024;

/// An upload is there when it was received as a whole: what breaks off leaves nothing behind.
async fn put_file(Path(name): Path<Name>, mut body: Body, store: State<Store>) -> Result<(StatusCode, String)> {
    let (part, file) = store.begin(&name)?;
    let bytes = body.save(file).await?;
    part.keep()?;
    Ok((StatusCode::CREATED, format!("{bytes} bytes\n")))
}

/// The files of a form, each as soon as it is whole. Browsers go back to the page then, and see them there.
async fn upload(mut form: Multipart, store: State<Store>) -> Result<Reply> {
    while let Some(field) = form.next().await? {
        let Some(file_name) = field.file_name().filter(|name| !name.is_empty()) else { continue };
        let name = Name::like(file_name)?;
        field.save(store.path(&name)).await?;
    }
    Ok(Reply::redirect("/").with_status(StatusCode::SEE_OTHER))
}

/// However many there are, one name at a time is looked up and sent.
async fn list(store: State<Store>) -> Result<JsonStream<String>> {
    Ok(JsonStream::try_from_iter(store.names()?))
}

fn app(folder: String) -> Result<App> {
    let store = Store::in_folder(&folder)?;
    // Ranges, conditions, files that were compressed before. What a stranger has sent is nothing that a browser is to show as a page of this server.
    let files = StaticFiles::new("/files", folder).precompressed().on_reply(|_, reply| {
        reply.set_header("content-disposition", "attachment");
        reply.set_header("x-content-type-options", "nosniff");
    });
    // The limit of other routes stays what it is: 1 MiB.
    let by_form = post("/upload", upload).body_limit(64 * GIB).config(MultipartOptions::new().file_size(16 * GIB));
    let by_name = put("/files/{name}", put_file).body_limit(64 * GIB);
    Ok(App::new().state(store).plugin(files).get("/", page::page).get("/names", list).route(by_name).route(by_form))
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".into());
    let folder = arguments.next().unwrap_or_else(|| "files".into());
    app(folder)?.on_listen(|address| println!("http://{address}")).run(address)
}
