//! A table that stands for one in a database: any number of rows, a page of which is had at a time.

use fastweb::prelude::Result;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Reading {
    pub(crate) sensor: u64,
    pub(crate) celsius: f64,
}

pub(crate) struct Table {
    next: u64,
    count: u64,
}

const PAGE: u64 = 100;

impl Table {
    pub(crate) fn open(count: u64) -> Self {
        Self { next: 0, count }
    }

    /// The next rows, or `None` behind the last.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<Reading>>> {
        // The way to the database and back.
        tokio::task::yield_now().await;
        let page: Vec<Reading> = self.rows().take(PAGE as usize).collect();
        Ok((!page.is_empty()).then_some(page))
    }

    /// The rows one by one, without a pause.
    pub(crate) fn rows(&mut self) -> impl Iterator<Item = Reading> {
        std::iter::from_fn(|| {
            let sensor = (self.next < self.count).then_some(self.next)?;
            self.next += 1;
            Some(Reading { sensor, celsius: 15.0 + (sensor % 100) as f64 / 10.0 })
        })
    }
}
