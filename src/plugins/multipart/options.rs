//! What a form may have, and where its files go.

use std::path::{Path, PathBuf};

/// Limits of forms, and the folder of temporary files: the options of `@fastify/multipart`. For a route, a scope or the application: `.config(MultipartOptions::new().files(1))`.
///
/// What goes beyond a limit is answered with 413, which names the limit. How large a form may be as a whole says the body limit of its route, 1 MiB unless
/// [`body_limit`](crate::Route::body_limit) says otherwise.
///
/// | limit | default | of |
/// |---|---|---|
/// | [`file_size`](Self::file_size) | the body limit | each file, in bytes |
/// | [`field_size`](Self::field_size) | 1 MiB | each other field, in bytes |
/// | [`memory`](Self::memory) | 2 MiB | what is held in memory at a time, in bytes |
/// | [`files`](Self::files) | 32 | the number of files |
/// | [`fields`](Self::fields) | 1,000 | the number of other fields |
/// | [`parts`](Self::parts) | 1,000 | the number of both |
/// | [`name_size`](Self::name_size) | 100 | the name of a field, in bytes |
/// | [`header_size`](Self::header_size) | 8 KiB | the header of a part, in bytes |
///
/// ```
/// use fastweb::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// async fn count(mut form: Multipart) -> Result<String> {
///     let mut bytes = 0;
///     while let Some(mut field) = form.next().await? {
///         bytes += field.bytes().await?.len();
///     }
///     Ok(bytes.to_string())
/// }
/// let route = post("/", count).config(MultipartOptions::new().file_size(3));
/// let server = App::new().route(route).build().await?;
/// let form = |file: &str| {
///     let head = "--b\r\ncontent-disposition: form-data; name=a; filename=a.txt\r\n\r\n";
///     Inject::post("/").header("content-type", "multipart/form-data; boundary=b").body(format!("{head}{file}\r\n--b--\r\n"))
/// };
/// server.inject(form("123")).await.assert_text("3");
/// let reply = server.inject(form("1234")).await;
/// assert_eq!(reply.status(), 413);
/// let told = "Part 1 of the form is a file of more than 3 bytes: `MultipartOptions::file_size` of the route";
/// assert_eq!(reply.json::<serde_json::Value>()["message"], told);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultipartOptions {
    pub(super) file_size: u64,
    pub(super) field_size: u64,
    pub(super) memory: u64,
    pub(super) files: usize,
    pub(super) fields: usize,
    pub(super) parts: usize,
    pub(super) name_size: usize,
    pub(super) header_size: usize,
    pub(super) folder: Option<PathBuf>,
}

impl Default for MultipartOptions {
    fn default() -> Self {
        Self {
            file_size: u64::MAX,
            field_size: 1024 * 1024,
            memory: 2 * 1024 * 1024,
            files: 32,
            fields: 1000,
            parts: 1000,
            name_size: 100,
            header_size: 8 * 1024,
            folder: None,
        }
    }
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty;)+) => {$(
        $(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, most: $type) -> Self {
            self.$name = most;
            self
        }
    )+};
}

impl MultipartOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    limits! {
        /// The most bytes of a file.
        file_size: u64;
        /// The most bytes of a field that is no file.
        field_size: u64;
        /// The most bytes that are held in memory at a time: of a field that is read as a whole, or of all of a [`MultipartForm`](super::MultipartForm) that do not go to the disk.
        memory: u64;
        /// The most files of a form.
        files: usize;
        /// The most fields of a form that are no files.
        fields: usize;
        /// The most fields and files of a form.
        parts: usize;
        /// The most bytes of a field's name, before what is escaped in it is decoded.
        name_size: usize;
        /// The most bytes of the header of a part.
        header_size: usize;
    }

    /// Where temporary files are, instead of the folder that the system has for them ([`std::env::temp_dir`]). One on the disk where they will stay saves a copy: see
    /// [`Upload::persist`](super::Upload::persist).
    #[must_use]
    pub fn temporary_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.folder.as_deref().map_or_else(std::env::temp_dir, Path::to_owned)
    }
}
