//! Every precondition, alone and together.

use std::time::{Duration, SystemTime};

use fastweb::etag::{EntityTag, Preconditions, Validators, Verdict};
use fastweb::prelude::*;

const CHANGED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

/// With a fraction of a second, which no client ever sees.
fn changed() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_900)
}

fn strong() -> Validators {
    Validators::from(EntityTag::from_version("now")).last_modified(changed())
}

async fn verdict(current: &Validators, method: &str, headers: &[(&str, &str)]) -> Verdict {
    let current = current.clone();
    let ask = move |conditions: Preconditions| {
        let verdict = match conditions.evaluate(&current) {
            Verdict::Proceed => "go",
            Verdict::NotModified => "same",
            Verdict::Failed => "fail",
        };
        ([("x-verdict", verdict)], ())
    };
    let server = App::new().any("/", ask).build().await.unwrap();
    let mut request = Inject::new(method, "/");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    match server.inject(request).await.header("x-verdict") {
        Some("go") => Verdict::Proceed,
        Some("same") => Verdict::NotModified,
        Some("fail") => Verdict::Failed,
        other => panic!("no verdict: {other:?}"),
    }
}

use Verdict::{Failed, NotModified, Proceed};

/// What there is, the method, the headers, and what is to be done.
type Row<'r> = (&'r Validators, &'r str, &'r [(&'r str, &'r str)], Verdict);

#[tokio::test]
async fn each_is_judged_as_the_rfc_has_it() {
    let weak = Validators::from(EntityTag::from_version("now").weak());
    let dated = Validators::from(changed());
    let (strong, absent, bare) = (strong(), Validators::absent(), Validators::present());
    let table: &[Row<'_>] = &[
        (&strong, "GET", &[], Proceed),
        // if-none-match: the weak comparison.
        (&strong, "GET", &[("if-none-match", "\"now\"")], NotModified),
        (&strong, "GET", &[("If-None-Match", "W/\"now\"")], NotModified),
        (&strong, "GET", &[("if-none-match", "\"old\", W/\"now\"")], NotModified),
        (&strong, "GET", &[("if-none-match", "\"old\""), ("if-none-match", "\"now\"")], NotModified),
        (&strong, "GET", &[("if-none-match", "\"old\"")], Proceed),
        (&strong, "GET", &[("if-none-match", "\"NOW\"")], Proceed),
        (&strong, "GET", &[("if-none-match", "now")], Proceed),
        (&strong, "GET", &[("if-none-match", "")], Proceed),
        (&strong, "GET", &[("if-none-match", "*")], NotModified),
        (&strong, "PUT", &[("if-none-match", "*")], Failed),
        (&strong, "PUT", &[("if-none-match", "\"now\"")], Failed),
        (&strong, "PUT", &[("if-none-match", "\"old\"")], Proceed),
        (&weak, "GET", &[("if-none-match", "\"now\"")], NotModified),
        (&absent, "PUT", &[("if-none-match", "*")], Proceed),
        (&bare, "GET", &[("if-none-match", "\"now\"")], Proceed),
        (&bare, "GET", &[("if-none-match", "*")], NotModified),
        // if-match: the strong comparison.
        (&strong, "PUT", &[("if-match", "\"now\"")], Proceed),
        (&strong, "PUT", &[("if-match", "\"old\" , \"now\"")], Proceed),
        (&strong, "PUT", &[("if-match", "W/\"now\"")], Failed),
        (&weak, "PUT", &[("if-match", "W/\"now\"")], Failed),
        (&weak, "PUT", &[("if-match", "\"now\"")], Failed),
        (&strong, "PUT", &[("if-match", "\"old\"")], Failed),
        (&strong, "PUT", &[("if-match", "")], Failed),
        (&strong, "PUT", &[("if-match", "now")], Failed),
        (&strong, "PUT", &[("if-match", "*")], Proceed),
        (&bare, "PUT", &[("if-match", "*")], Proceed),
        (&absent, "PUT", &[("if-match", "*")], Failed),
        (&strong, "GET", &[("if-match", "\"old\"")], Failed),
        // if-modified-since: whole seconds, only where something is read, and never beside a tag.
        (&strong, "GET", &[("if-modified-since", CHANGED)], NotModified),
        (&strong, "HEAD", &[("if-modified-since", AFTER)], NotModified),
        (&strong, "GET", &[("if-modified-since", BEFORE)], Proceed),
        (&strong, "POST", &[("if-modified-since", CHANGED)], Proceed),
        (&strong, "GET", &[("if-modified-since", "yesterday")], Proceed),
        (&strong, "GET", &[("if-modified-since", CHANGED), ("if-none-match", "\"old\"")], Proceed),
        (&strong, "GET", &[("if-modified-since", BEFORE), ("if-none-match", "\"now\"")], NotModified),
        (&bare, "GET", &[("if-modified-since", CHANGED)], Proceed),
        (&dated, "GET", &[("if-modified-since", "Sunday, 06-Nov-94 08:49:37 GMT")], NotModified),
        (&dated, "GET", &[("if-modified-since", "Sun Nov  6 08:49:37 1994")], NotModified),
        // if-unmodified-since.
        (&strong, "PUT", &[("if-unmodified-since", CHANGED)], Proceed),
        (&strong, "PUT", &[("if-unmodified-since", BEFORE)], Failed),
        (&strong, "GET", &[("if-unmodified-since", BEFORE)], Failed),
        (&strong, "PUT", &[("if-unmodified-since", "never")], Proceed),
        (&strong, "PUT", &[("if-unmodified-since", BEFORE), ("if-match", "\"now\"")], Proceed),
        (&bare, "PUT", &[("if-unmodified-since", BEFORE)], Proceed),
        // What is to fail fails before anything is the same.
        (&strong, "GET", &[("if-match", "\"old\""), ("if-none-match", "\"now\"")], Failed),
        (&strong, "GET", &[("if-match", "\"now\""), ("if-none-match", "\"now\"")], NotModified),
        (&strong, "GET", &[("if-unmodified-since", AFTER), ("if-modified-since", AFTER)], NotModified),
    ];
    for (current, method, headers, expected) in table {
        assert_eq!(verdict(current, method, headers).await, *expected, "{method} {headers:?} of {current:?}");
    }
}

#[tokio::test]
async fn a_part_is_sent_only_of_what_the_client_has_the_other_parts_of() {
    for (current, value, expected) in [
        (strong(), None, true),
        (strong(), Some("\"now\""), true),
        (strong(), Some("W/\"now\""), false),
        (strong(), Some("\"old\""), false),
        (strong(), Some("\"now\", \"old\""), false),
        (Validators::from(EntityTag::from_version("now").weak()), Some("\"now\""), false),
        (strong(), Some(CHANGED), true),
        (strong(), Some(AFTER), false),
        (strong(), Some(BEFORE), false),
        (strong(), Some("now"), false),
        (Validators::present(), Some("\"now\""), false),
        (Validators::present(), Some(CHANGED), false),
    ] {
        let shown = format!("{value:?} of {current:?}");
        let ask = move |conditions: Preconditions| conditions.allow_range(&current).to_string();
        let server = App::new().get("/", ask).build().await.unwrap();
        let mut request = Inject::get("/");
        if let Some(value) = value {
            request = request.header("if-range", value);
        }
        assert_eq!(server.inject(request).await.text(), expected.to_string(), "{shown}");
    }
}

#[tokio::test]
async fn a_check_answers_with_what_is_known() {
    let ask = |conditions: Preconditions| -> Result<Reply> {
        let known = conditions.check(strong())?;
        Ok(known.unwrap_or_else(|| Reply::text("content")))
    };
    let server = App::new().any("/", ask).build().await.unwrap();
    let same = server.inject(Inject::get("/").header("if-none-match", "\"now\"")).await;
    same.assert_status(304).assert_header("etag", "\"now\"").assert_header("last-modified", CHANGED).assert_text("");
    assert_eq!((same.header("content-type"), same.header("content-length")), (None, None));
    let failed = server.inject(Inject::put("/").header("if-match", "\"old\"")).await;
    failed.assert_status(412);
    assert!(failed.text().contains("FW_ERR_PRECONDITION_FAILED"), "{}", failed.text());
    server.inject(Inject::get("/")).await.assert_status(200).assert_text("content");
}
