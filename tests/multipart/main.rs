//! Forms with files: what is read of them, what is refused, and where files are left (nowhere).

mod files;
mod limits;
mod malformed;
mod oracles;
mod splits;
#[path = "../support/mod.rs"]
mod support;
mod typed;

use fastweb::prelude::*;
use serde_json::{Value, json};

const BOUNDARY: &str = "XyZ";

async fn build(app: App) -> Server {
    app.build().await.unwrap_or_else(|error| panic!("{error}"))
}

/// A field of a form.
fn field(name: &str, value: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

/// A file of a form.
fn file(name: &str, file_name: &str, content: &str) -> String {
    let disposition = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"");
    format!("--{BOUNDARY}\r\n{disposition}\r\nContent-Type: text/plain\r\n\r\n{content}\r\n")
}

/// The parts, with what ends a form.
fn form(parts: &[String]) -> String {
    format!("{}--{BOUNDARY}--\r\n", parts.concat())
}

/// A request with a form that may be none.
fn post_form(body: impl Into<Vec<u8>>) -> Inject {
    Inject::post("/").header("content-type", format!("multipart/form-data; boundary={BOUNDARY}")).body(body.into())
}

/// Tells all that is in a form, as JSON.
async fn told(mut form: Multipart) -> Result<Json<Value>> {
    let mut told = Vec::new();
    while let Some(mut field) = form.next().await? {
        let (name, file_name) = (field.name().to_owned(), field.file_name().map(str::to_owned));
        let content_type = field.content_type().map(str::to_owned);
        let content = String::from_utf8_lossy(&field.bytes().await?).into_owned();
        told.push(json!({ "name": name, "file": file_name, "type": content_type, "content": content }));
    }
    Ok(Json(Value::Array(told)))
}

/// How a form was refused: status, code, message.
fn refusal(reply: &fastweb::InjectReply) -> (u16, String, String) {
    let body = reply.json::<Value>();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name} of {body}")).to_owned();
    (reply.status().as_u16(), text("code"), text("message"))
}
