//! Temporary files: whatever ends a request, they are gone.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::support::eventually;
use super::support::server::TestServer;
use super::*;

/// A folder that is removed with all that is in it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("fastweb-multipart-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("a name").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The options by which files go here.
    pub(crate) fn options(&self) -> MultipartOptions {
        MultipartOptions::new().temporary_folder(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Saves all files, and keeps them until the end.
async fn saved(mut form: Multipart) -> Result<Vec<Upload>> {
    let mut files = Vec::new();
    while let Some(field) = form.next().await? {
        files.push(field.save_to_temporary().await?);
    }
    Ok(files)
}

/// More than is written at a time.
fn long() -> String {
    "0123456789".repeat(30_000)
}

#[tokio::test]
async fn a_file_is_there_while_it_is_used_and_not_longer() {
    let folder = Folder::new();
    let handler = async |form: Multipart| -> Result<String> {
        let mut told = String::new();
        for file in saved(form).await? {
            assert!(file.path().exists());
            let bytes = file.bytes().await?;
            assert_eq!(bytes, std::fs::read(file.path())?);
            #[cfg(unix)]
            assert_eq!(
                std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file.path())?.permissions()) & 0o777,
                0o600
            );
            told += &format!("{} {} {:?} {}; ", file.file_name(), file.len(), file.content_type(), bytes == long());
        }
        Ok(told)
    };
    let server = build(App::new().config(folder.options()).post("/", handler)).await;
    let body = form(&[file("a", "a.txt", &long()), file("b", "", ""), field("c", "1")]);
    let reply = server.inject(post_form(body)).await;
    reply.assert_text("a.txt 300000 Some(\"text/plain\") true;  0 Some(\"text/plain\") false;  1 None false; ");
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn a_request_that_fails_leaves_nothing() {
    let folder = Folder::new();
    let fails = async |form: Multipart| -> Result<()> {
        let _files = saved(form).await?;
        Err(Error::conflict("no"))
    };
    let panics = async |form: Multipart| -> Result<()> {
        let _files = saved(form).await?;
        panic!("the handler panics with files in its hands")
    };
    let app = App::new().config(folder.options().file_size(400_000)).post("/", fails).post("/panic", panics);
    let server = build(app).await;
    let whole = form(&[file("a", "a", &long())]);
    server.inject(post_form(whole.clone())).await.assert_status(409);
    assert_eq!(folder.names(), [""; 0]);
    let panicking = Inject::post("/panic").header("content-type", "multipart/form-data; boundary=XyZ");
    server.inject(panicking.body(whole.clone())).await.assert_status(500);
    assert_eq!(folder.names(), [""; 0]);
    // The first file is whole, and the second one too large, or not.
    let too_large = form(&[file("a", "a", &long()), file("b", "b", &long().repeat(2))]);
    server.inject(post_form(too_large)).await.assert_status(413);
    assert_eq!(folder.names(), [""; 0]);
    let early = whole.replace("--XyZ--", "");
    server.inject(post_form(early)).await.assert_status(400);
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_client_that_is_gone_leaves_nothing() {
    let folder = Folder::new();
    let handler = async |form: Multipart| saved(form).await.map(|files| files.len().to_string());
    let upload = post("/", handler).body_limit(100_000_000);
    let server = TestServer::start(App::new().config(folder.options()).route(upload));
    let head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: multipart/form-data; boundary=XyZ\r\ncontent-length: 90000000\r\n\r\n";
    for resets in [false, true] {
        let mut client = server.client();
        client.send(head).send(file("a", "a", &long())).send(&file("b", "b", &long())[..200_000]);
        eventually("both files are there", || folder.names().len() == 2);
        if resets {
            client.reset();
        } else {
            drop(client);
        }
        eventually("both files are gone", || folder.names().is_empty());
    }
    // And one that is there all the time.
    let body = form(&[file("a", "a", &long())]);
    let whole = head.replace("90000000", &body.len().to_string()) + &body;
    assert_eq!(server.client().ask(whole).text(), "1");
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn a_handler_that_takes_too_long_leaves_nothing() {
    let folder = Folder::new();
    let handler = async |form: Multipart| -> Result<()> {
        let _files = saved(form).await?;
        std::future::pending().await
    };
    let route = post("/", handler).timeout(Duration::from_millis(300));
    let server = build(App::new().config(folder.options()).route(route)).await;
    server.inject(post_form(form(&[file("a", "a", &long())]))).await.assert_status(503);
    eventually("the file is gone", || folder.names().is_empty());
}

#[tokio::test]
async fn what_is_kept_has_its_name_when_it_is_whole() {
    let folder = Folder::new();
    let (kept, there) = (folder.path("kept"), folder.path("saved"));
    std::fs::write(&kept, "before").expect("it can be written");
    let targets = (kept.clone(), there.clone());
    let handler = async move |mut form: Multipart| -> Result<String> {
        let mut bytes = 0;
        while let Some(field) = form.next().await? {
            if field.name() == "kept" {
                let upload = field.save_to_temporary().await?;
                bytes += upload.len();
                upload.persist(&targets.0).await?;
            } else {
                bytes += field.save(&targets.1).await?;
            }
        }
        Ok(bytes.to_string())
    };
    let server = build(App::new().config(folder.options()).post("/", handler)).await;
    let body = form(&[file("kept", "x", &long()), file("saved", "y", "short")]);
    server.inject(post_form(body)).await.assert_text("300005");
    assert_eq!(folder.names(), ["kept", "saved"]);
    assert_eq!(std::fs::read_to_string(&kept).expect("a file"), long());
    assert_eq!(std::fs::read_to_string(&there).expect("a file"), "short");
    // What breaks off changes nothing that is there.
    let early = form(&[file("saved", "y", &long())]).replace("--XyZ--", "");
    server.inject(post_form(early)).await.assert_status(400);
    assert_eq!(folder.names(), ["kept", "saved"]);
    assert_eq!(std::fs::read_to_string(&there).expect("a file"), "short");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_the_servers_fault() {
    let folder = Folder::new();
    let nowhere = MultipartOptions::new().temporary_folder(folder.path("nothing"));
    let server = build(App::new().config(nowhere).post("/", async |form: Multipart| saved(form).await.map(drop))).await;
    let reply = server.inject(post_form(form(&[file("a", "a", "1")]))).await;
    assert_eq!(refusal(&reply).0, 500);
    assert!(!reply.text().contains("nothing"), "{}", reply.text());
}

#[tokio::test]
async fn a_field_is_a_reader() {
    let lines = async |mut form: Multipart| -> Result<String> {
        let Some(mut field) = form.next().await? else { return Ok(String::new()) };
        let mut copied = Vec::new();
        tokio::io::copy(&mut field, &mut copied).await?;
        Ok(copied.len().to_string())
    };
    let route = post("/", lines).config(MultipartOptions::new().file_size(400_000));
    let server = build(App::new().route(route)).await;
    server.inject(post_form(form(&[file("a", "a", &long())]))).await.assert_text("300000");
    let reply = server.inject(post_form(form(&[file("a", "a", &long().repeat(2))]))).await;
    assert_eq!(refusal(&reply).0, 413);
}
