//! Errors as enums: what they answer, what is behind them, and what the documentation of routes says of them.

use std::error::Error as StdError;

use fastweb::prelude::*;
use fastweb::{DescribeReply, ReplyDoc, RouteDoc};

#[derive(Debug, ApiError)]
enum UserError {
    #[error(status = 404, code = "USER_NOT_FOUND", message = "no user {id} in {place:?}")]
    NotFound { id: u64, place: &'static str },
    #[error(status = 409, message = "the name {0} is taken: {{0}}, {1:>4}")]
    NameTaken(String, u8),
    /// Nothing is left,
    /// and {nothing} comes.
    ///
    /// This paragraph stays in the source.
    #[error(status = 410)]
    SoldOut,
    #[error(status = 503, message = "the store is away")]
    Store(#[from] std::io::Error),
    #[error(status = 502, message = "{type} failed")]
    Upstream { r#type: String, source: Box<dyn StdError + Send + Sync> },
    #[error(transparent)]
    Inner(#[from] InnerError),
}

#[derive(Debug, ApiError)]
enum InnerError {
    #[cfg(any())]
    Never(u8),
    #[error(status = 402, code = "PAY_FIRST", message = "pay {amount:.2} first")]
    Payment {
        amount: f64,
        #[source]
        cause: std::fmt::Error,
    },
}

#[derive(Debug, ApiError)]
enum Impossible {}

fn text(error: impl Into<Error>) -> (u16, String, String, Option<String>) {
    let error = error.into();
    let source = error.source().and_then(StdError::source).map(ToString::to_string);
    (error.status().as_u16(), error.code().unwrap_or_default().to_owned(), error.message().to_owned(), source)
}

#[test]
fn each_variant_answers_what_it_says() {
    let expected = |status, code: &str, message: &str| (status, code.to_owned(), message.to_owned(), None);
    assert_eq!(text(UserError::NotFound { id: 7, place: "a" }), expected(404, "USER_NOT_FOUND", "no user 7 in \"a\""));
    assert_eq!(
        text(UserError::NameTaken("Ada".into(), 5)),
        expected(409, "NAME_TAKEN", "the name Ada is taken: {0},    5")
    );
    assert_eq!(text(UserError::SoldOut), expected(410, "SOLD_OUT", "Nothing is left, and {nothing} comes"));
}

#[test]
fn what_is_behind_an_error_is_its_source() {
    let with = |status, code: &str, message: &str, source: &str| {
        (status, code.to_owned(), message.to_owned(), Some(source.to_owned()))
    };
    let gone = || std::io::Error::other("gone");
    assert_eq!(text(UserError::from(gone())), with(503, "STORE", "the store is away", "gone"));
    let upstream = UserError::Upstream { r#type: "shop".into(), source: gone().into() };
    assert_eq!(text(upstream), with(502, "UPSTREAM", "shop failed", "gone"));
    let inner = InnerError::Payment { amount: 1.0, cause: std::fmt::Error };
    let cause = std::fmt::Error.to_string();
    assert_eq!(text(UserError::from(inner)), with(402, "PAY_FIRST", "pay 1.00 first", &cause));
}

#[get("/users/{id}")]
async fn user(id: u64) -> Result<String, UserError> {
    match id {
        0 => Err(InnerError::Payment { amount: 2.5, cause: std::fmt::Error })?,
        1 => Err(std::io::Error::other("secret"))?,
        id => Err(UserError::NotFound { id, place: "here" }),
    }
}

#[tokio::test]
async fn handlers_fail_with_them() {
    let server = App::new().route(user).build().await.unwrap();
    let body = async |path| server.inject(Inject::get(path)).await.text().to_owned();
    assert_eq!(
        body("/users/7").await,
        r#"{"statusCode":404,"code":"USER_NOT_FOUND","error":"Not Found","message":"no user 7 in \"here\""}"#
    );
    assert_eq!(
        body("/users/0").await,
        r#"{"statusCode":402,"code":"PAY_FIRST","error":"Payment Required","message":"pay 2.50 first"}"#
    );
    assert!(!body("/users/1").await.contains("away"), "the message of a fault stays in the log");
}

struct Teapot;

impl IntoReply for Teapot {
    fn into_reply(self, reply: &mut Reply) -> Result<()> {
        reply.set_status(418);
        Ok(())
    }
}

impl DescribeReply for Teapot {
    fn describe_reply(doc: &mut RouteDoc) {
        doc.replies.push(ReplyDoc::new(299, "short and stout"));
    }
}

type Fallible<T> = Result<T, InnerError>;

#[get("/tea")]
fn tea() -> Result<Teapot, UserError> {
    Ok(Teapot)
}

#[get("/alias")]
fn alias() -> Fallible<&'static str> {
    Ok("")
}

#[get("/silent")]
fn silent() -> Result<Option<String>> {
    Ok(None)
}

#[get("/maybe")]
fn maybe() -> Option<Teapot> {
    Some(Teapot)
}

#[get("/tuple")]
fn tuple() -> Result<(StatusCode, Teapot), InnerError> {
    Ok((StatusCode::OK, Teapot))
}

#[get("/never")]
fn never() -> Result<&'static str, Impossible> {
    Ok("")
}

#[test]
fn routes_know_the_answers_of_the_types_that_they_return() {
    let replies = |route: Route| -> Vec<String> {
        let replies = route.doc().replies.iter();
        replies
            .map(|r| format!("{} {} {}", r.status.as_u16(), r.code.as_deref().unwrap_or("-"), r.description))
            .collect()
    };
    let users = [
        "404 USER_NOT_FOUND no user {id} in {place}",
        "409 NAME_TAKEN the name {0} is taken: {0}, {1}",
        "410 SOLD_OUT Nothing is left, and {nothing} comes",
        "503 STORE the store is away",
        "502 UPSTREAM {type} failed",
        "402 PAY_FIRST pay {amount} first",
    ];
    assert_eq!(replies(user()), users);
    assert_eq!(replies(tea()), [&["299 - short and stout"], &users[..]].concat());
    assert_eq!(replies(alias()), ["402 PAY_FIRST pay {amount} first"]);
    assert_eq!(replies(silent()), [""; 0]);
    assert_eq!(replies(never()), [""; 0]);
    assert_eq!(replies(maybe()), ["299 - short and stout", "404 - Not Found"]);
    assert_eq!(replies(tuple()), ["299 - short and stout", "402 PAY_FIRST pay {amount} first"]);
}
