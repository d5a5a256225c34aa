//! The books themselves. Nothing here knows of HTTP.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};

use crate::error::BookError;

#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct NewBook {
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) year: i32,
}

#[derive(Clone, Serialize)]
pub(crate) struct Book {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) book: NewBook,
}

/// A plain lock is right where nothing is awaited while it is held.
pub(crate) struct Books(RwLock<Shelf>);

#[derive(Default)]
struct Shelf {
    books: BTreeMap<u64, NewBook>,
    /// Ids are not given twice, also where a book was removed.
    last_id: u64,
}

impl Books {
    pub(crate) fn classics() -> Self {
        let books = Self(RwLock::default());
        for (title, author, year) in [
            ("The Dispossessed", "Ursula K. Le Guin", 1974),
            ("Solaris", "Stanisław Lem", 1961),
            ("Kindred", "Octavia E. Butler", 1979),
        ] {
            books.write().put(NewBook { title: title.into(), author: author.into(), year });
        }
        books
    }

    /// One page, and how many books there are.
    pub(crate) fn page(&self, offset: usize, limit: usize) -> (Vec<Book>, usize) {
        let books = &self.read().books;
        let page = books.iter().skip(offset).take(limit).map(|(id, book)| Book { id: *id, book: book.clone() });
        (page.collect(), books.len())
    }

    pub(crate) fn find(&self, id: u64) -> Result<Book, BookError> {
        let book = self.read().books.get(&id).cloned().ok_or(BookError::Unknown(id))?;
        Ok(Book { id, book })
    }

    pub(crate) fn add(&self, new: NewBook) -> Result<Book, BookError> {
        let mut shelf = self.write();
        let same = |old: &NewBook| old.title == new.title && old.author == new.author;
        match shelf.books.iter().find(|(_, old)| same(old)) {
            Some((id, _)) => Err(BookError::Exists(*id)),
            None => Ok(shelf.put(new)),
        }
    }

    pub(crate) fn replace(&self, id: u64, new: NewBook) -> Result<Book, BookError> {
        let mut shelf = self.write();
        let old = shelf.books.get_mut(&id).ok_or(BookError::Unknown(id))?;
        *old = new.clone();
        Ok(Book { id, book: new })
    }

    pub(crate) fn remove(&self, id: u64) -> Result<(), BookError> {
        self.write().books.remove(&id).map(drop).ok_or(BookError::Unknown(id))
    }

    fn read(&self) -> RwLockReadGuard<'_, Shelf> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Shelf> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn put(&mut self, book: NewBook) -> Book {
        self.last_id += 1;
        self.books.insert(self.last_id, book.clone());
        Book { id: self.last_id, book }
    }
}
