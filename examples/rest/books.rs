//! The routes under `/books`: handlers take what they need as arguments, in any order, and return what is to be answered.

use std::time::{Duration, Instant};

use fastweb::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::BookError;
use crate::store::{Book, Books, NewBook};

/// `?limit=10&offset=20`; both may be left out.
#[derive(Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    limit: usize,
    offset: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 20, offset: 0 }
    }
}

/// However many a client asks for.
const LONGEST_PAGE: usize = 100;

#[derive(Serialize)]
pub(crate) struct BookList {
    total: usize,
    books: Vec<Book>,
}

pub(crate) async fn list(Query(page): Query<Page>, books: State<Books>) -> Json<BookList> {
    let (books, total) = books.page(page.offset, page.limit.min(LONGEST_PAGE));
    Json(BookList { total, books })
}

/// `/books/x` never comes here: what does not have the argument's type is answered with 400.
pub(crate) async fn show(Path(id): Path<u64>, books: State<Books>) -> Result<Json<Book>, BookError> {
    books.find(id).map(Json)
}

/// A tuple is an answer, too: status, headers, body.
pub(crate) async fn create(Json(new): Json<NewBook>, books: State<Books>) -> Result<impl IntoReply, BookError> {
    let book = books.add(checked(new)?)?;
    let location = format!("/books/{}", book.id);
    Ok((StatusCode::CREATED, [("location", location)], Json(book)))
}

pub(crate) async fn replace(
    Path(id): Path<u64>,
    Json(new): Json<NewBook>,
    books: State<Books>,
) -> Result<Json<Book>, BookError> {
    books.replace(id, checked(new)?).map(Json)
}

pub(crate) async fn remove(Path(id): Path<u64>, books: State<Books>) -> Result<NoContent, BookError> {
    books.remove(id).map(|()| NoContent)
}

/// What the types do not say.
fn checked(new: NewBook) -> Result<NewBook, BookError> {
    if new.title.trim().is_empty() { Err(BookError::NoTitle) } else { Ok(new) }
}

#[derive(Serialize)]
pub(crate) struct Details {
    book: Book,
    in_stock: u64,
    rating: f64,
    took_ms: u128,
}

/// Two lookups that do not need each other's result wait side by side: 120 ms, the longer of the two, instead of 200 ms, their sum.
/// That is still above the threshold of the slow-request log, which shows where the time went.
pub(crate) async fn details(Path(id): Path<u64>, books: State<Books>) -> Result<Json<Details>, BookError> {
    let started = Instant::now();
    let book = books.find(id)?;
    let (in_stock, rating) = tokio::join!(in_stock(id), rating(id));
    Ok(Json(Details { book, in_stock, rating, took_ms: started.elapsed().as_millis() }))
}

/// Stands for a question to the warehouse.
async fn in_stock(id: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(80)).await;
    id % 7
}

/// Stands for a call of the review service.
async fn rating(id: u64) -> f64 {
    tokio::time::sleep(Duration::from_millis(120)).await;
    3.0 + (id % 5) as f64 / 2.0
}
