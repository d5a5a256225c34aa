//! Forms with files: bodies of `multipart/form-data` (RFC 7578).
//!
//! [`Multipart`] streams their fields, `MultipartForm` makes them a model; the guide's page [`multipart`](crate::guide::multipart) shows both at work.
//!
//! | file | what |
//! |---|---|
//! | `splitter` | bytes to parts |
//! | `head`, `parameters` | the header of a part |
//! | `field` | a part while it comes in |
//! | `temporary`, `upload` | files on the disk, and how they go |
//! | `form` | forms as models |
//! | `options` | limits |

mod field;
#[cfg(feature = "schema")]
mod form;
mod head;
mod options;
mod parameters;
mod splitter;
mod temporary;
mod upload;

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use fastweb_core::{BindCx, Body, BodyUse, Bytes, Code, Error, Extract, Request, Result};

pub use field::Field;
#[cfg(feature = "schema")]
pub use form::MultipartForm;
pub use options::MultipartOptions;
pub use upload::Upload;
#[cfg(feature = "schema")]
pub use upload::UploadBytes;

use head::PartHead;
use parameters::Parameters;
use splitter::{Piece, Splitter, malformed, too_large};

const FORM: &str = "multipart/form-data";

/// The fields and files of a form, one after the other as they come in: a body of `multipart/form-data`. As an argument it streams: the client is read only as fast
/// as the handler reads, and nothing is kept that it does not keep.
///
/// A body of another media type is 415, one that is malformed, or ends early, 400, and what goes beyond [`MultipartOptions`] or the body limit of the route 413.
///
/// ```
/// use fastweb::prelude::*;
///
/// async fn upload(mut form: Multipart) -> Result<String> {
///     let mut told = String::new();
///     while let Some(mut field) = form.next().await? {
///         let name = field.name().to_owned();
///         if let Some(file) = field.file_name().map(str::to_owned) {
///             let mut bytes = 0;
///             while let Some(chunk) = field.chunk().await? {
///                 bytes += chunk.len();
///             }
///             told += &format!("{name}: {bytes} bytes of {file}\n");
///         } else {
///             told += &format!("{name}: {}\n", field.text().await?);
///         }
///     }
///     Ok(told)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().post("/", upload).build().await?;
/// let body = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHoliday\r\n\
///             --b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n12345\r\n--b--\r\n";
/// let form = Inject::post("/").header("content-type", "multipart/form-data; boundary=b").body(body);
/// server.inject(form).await.assert_text("title: Holiday\nphoto: 5 bytes of a.jpg\n");
/// # Ok(())
/// # }
/// ```
pub struct Multipart {
    body: Body,
    splitter: Splitter,
    options: MultipartOptions,
    at: At,
    parts: usize,
    files: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before a part, or behind the last one.
    Between,
    /// In a part.
    Within,
    /// The whole body was read.
    Over,
    Failed,
}

/// What comes next; waited for.
enum Next {
    Part,
    Data(Bytes),
    EndOfPart,
    Over,
}

impl Multipart {
    /// A form of any `body`, whose parts the `boundary` separates: one of a request whose media type is not `multipart/form-data`, one that another service answers with.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let body = Body::from("--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--b--");
    /// let mut form = Multipart::new(body, "b", MultipartOptions::new())?;
    /// let mut field = form.next().await?.expect("a field");
    /// assert_eq!((field.name().to_owned(), field.text().await?), ("a".to_owned(), "1".to_owned()));
    /// assert!(form.next().await?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The boundary is none (400): it has 1 to 70 visible ASCII characters and blanks, and ends with no blank (RFC 2046, 5.1.1).
    pub fn new(body: Body, boundary: impl AsRef<[u8]>, options: MultipartOptions) -> Result<Self> {
        let boundary = boundary.as_ref();
        let is_sound = matches!(boundary.len(), 1..=70)
            && boundary.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
            && !boundary.ends_with(b" ");
        if !is_sound {
            return Err(malformed("The boundary of the form is none: it has 1 to 70 visible characters"));
        }
        let splitter = Splitter::new(boundary, options.header_size);
        Ok(Self { body, splitter, options, at: At::Between, parts: 0, files: 0 })
    }

    /// Other options than those of the route, for what comes from here on.
    pub fn set_options(&mut self, options: MultipartOptions) {
        self.options = options;
    }

    /// The next field, or `None` where the form is over. What was not read of the one before is passed over.
    ///
    /// # Errors
    /// The form is malformed or ends early (400), goes beyond a limit (413), or is too slow (408).
    pub async fn next(&mut self) -> Result<Option<Field<'_>>> {
        let head = poll_fn(|cx| self.poll_part(cx)).await?;
        let number = self.parts;
        Ok(head.map(|head| Field::new(self, head, number)))
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<PartHead>>> {
        loop {
            match ready!(self.poll_next(cx))? {
                Next::Part => {
                    let head = self.begin();
                    self.at = if head.is_ok() { At::Within } else { At::Failed };
                    return Poll::Ready(head.map(Some));
                }
                Next::Data(_) => {}
                Next::EndOfPart => self.at = At::Between,
                Next::Over => return Poll::Ready(Ok(None)),
            }
        }
    }

    /// What the header of a part says.
    fn begin(&mut self) -> Result<PartHead> {
        let options = &self.options;
        self.parts += 1;
        let number = self.parts;
        let most = |many: usize, most: usize, what: &str, option| match many > most {
            true => Err(too_large(format!("The form has more than {most} {what}"), option)),
            false => Ok(()),
        };
        most(number, options.parts, "parts", "parts")?;
        let head = PartHead::parse(self.splitter.head(), options.name_size, number)?;
        self.files += usize::from(head.file_name.is_some());
        most(self.files, options.files, "files", "files")?;
        most(number - self.files, options.fields, "fields that are no files", "fields")?;
        Ok(head)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Next>> {
        match self.at {
            At::Over => return Poll::Ready(Ok(Next::Over)),
            At::Failed => return Poll::Ready(Err(malformed("The form failed before and cannot be read further"))),
            At::Between | At::Within => {}
        }
        let next = ready!(self.poll_sound(cx));
        match next {
            Ok(Next::Over) => self.at = At::Over,
            Err(_) => self.at = At::Failed,
            Ok(_) => {}
        }
        Poll::Ready(next)
    }

    fn poll_sound(&mut self, cx: &mut Context<'_>) -> Poll<Result<Next>> {
        loop {
            let next = match self.splitter.next()? {
                Piece::Part => Next::Part,
                Piece::Data(data) => Next::Data(data),
                Piece::EndOfPart => Next::EndOfPart,
                Piece::Nothing => match ready!(self.body.poll_chunk(cx)) {
                    Ok(Some(chunk)) => {
                        self.splitter.push(chunk);
                        continue;
                    }
                    Ok(None) => {
                        self.splitter.finish()?;
                        Next::Over
                    }
                    Err(error) => return Poll::Ready(Err(with_its_place(error))),
                },
            };
            return Poll::Ready(Ok(next));
        }
    }
}

/// Where the limit of the whole is set.
fn with_its_place(error: Error) -> Error {
    if error.code() != Some(Code::BodyTooLarge.as_str()) {
        return error;
    }
    let message = format!("{}: `body_limit` of the route", error.message());
    error.with_message(message)
}

impl Extract for Multipart {
    type Bound = ();
    const BODY: BodyUse = BodyUse::Stream;

    fn bind(_: &mut BindCx<'_>) -> Option<()> {
        Some(())
    }

    fn extract((): &(), req: &mut Request) -> Result<Self> {
        let boundary = boundary(req)?;
        let options = req.route().config::<MultipartOptions>().cloned().unwrap_or_default();
        Self::new(req.take_body(), boundary, options)
    }

    #[cfg(feature = "schema")]
    fn describe(doc: &mut fastweb_core::RouteDoc) {
        doc.add_body(FORM, None);
    }
}

fn boundary(req: &Request) -> Result<Vec<u8>> {
    let media_type = req.header("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(FORM) {
        let what = if media_type.is_empty() { "no" } else { "another" };
        let message = format!("This route reads {FORM}, and the request has {what} content-type");
        return Err(Error::from_code(Code::UnsupportedMediaType).with_message(message));
    }
    let parameters = Parameters::parse(media_type.as_bytes());
    let boundary = parameters.as_ref().and_then(|parameters| parameters.get("boundary"));
    let refused = || malformed(format!("The content-type {FORM} has no boundary, or is malformed"));
    boundary.map(<[u8]>::to_vec).ok_or_else(refused)
}

impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart").field("parts", &self.parts).field("options", &self.options).finish_non_exhaustive()
    }
}
