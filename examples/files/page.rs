//! The page: a form, and what is there.

use fastweb::prelude::*;

use crate::store::Store;

const FORM: &str = "<!doctype html>
<html lang=en>
<meta charset=utf-8>
<title>Files</title>
<h1>Files</h1>
<form action=/upload method=post enctype=multipart/form-data>
<label>Files: <input type=file name=file multiple required></label>
<button>Upload</button>
</form>
<ul>
";

/// Written while it is sent: there may be many names.
pub(crate) async fn page(store: State<Store>) -> Result<Reply> {
    let names = store.names()?;
    let body = Body::from_fn(async move |out| {
        out.send(FORM).await;
        for name in names {
            // Letters, digits and `._-`: nothing of it is HTML.
            let name = name?;
            out.send(format!("<li><a href=\"/files/{name}\">{name}</a>\n")).await;
        }
        out.send("</ul>\n").await;
        Ok(())
    });
    Ok(Reply::new().with_body(body).with_content_type("text/html; charset=utf-8"))
}
