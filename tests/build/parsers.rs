//! What is wrong with content-type parsers.

use fastweb::prelude::*;

use crate::{assert_told, problems};

fn parser(_: &mut Request, body: Bytes) -> Bytes {
    body
}

#[tokio::test]
async fn media_types_that_are_none() {
    let (app, first) = (App::new().content_type_parser("yaml", parser).content_type_parser("text/*", parser), line!());
    let (app, second) = (app.scope("/a", |a| a.content_type_parser("*/json", parser)), line!());
    let (app, third) = (app.scope("/b", |b| b.content_type_parser("text/csv; header=present", parser)), line!());
    let problems = problems(app).await;
    for (line, media_type) in [(first, "yaml"), (second, "*/json"), (third, "text/csv; header=present")] {
        let words = [&format!("is for {media_type:?}, which is no media type"), "`application/yaml`"];
        assert_told(&problems, "the content-type parser", file!(), line, &words);
    }
    assert_eq!(problems.len(), 3, "{problems:#?}");
}
