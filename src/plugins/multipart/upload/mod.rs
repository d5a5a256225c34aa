//! Files that came with a form.

#[cfg(feature = "schema")]
mod reading;

use std::fmt;
use std::io::{self, Seek};
use std::path::Path;

use fastweb_core::{Body, Bytes, Result, blocking};

use super::temporary::TemporaryFile;
#[cfg(feature = "schema")]
pub(super) use reading::{Kind, Received, kind_of, read_with, without_kinds};

/// A file that came with a form and lies in a temporary file. That is removed when this is dropped: when the handler has ended that has it, however it ends, and it is not
/// [kept](Self::persist). Only a process that is killed leaves such files; their names begin with `.fastweb-`.
///
/// It is made by [`Field::save_to_temporary`](super::Field::save_to_temporary), and is the type of a file in a `MultipartForm`.
pub struct Upload {
    file: TemporaryFile,
    file_name: String,
    content_type: Option<String>,
}

impl Upload {
    pub(super) fn new(file: TemporaryFile, file_name: String, content_type: Option<String>) -> Self {
        Self { file, file_name, content_type }
    }

    /// The name that the file has for the client, without folders. It is the client's word: nothing keeps it from being the name of a file that is there already.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The media type that the client says it has.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The number of bytes.
    pub fn len(&self) -> u64 {
        self.file.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where it lies as long as this lives.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Its bytes, read in the pool for [`blocking`](crate::blocking) work.
    ///
    /// # Errors
    /// The file cannot be read (500), or the pool is busy (503).
    pub async fn bytes(&self) -> Result<Bytes> {
        let path = self.path().to_owned();
        Ok(blocking(move || std::fs::read(path)).await??.into())
    }

    /// Keeps it, at `path`, in place of what is there. On the disk where it lies it only gets another name; to another one it is copied:
    /// [`MultipartOptions::temporary_folder`](super::MultipartOptions::temporary_folder) says where it lies. Only this user may read it until its permissions are changed.
    ///
    /// The path is the application's: [`file_name`](Self::file_name) may be anything.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// async fn avatar(mut form: Multipart, Path(user): Path<u64>) -> Result<StatusCode> {
    ///     while let Some(field) = form.next().await? {
    ///         if field.name() != "avatar" {
    ///             continue;
    ///         }
    ///         let file = field.save_to_temporary().await?;
    ///         if file.is_empty() {
    ///             return Err(Error::bad_request("the avatar is empty"));
    ///         }
    ///         file.persist(format!("avatars/{user}")).await?;
    ///     }
    ///     Ok(StatusCode::CREATED)
    /// }
    /// # drop(App::new().post("/avatars/{user}", avatar));
    /// ```
    ///
    /// # Errors
    /// It cannot be moved there (500). It is removed then.
    pub async fn persist(self, path: impl AsRef<Path>) -> Result<()> {
        self.file.persist(path.as_ref().to_owned()).await
    }

    /// A body of it, to be sent back or on. The file is gone when that is.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// async fn echo(mut form: Multipart) -> Result<Body> {
    ///     let Some(field) = form.next().await? else { return Ok(Body::empty()) };
    ///     field.save_to_temporary().await?.into_body()
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let server = App::new().post("/", echo).build().await?;
    /// let body = "--b\r\ncontent-disposition: form-data; name=a; filename=a\r\n\r\n12345\r\n--b--\r\n";
    /// let form = Inject::post("/").header("content-type", "multipart/form-data; boundary=b").body(body);
    /// server.inject(form).await.assert_header("content-length", "5").assert_text("12345");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The file cannot be read (500).
    pub fn into_body(self) -> Result<Body> {
        let len = self.len();
        let rewound = || -> io::Result<_> {
            let mut file = self.file.into_file()?;
            file.rewind()?;
            Ok(file)
        };
        Ok(Body::from_file(rewound()?, len))
    }
}

/// A file of a `MultipartForm` that is held in memory: a small one. [`MultipartOptions::memory`](super::MultipartOptions::memory) bounds all of them together.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::multipart::UploadBytes;
///
/// #[fastweb::model]
/// struct Import {
///     table: UploadBytes,
/// }
///
/// let import = |MultipartForm(form): MultipartForm<Import>| form.table.bytes().len().to_string();
/// # drop(App::new().post("/import", import));
/// ```
#[cfg(feature = "schema")]
pub struct UploadBytes {
    bytes: Bytes,
    file_name: String,
    content_type: Option<String>,
}

#[cfg(feature = "schema")]
impl UploadBytes {
    pub(super) fn new(bytes: Bytes, file_name: String, content_type: Option<String>) -> Self {
        Self { bytes, file_name, content_type }
    }

    /// What the file has.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The same, without the rest.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The name that the file has for the client, without folders. It is the client's word.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// The media type that the client says it has.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }
}

#[cfg(feature = "schema")]
impl fmt::Debug for UploadBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadBytes").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("path", &self.path()).field("len", &self.len()).finish_non_exhaustive()
    }
}
