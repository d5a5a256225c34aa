//! Forms as models: texts by the rules of forms, files on the disk or in memory.

use fastweb::multipart::UploadBytes;

use super::files::Folder;
use super::*;

#[fastweb::model]
struct Album {
    #[schema(min_length = 1, max_length = 10)]
    title: String,
    year: Option<u16>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    tags: Vec<String>,
    cover: Upload,
    small: Option<UploadBytes>,
    #[serde(default)]
    photos: Vec<Upload>,
}

async fn album(MultipartForm(album): MultipartForm<Album>) -> Result<Json<Value>> {
    let mut photos = Vec::new();
    for photo in &album.photos {
        photos.push(format!("{} {}", photo.file_name(), String::from_utf8_lossy(&photo.bytes().await?)));
    }
    let small = album.small.as_ref().map(|small| format!("{} {:?}", small.file_name(), small.bytes()));
    Ok(Json(json!({
        "title": album.title, "year": album.year, "public": album.public, "tags": album.tags, "small": small, "photos": photos,
        "cover": [album.cover.file_name(), album.cover.content_type(), album.cover.len()],
    })))
}

#[tokio::test]
async fn a_form_becomes_a_model_and_its_files_are_gone_behind_it() {
    let folder = Folder::new();
    let server = build(App::new().config(folder.options()).post("/", album)).await;
    let parts = [
        field("title", "Lake"),
        file("cover", "c.jpg", "12345"),
        field("year", "1997"),
        field("tags", "a"),
        file("photos", "1.jpg", "one"),
        field("public", "true"),
        file("unknown", "x", "passed over"),
        field("unknown", "too"),
        file("photos", "2.jpg", "two"),
        file("small", "s.png", "tiny"),
        field("tags", "b"),
    ];
    let reply = server.inject(post_form(form(&parts))).await;
    reply.assert_status(200);
    assert_eq!(
        reply.json::<Value>(),
        json!({
            "title": "Lake", "year": 1997, "public": true, "tags": ["a", "b"], "small": "s.png b\"tiny\"",
            "photos": ["1.jpg one", "2.jpg two"], "cover": ["c.jpg", "text/plain", 5],
        })
    );
    assert_eq!(folder.names(), [""; 0]);
    // What a browser sends where no file was chosen.
    let reply =
        server.inject(post_form(form(&[field("title", "a"), file("cover", "c", ""), file("small", "", "")]))).await;
    let expected = json!({
        "title": "a", "year": null, "public": false, "tags": [], "small": null, "photos": [], "cover": ["c", "text/plain", 0],
    });
    assert_eq!(reply.json::<Value>(), expected);
}

#[tokio::test]
async fn what_is_not_valid_is_refused_and_its_files_are_gone() {
    let folder = Folder::new();
    let server = build(App::new().config(folder.options()).post("/", album)).await;
    let (title, cover) = (field("title", "a"), file("cover", "c", "1"));
    for (parts, message) in [
        (vec![cover.clone()], "body must have required property 'title'"),
        (vec![title.clone()], "body must have required property 'cover'"),
        (vec![title.clone(), file("cover", "", "")], "body must have required property 'cover'"),
        (vec![field("title", ""), cover.clone()], "body/title must NOT have fewer than 1 characters"),
        (vec![title.clone(), cover.clone(), field("year", "x")], "body/year must be integer"),
        (vec![title.clone(), field("cover", "0")], "body/cover must be a file"),
        (vec![title.clone(), cover.clone(), field("photos", "0")], "body/photos must be a file"),
        (vec![file("title", "t", "a"), cover.clone()], "body/title must not be a file"),
        (vec![title.clone(), cover.clone(), cover.clone()], "body/cover must be string"),
    ] {
        let reply = server.inject(post_form(form(&parts))).await;
        assert_eq!(refusal(&reply), (400, "FW_ERR_VALIDATION".into(), message.into()));
        assert_eq!(folder.names(), [""; 0], "{message}");
    }
    let not_utf8 = form(&[field("title", "?"), cover]).into_bytes();
    let not_utf8: Vec<u8> = not_utf8.into_iter().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
    let (status, code, message) = refusal(&server.inject(post_form(not_utf8)).await);
    assert_eq!((status, &*code), (400, "FW_ERR_INVALID_BODY"));
    assert!(message.starts_with("Part 1 of the form is no UTF-8 text"), "{message}");
}

#[tokio::test]
async fn all_that_is_held_in_memory_is_bounded_together() {
    let folder = Folder::new();
    let server = build(App::new().config(folder.options().memory(10)).post("/", album)).await;
    let cover = file("cover", "c", "larger than memory is");
    let fits = form(&[field("title", "12345"), cover.clone(), file("small", "s", "12345")]);
    server.inject(post_form(fits)).await.assert_status(200);
    let beyond = form(&[field("title", "12345"), cover, file("small", "s", "123456")]);
    let reply = server.inject(post_form(beyond)).await;
    let message =
        "Part 3 of the form is more than fits into 10 bytes of memory: `MultipartOptions::memory` of the route";
    assert_eq!(refusal(&reply), (413, "FW_ERR_BODY_TOO_LARGE".into(), message.into()));
    assert_eq!(folder.names(), [""; 0]);
}

#[fastweb::model]
#[serde(deny_unknown_fields)]
struct Closed {
    title: String,
}

#[tokio::test]
async fn a_model_without_further_fields_has_no_further_files() {
    let server = build(App::new().post("/", |form: MultipartForm<Closed>| form.0.title)).await;
    server.inject(post_form(form(&[field("title", "a")]))).await.assert_text("a");
    for more in [field("b", "1"), file("b", "f", "1")] {
        let reply = server.inject(post_form(form(&[field("title", "a"), more]))).await;
        assert_eq!(refusal(&reply).2, "body must NOT have additional properties");
    }
}

/// A file that is somebody else's, within a type of one's own.
#[fastweb::model]
struct Avatar(Upload);

#[fastweb::model]
struct Profile {
    avatar: Avatar,
    second: Option<Avatar>,
}

#[tokio::test]
async fn files_are_known_through_types_of_the_application() {
    let told = |MultipartForm(profile): MultipartForm<Profile>| {
        format!("{} {}", profile.avatar.0.len(), profile.second.is_some_and(|avatar| !avatar.0.is_empty()))
    };
    let server = build(App::new().post("/", told)).await;
    server.inject(post_form(form(&[file("avatar", "a", "123")]))).await.assert_text("3 false");
    let both = form(&[file("second", "b", "1"), file("avatar", "a", "123")]);
    server.inject(post_form(both)).await.assert_text("3 true");
    let reply = server.inject(post_form(form(&[field("avatar", "0")]))).await;
    assert_eq!(refusal(&reply).2, "body/avatar must be a file");
}

/// It is read from JSON as well, where nothing can be a file.
#[tokio::test]
async fn a_file_comes_with_a_form_and_not_otherwise() {
    let server = build(App::new().post("/", |json: Json<Profile>| json.0.avatar.0.len().to_string())).await;
    let reply = server.inject(Inject::post("/").json(&json!({ "avatar": "0" }))).await;
    assert_eq!(refusal(&reply).0, 400);
}

#[cfg(feature = "openapi")]
#[tokio::test]
async fn the_document_has_forms_with_their_files() {
    let app = App::new().plugin(OpenApi::new("Albums", "1.0")).post("/", album).post("/any", told);
    let server = build(app).await;
    let document = server.inject(Inject::get("/openapi.json")).await.json::<Value>();
    let content = &document["paths"]["/"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"];
    let reference = content["$ref"].as_str().and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    let properties = &reference.unwrap_or(content)["properties"];
    let binary = json!({ "type": "string", "format": "binary", "contentMediaType": "application/octet-stream" });
    assert_eq!(properties["cover"], binary);
    assert_eq!(properties["photos"]["items"], binary);
    assert!(!document.to_string().contains("x-fastweb"), "{document}");
    let any = &document["paths"]["/any"]["post"]["requestBody"]["content"];
    assert!(any.get("multipart/form-data").is_some(), "{any}");
}
