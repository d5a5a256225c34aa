//! Limits: what goes beyond one is 413, which names it.

use super::*;

async fn ask(options: MultipartOptions, body: String) -> fastweb::InjectReply {
    let server = build(App::new().route(post("/", told).config(options))).await;
    server.inject(post_form(body)).await
}

/// What fits, what does not, and what is said of it.
async fn check(options: MultipartOptions, fits: String, beyond: String, message: &str) {
    ask(options.clone(), fits).await.assert_status(200);
    let reply = ask(options, beyond).await;
    assert_eq!(refusal(&reply), (413, "FW_ERR_BODY_TOO_LARGE".into(), message.into()));
}

#[tokio::test]
async fn each_limit_says_which_it_is_and_where_it_is_set() {
    let options = MultipartOptions::new;
    let long = "12345".to_owned();
    check(
        options().file_size(4),
        form(&[field("a", &long), file("b", "f", "1234")]),
        form(&[field("a", &long), file("b", "f", "12345")]),
        "Part 2 of the form is a file of more than 4 bytes: `MultipartOptions::file_size` of the route",
    )
    .await;
    check(
        options().field_size(4),
        form(&[field("a", "1234"), file("b", "f", &long)]),
        form(&[file("b", "f", &long), field("a", "12345")]),
        "Part 2 of the form is a field of more than 4 bytes: `MultipartOptions::field_size` of the route",
    )
    .await;
    check(
        options().memory(4),
        form(&[field("a", "1234"), field("b", "1234")]),
        form(&[field("a", "12345")]),
        "Part 1 of the form is more than fits into 4 bytes of memory: `MultipartOptions::memory` of the route",
    )
    .await;
    let (one, two) = (form(&[file("a", "f", "1")]), form(&[file("a", "f", "1"), file("a", "f", "1")]));
    check(
        options().files(1),
        form(&[file("a", "f", "1"), field("b", "1")]),
        two.clone(),
        "The form has more than 1 files: `MultipartOptions::files` of the route",
    )
    .await;
    check(
        options().fields(1),
        form(&[file("a", "f", "1"), field("b", "1")]),
        form(&[field("a", "1"), field("b", "1")]),
        "The form has more than 1 fields that are no files: `MultipartOptions::fields` of the route",
    )
    .await;
    check(options().parts(1), one, two, "The form has more than 1 parts: `MultipartOptions::parts` of the route").await;
    check(
        options().name_size(3),
        form(&[field("abc", "1")]),
        form(&[field("abcd", "1")]),
        "The name of part 1 of the form is longer than 3 bytes: `MultipartOptions::name_size` of the route",
    )
    .await;
    let header = |size: usize| {
        let known = "Content-Disposition: form-data; name=a\r\nx: ";
        format!("--XyZ\r\n{known}{}\r\n\r\n1\r\n--XyZ--", "x".repeat(size - known.len() - 2))
    };
    check(
        options(),
        header(8 * 1024),
        header(8 * 1024 + 1),
        "The header of a part of the form is larger than 8192 bytes: `MultipartOptions::header_size` of the route",
    )
    .await;
}

#[tokio::test]
async fn the_whole_is_limited_by_the_body_limit_of_the_route() {
    let server = build(App::new().route(post("/", told).body_limit(1000))).await;
    server.inject(post_form(form(&[field("a", &"x".repeat(800))]))).await.assert_status(200);
    let large = form(&[field("a", &"x".repeat(1000))]);
    // Announced, and only as it comes.
    let chunked = Inject::post("/")
        .header("content-type", "multipart/form-data; boundary=XyZ")
        .header("transfer-encoding", "chunked")
        .body(format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len()));
    for request in [post_form(large), chunked] {
        let reply = server.inject(request).await;
        let message = "The request body is larger than 1000 bytes";
        let (status, code, told) = refusal(&reply);
        assert_eq!((status, &*code), (413, "FW_ERR_BODY_TOO_LARGE"));
        assert!(told.starts_with(message), "{told}");
    }
}

#[tokio::test]
async fn options_hold_for_scopes_and_may_be_changed_by_the_handler() {
    let narrowed = async |mut form: Multipart| {
        form.set_options(MultipartOptions::new().field_size(2));
        told(form).await
    };
    let app = App::new().config(MultipartOptions::new().field_size(4)).post("/", told).post("/narrowed", narrowed);
    let server = build(app).await;
    let three = || form(&[field("a", "123")]);
    server.inject(post_form(three())).await.assert_status(200);
    server.inject(post_form(form(&[field("a", "12345")]))).await.assert_status(413);
    let narrowed = Inject::post("/narrowed").header("content-type", "multipart/form-data; boundary=XyZ").body(three());
    server.inject(narrowed).await.assert_status(413);
}

#[tokio::test]
async fn many_small_parts_are_bounded() {
    let reply = ask(MultipartOptions::new(), form(&vec![field("a", ""); 1000])).await;
    assert_eq!(reply.json::<Value>().as_array().map(Vec::len), Some(1000));
    ask(MultipartOptions::new(), form(&vec![field("a", ""); 1001])).await.assert_status(413);
    ask(MultipartOptions::new(), form(&vec![file("a", "f", ""); 33])).await.assert_status(413);
}
