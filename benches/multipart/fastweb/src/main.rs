//! fastweb: the bytes of the form's files are counted as they come.

use fastweb::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

async fn upload(mut form: Multipart) -> Result<String> {
    let mut bytes = 0;
    while let Some(mut field) = form.next().await? {
        while let Some(chunk) = field.chunk().await? {
            bytes += chunk.len();
        }
    }
    Ok(bytes.to_string())
}

fn main() -> Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "3000".into());
    App::new().workers(1).route(post("/upload", upload).body_limit(u64::MAX)).run(format!("127.0.0.1:{port}"))
}
