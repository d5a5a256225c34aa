//! Every way in which a form can be wrong, and what is said of it.

use super::*;

const HEAD: &str = "--XyZ\r\nContent-Disposition: form-data; name=a\r\n\r\n";

#[tokio::test]
async fn what_is_no_form_is_told_why() {
    let server = build(App::new().post("/", told)).await;
    let early = "The form ends before its last boundary";
    let unannounced = "The form does not begin with the boundary that its content-type announces";
    let no_line = "A boundary of the form is followed by something else than the end of its line";
    let header = "Part 1 of the form has a malformed header";
    let table = [
        (String::new(), unannounced),
        ("hello".into(), unannounced),
        ("x".repeat(100_000), unannounced),
        (form(&[field("a", "1")]).replace("XyZ", "XyA"), unannounced),
        ("x--XyZ--".into(), unannounced),
        ("-XyZ--".into(), unannounced),
        ("--XyZ".into(), early),
        ("--XyZ-".into(), early),
        ("--XyZ\r\n".into(), early),
        ("--XyZ\r\nContent-Disposition: form-data; name=a\r\n".into(), early),
        (HEAD.into(), early),
        (format!("{HEAD}1"), early),
        (format!("{HEAD}1\r\n--Xy"), early),
        (format!("{HEAD}1\r\n--XyZ"), early),
        (format!("{HEAD}1\r\n--XyZ\r\n"), early),
        (format!("{HEAD}1\r\n--XyZ-"), early),
        (format!("{HEAD}1\n--XyZ--"), early),
        (field("a", "1"), early),
        (format!("{HEAD}1\r\n--XyZx\r\n"), no_line),
        (format!("{HEAD}1\r\n--XyZ-x"), no_line),
        (format!("{HEAD}1\r\n--XyZ\r\r\n"), no_line),
        (format!("{HEAD}1\r\n--XyZ{}\r\n", " ".repeat(65)), no_line),
        (
            form(&[field("a", "1")]).replace("\r\n", "\n"),
            "A boundary of the form ends with a line feed alone: a line ends with CR LF",
        ),
        ("--XyZ\r\nname\r\n\r\n1\r\n--XyZ--".into(), header),
        ("--XyZ\r\n: a\r\n\r\n1\r\n--XyZ--".into(), header),
        ("--XyZ\r\ncontent-disposition: form-data; name=a\nb: c\r\n\r\n1\r\n--XyZ--".into(), header),
        ("--XyZ\r\n--XyZ: a\r\n\r\n1\r\n--XyZ--".into(), "A part of the form ends within its header"),
        ("--XyZ\r\na: b\r\n--XyZ--\r\n\r\n".into(), "A part of the form ends within its header"),
        ("--XyZ\r\n\r\n1\r\n--XyZ--".into(), "Part 1 of the form has no content-disposition, or several"),
        ("--XyZ\r\ncontent-disposition: form-data\r\n\r\n1\r\n--XyZ--".into(), "Part 1 of the form has no name"),
        (
            "--XyZ\r\ncontent-disposition: attachment; name=a\r\n\r\n1\r\n--XyZ--".into(),
            "Part 1 of the form has a content-disposition that is no well-formed form-data",
        ),
        (
            form(&[field("a", "1"), field("\"b", "2")]),
            "Part 2 of the form has a content-disposition that is no well-formed form-data",
        ),
        (format!("{}{}", form(&[]), "x".repeat(10_000)), "More than 8192 bytes follow the form's last boundary"),
    ];
    for (body, message) in table {
        let shown = body.chars().take(80).collect::<String>();
        let reply = server.inject(post_form(body)).await;
        let expected = (400, "FW_ERR_INVALID_BODY".to_owned(), message.to_owned());
        assert_eq!(refusal(&reply), expected, "{shown:?}");
    }
}

#[tokio::test]
async fn what_is_unusual_is_a_form_all_the_same() {
    let server = build(App::new().post("/", told)).await;
    let a = json!([{ "name": "a", "file": null, "type": null, "content": "1" }]);
    for (body, expected) in [
        ("--XyZ--".to_owned(), json!([])),
        ("--XyZ--\r\n".to_owned(), json!([])),
        (format!("{HEAD}1\r\n--XyZ--"), a.clone()),
        (format!("{HEAD}1\r\n--XyZ-- \r\nbehind\r\n--XyZ\r\n"), a.clone()),
        (format!("before\r\n--Xy\r\n{HEAD}1\r\n--XyZ--\r\n"), a.clone()),
        (format!("\r\n{HEAD}1\r\n--XyZ--\r\n"), a.clone()),
        (format!("{HEAD}1\r\n--XyZ--\r\n").replace("XyZ\r\n", "XyZ \t\r\n"), a),
        // RFC 2046, 5.1.1: a body is optional, and then the line end of the header is that of the delimiter.
        (format!("{HEAD}--XyZ--"), json!([{ "name": "a", "file": null, "type": null, "content": "" }])),
        (format!("{HEAD}\r\n\r\n--XyZ--"), json!([{ "name": "a", "file": null, "type": null, "content": "\r\n" }])),
        (
            format!("{HEAD}\r\n--Xy\r\n\r\n--XyZ--"),
            json!([{ "name": "a", "file": null, "type": null, "content": "\r\n--Xy\r\n" }]),
        ),
    ] {
        let reply = server.inject(post_form(body.clone())).await;
        assert_eq!(reply.json::<Value>(), expected, "{body:?}");
    }
}

#[tokio::test]
async fn the_media_type_says_what_separates_parts() {
    let server = build(App::new().post("/", told)).await;
    let ask =
        |content_type: &str, body: &str| Inject::post("/").header("content-type", content_type).body(body.to_owned());
    for content_type in [
        "multipart/form-data; boundary=XyZ",
        "Multipart/Form-Data;charset=utf-8; Boundary=\"XyZ\" ;",
        "multipart/form-data; boundary=\"X\\\"Z\"",
        "multipart/form-data; boundary=X/y=Z:1?(2)",
        "multipart/form-data; boundary=\"X y\"",
    ] {
        let boundary = content_type.split("oundary=").nth(1).unwrap().trim_end_matches([';', ' ']).trim_matches('"');
        let body = form(&[field("a", "1")]).replace(BOUNDARY, &boundary.replace("\\\"", "\""));
        server.inject(ask(content_type, &body)).await.assert_status(200);
    }
    for content_type in [
        "multipart/form-data",
        "multipart/form-data; boundary",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"a",
    ] {
        let reply = server.inject(ask(content_type, "--a--")).await;
        let message = "The content-type multipart/form-data has no boundary, or is malformed";
        assert_eq!(refusal(&reply), (400, "FW_ERR_INVALID_BODY".into(), message.into()), "{content_type}");
    }
    for boundary in ["", "\"\"", "\"a \"", &"a".repeat(71)] {
        let reply = server.inject(ask(&format!("multipart/form-data; boundary={boundary}"), "--a--")).await;
        let message = "The boundary of the form is none: it has 1 to 70 visible characters";
        assert_eq!(refusal(&reply), (400, "FW_ERR_INVALID_BODY".into(), message.into()), "{boundary:?}");
    }
    for (content_type, what) in [("", "no"), ("multipart/mixed; boundary=a", "another"), ("text/plain", "another")] {
        let request = Inject::post("/").body("--a--");
        let request = if content_type.is_empty() { request } else { request.header("content-type", content_type) };
        let reply = server.inject(request).await;
        let message = format!("This route reads multipart/form-data, and the request has {what} content-type");
        assert_eq!(refusal(&reply), (415, "FW_ERR_UNSUPPORTED_MEDIA_TYPE".into(), message), "{content_type}");
    }
}

#[tokio::test]
async fn a_form_that_failed_goes_on_failing() {
    let twice = async |mut form: Multipart| -> Result<String> {
        let mut first = form.next().await?.expect("a field");
        let failed = first.bytes().await.expect_err("it ends early");
        let again = form.next().await.expect_err("nothing can follow");
        Ok(format!("{failed}; {again}"))
    };
    let server = build(App::new().post("/", twice)).await;
    let told = "The form ends before its last boundary; The form failed before and cannot be read further";
    server.inject(post_form(format!("{HEAD}1"))).await.assert_text(told);
}
