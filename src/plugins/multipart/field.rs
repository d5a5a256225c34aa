//! A part of a form while it comes in.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use fastweb_core::{Bytes, HeaderMap, Result};
use tokio::io::{AsyncRead, ReadBuf};

use super::head::PartHead;
use super::splitter::{malformed, too_large};
use super::temporary::{self, Place};
use super::{At, Multipart, Next, Upload};

/// A field or a file of a form, while it comes in: see [`Multipart::next`].
///
/// ```
/// use fastweb::prelude::*;
///
/// async fn upload(mut form: Multipart) -> Result<String> {
///     let Some(field) = form.next().await? else { return Err(Error::bad_request("the form is empty")) };
///     if !field.is_file() || field.content_type() != Some("text/plain") {
///         return Err(Error::bad_request("the first field is a text file"));
///     }
///     let file = field.save_to_temporary().await?;
///     Ok(format!("{} has {} bytes", file.file_name(), file.len()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().post("/", upload).build().await?;
/// let body = "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n12345\r\n--b--\r\n";
/// let form = Inject::post("/").header("content-type", "multipart/form-data; boundary=b").body(body);
/// server.inject(form).await.assert_text("a.txt has 5 bytes");
/// # Ok(())
/// # }
/// ```
pub struct Field<'f> {
    form: &'f mut Multipart,
    head: PartHead,
    /// Of its part, from 1.
    number: usize,
    read: u64,
    /// What was looked at, or a part of what was asked for.
    begun: Bytes,
}

impl<'f> Field<'f> {
    pub(super) fn new(form: &'f mut Multipart, head: PartHead, number: usize) -> Self {
        Self { form, head, number, read: 0, begun: Bytes::new() }
    }

    /// What the field is called. Several may have one name.
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// The name that the file has for the client, without folders; empty where no file was chosen. `None` where this is no file.
    ///
    /// It is the client's word: nothing keeps it from being the name of a file that is there already.
    pub fn file_name(&self) -> Option<&str> {
        self.head.file_name.as_deref()
    }

    /// Whether it is a file: whether it has a file's name.
    pub fn is_file(&self) -> bool {
        self.head.file_name.is_some()
    }

    /// The media type that the client says it has.
    pub fn content_type(&self) -> Option<&str> {
        self.head.headers.get("content-type")?.to_str().ok()
    }

    /// The header of the part.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The next bytes, or `None` at the end.
    ///
    /// # Errors
    /// The field is larger than [`file_size`](super::MultipartOptions::file_size) or [`field_size`](super::MultipartOptions::field_size) allows (413), or the form ends as [`Multipart::next`] says.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// Like [`chunk`](Self::chunk), for hand-written futures, and for streams: `futures_util::stream::poll_fn(move |cx| field.poll_chunk(cx).map(Result::transpose))`.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        if !self.begun.is_empty() {
            return Poll::Ready(Ok(Some(std::mem::take(&mut self.begun))));
        }
        // Behind its end the next part would come.
        if self.form.at == At::Between {
            return Poll::Ready(Ok(None));
        }
        match ready!(self.form.poll_next(cx))? {
            Next::Data(data) => {
                self.read += data.len() as u64;
                self.within_limit()?;
                Poll::Ready(Ok(Some(data)))
            }
            Next::EndOfPart => {
                self.form.at = At::Between;
                Poll::Ready(Ok(None))
            }
            Next::Part | Next::Over => Poll::Ready(Ok(None)),
        }
    }

    fn within_limit(&self) -> Result<()> {
        let options = &self.form.options;
        let (most, what, option) = match self.is_file() {
            true => (options.file_size, "file", "file_size"),
            false => (options.field_size, "field", "field_size"),
        };
        if self.read > most {
            let message = format!("Part {} of the form is a {what} of more than {most} bytes", self.number);
            return Err(too_large(message, option));
        }
        Ok(())
    }

    /// Whether nothing is in it. Waits for its first bytes.
    #[cfg(feature = "schema")]
    pub(super) async fn is_empty(&mut self) -> Result<bool> {
        if self.begun.is_empty() {
            self.begun = self.chunk().await?.unwrap_or_default();
        }
        Ok(self.begun.is_empty())
    }

    /// What is left of it, in memory.
    ///
    /// # Errors
    /// It has more bytes than [`memory`](super::MultipartOptions::memory) allows (413), or as [`chunk`](Self::chunk).
    pub async fn bytes(&mut self) -> Result<Bytes> {
        let most = self.form.options.memory;
        self.bytes_within(most).await
    }

    /// What is left of it, in memory, where `room` bytes are left of what may be held there.
    pub(super) async fn bytes_within(&mut self, room: u64) -> Result<Bytes> {
        let Some(first) = self.chunk().await? else { return Ok(Bytes::new()) };
        let mut next = self.checked(first.len() as u64, room).await?;
        if next.is_none() {
            return Ok(first);
        }
        let mut all = first.to_vec();
        while let Some(chunk) = next {
            all.extend_from_slice(&chunk);
            next = self.checked(all.len() as u64, room).await?;
        }
        Ok(all.into())
    }

    /// The next bytes, where there is room for those before.
    async fn checked(&mut self, held: u64, room: u64) -> Result<Option<Bytes>> {
        if held > room {
            let most = self.form.options.memory;
            let message = format!("Part {} of the form is more than fits into {most} bytes of memory", self.number);
            return Err(too_large(message, "memory"));
        }
        self.chunk().await
    }

    /// What is left of it, as text.
    ///
    /// # Errors
    /// It is no UTF-8 (400), or as [`bytes`](Self::bytes).
    pub async fn text(&mut self) -> Result<String> {
        let bytes = self.bytes().await?;
        self.text_of(&bytes)
    }

    pub(super) fn text_of(&self, bytes: &[u8]) -> Result<String> {
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        text.map_err(|error| malformed(format!("Part {} of the form is no UTF-8 text: {error}", self.number)))
    }

    /// Writes what is left of it to `path`, in the pool for [`blocking`](crate::blocking) work. Gives the number of bytes. The file appears when it is whole, instead of what
    /// is there already; until then it has a name that begins with `.fastweb-`, in the same folder, and whatever ends the upload removes it.
    ///
    /// The path is the application's: [`file_name`](Self::file_name) may be anything.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let path = std::env::temp_dir().join(format!("fastweb-field-{}", std::process::id()));
    /// # let there = path.clone();
    /// let avatar = async move |mut form: Multipart| -> Result<StatusCode> {
    ///     while let Some(field) = form.next().await? {
    ///         if field.name() == "avatar" {
    ///             field.save(&path).await?;
    ///         }
    ///     }
    ///     Ok(StatusCode::CREATED)
    /// };
    /// let server = App::new().post("/avatar", avatar).build().await?;
    /// # let body = "--b\r\ncontent-disposition: form-data; name=avatar; filename=a\r\n\r\n12345\r\n--b--\r\n";
    /// # let form = Inject::post("/avatar").header("content-type", "multipart/form-data; boundary=b").body(body);
    /// # server.inject(form).await.assert_status(201);
    /// # assert_eq!(std::fs::read(&there)?, b"12345");
    /// # std::fs::remove_file(there)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The file cannot be written (500), or as [`chunk`](Self::chunk).
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let file = temporary::receive(&mut self, Place::Beside(path.to_owned())).await?;
        let bytes = file.len();
        file.persist(path.to_owned()).await?;
        Ok(bytes)
    }

    /// Writes what is left of it to a temporary file, which is removed when the [`Upload`] is dropped, or whatever else ends the request before.
    ///
    /// # Errors
    /// The file cannot be written (500), or as [`chunk`](Self::chunk).
    pub async fn save_to_temporary(mut self) -> Result<Upload> {
        let folder = self.form.options.folder();
        let file = temporary::receive(&mut self, Place::Folder(folder)).await?;
        let content_type = self.content_type().map(str::to_owned);
        Ok(Upload::new(file, self.head.file_name.unwrap_or_default(), content_type))
    }
}

/// Errors are those of [`chunk`](Field::chunk), and `?` makes of the [`io::Error`] what they were.
impl AsyncRead for Field<'_> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let field = self.get_mut();
        if field.begun.is_empty() {
            field.begun = ready!(field.poll_chunk(cx)).map_err(io::Error::other)?.unwrap_or_default();
        }
        let n = field.begun.len().min(buf.remaining());
        buf.put_slice(&field.begun.split_to(n));
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("number", &self.number).field("is_file", &self.is_file()).finish_non_exhaustive()
    }
}
