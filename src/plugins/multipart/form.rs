//! Forms as models.

use std::collections::HashMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use fastweb_core::{BindCx, BodyUse, Code, Detail, Error, Extract, FormPlan, FromRequest, Request, Result, RouteDoc};
use fastweb_schema::Model;
use serde_json::Value;

use super::upload::{Kind, Received, UploadBytes, kind_of, read_with, without_kinds};
use super::{FORM, Multipart};

/// A form with files, read as a model: a body of `multipart/form-data`. Fields are read and validated by the rules of [`Form`](crate::Form): their values are texts, from which
/// numbers and truth values are made, and a `Vec` takes every value of its name. Files are [`Upload`](super::Upload), which go to the disk as they come, or [`UploadBytes`], which are held in memory.
///
/// An `Option` is `None` where no file was chosen in a browser. Files of names that the model does not have are passed over. What is refused is what [`Multipart`] refuses, and 400 what is not
/// valid. The OpenAPI document has all of it.
///
/// ```
/// use fastweb::prelude::*;
///
/// #[fastweb::model]
/// struct NewPhoto {
///     #[schema(min_length = 1)]
///     title: String,
///     year: Option<u16>,
///     photo: Upload,
/// }
///
/// // What is not kept, by `form.photo.persist(path).await?`, is removed with the form.
/// async fn add(MultipartForm(form): MultipartForm<NewPhoto>) -> String {
///     format!("{} ({:?}): {} bytes", form.title, form.year, form.photo.len())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().post("/photos", add).build().await?;
/// let photo = "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n12345\r\n";
/// let field = |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
/// let form = |parts: &[&str]| {
///     let body = format!("{}--b--\r\n", parts.concat());
///     Inject::post("/photos").header("content-type", "multipart/form-data; boundary=b").body(body)
/// };
/// let (title, year) = (field("title", "Lake"), field("year", "1997"));
/// server.inject(form(&[&title, &year, photo])).await.assert_text("Lake (Some(1997)): 5 bytes");
/// let reply = server.inject(form(&[&title, &field("year", "now"), photo])).await;
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "body/year must be integer");
/// let reply = server.inject(form(&[&title, &field("photo", "12345")])).await;
/// assert_eq!(reply.json::<serde_json::Value>()["message"], "body/photo must be a file");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct MultipartForm<T>(pub T);

/// How such a form is read. Public as what the extractor is bound to, and by no path.
#[allow(unreachable_pub)]
#[derive(Debug)]
pub struct MultipartPlan<T> {
    plan: FormPlan<T>,
    kinds: HashMap<String, Kind>,
    /// The model has no fields but its own.
    is_closed: bool,
}

/// How deep a schema may lead to that of a file: through a shared one, an option and a list there are three.
const DEPTH: u8 = 8;

#[diagnostic::do_not_recommend]
impl<T: Model> FromRequest for MultipartForm<T> {
    type Bound = MultipartPlan<T>;
    const BODY: BodyUse = BodyUse::Stream;

    fn bind(cx: &mut BindCx<'_>) -> Option<MultipartPlan<T>> {
        let plan = FormPlan::bind(cx)?;
        let schema = FormPlan::<T>::schema().unwrap_or_default();
        let properties = schema.get("properties").and_then(Value::as_object);
        let kinds =
            properties.into_iter().flatten().map(|(name, property)| (name.clone(), kind_of(property, &schema, DEPTH)));
        let is_closed =
            schema.get("additionalProperties").or(schema.get("unevaluatedProperties")) == Some(&Value::Bool(false));
        Some(MultipartPlan { plan, kinds: kinds.collect(), is_closed })
    }

    async fn from_request(plan: &MultipartPlan<T>, req: &mut Request) -> Result<Self> {
        let form = Multipart::extract(&(), req)?;
        plan.read(form).await.map(Self)
    }

    fn describe(doc: &mut RouteDoc) {
        let mut schema = FormPlan::<T>::schema();
        schema.iter_mut().for_each(without_kinds);
        doc.add_body(FORM, schema);
    }
}

impl<T: Model> MultipartPlan<T> {
    async fn read(&self, mut form: Multipart) -> Result<T> {
        let (mut pairs, mut files) = (Vec::new(), Vec::new());
        let mut room = form.options.memory;
        while let Some(mut field) = form.next().await? {
            let name = field.name().to_owned();
            let kind = self.kinds.get(&name).copied();
            let value = match (kind, field.file_name().map(str::to_owned)) {
                (None, Some(_)) if !self.is_closed => continue,
                // Nothing takes it; that it is there is what is refused.
                (None, Some(_)) => String::new(),
                (Some(Kind::Text), Some(_)) => return Err(invalid(&name, "must not be a file")),
                (Some(Kind::File | Kind::Bytes), None) => return Err(invalid(&name, "must be a file")),
                (Some(Kind::Text) | None, None) => {
                    let bytes = field.bytes_within(room).await?;
                    room -= bytes.len() as u64;
                    field.text_of(&bytes)?
                }
                // What browsers send where no file was chosen.
                (Some(_), Some(file_name)) if file_name.is_empty() && field.is_empty().await? => continue,
                (Some(Kind::File), Some(_)) => {
                    files.push(Received::File(field.save_to_temporary().await?));
                    (files.len() - 1).to_string()
                }
                (Some(Kind::Bytes), Some(file_name)) => {
                    let bytes = field.bytes_within(room).await?;
                    room -= bytes.len() as u64;
                    let content_type = field.content_type().map(str::to_owned);
                    files.push(Received::Bytes(UploadBytes::new(bytes, file_name, content_type)));
                    (files.len() - 1).to_string()
                }
            };
            pairs.push((name, value));
        }
        read_with(files, || self.plan.read(pairs.iter().map(|(name, value)| (&**name, &**value))))
    }
}

/// 400 for one field, whose name is the model's.
fn invalid(name: &str, message: &str) -> Error {
    let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    let told = format!("body{pointer} {message}");
    let detail = Detail { part: "body", pointer, keyword: "type", message: message.to_owned() };
    Error::from_code(Code::Validation).with_message(told).with_detail(detail)
}

impl<T> Deref for MultipartForm<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for MultipartForm<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for MultipartForm<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MultipartForm").field(&self.0).finish()
    }
}
