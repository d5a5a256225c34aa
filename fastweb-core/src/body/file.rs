//! Files as bodies, and bodies into files: in the pool for blocking work, 64 KiB at a time.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::Body;
use super::source::Source;
use crate::blocking::{BlockingResult, going_on};
use crate::error::{Error, Result};

/// What is read or written at a time. Large enough that the way to another thread does not count.
const PIECE: usize = 64 * 1024;

/// A file that is read while it is sent.
pub(super) enum FileSource {
    Idle(File),
    Reading(BlockingResult<(File, io::Result<Vec<u8>>)>),
    /// A read failed for good.
    Lost,
}

impl Source for FileSource {
    fn poll_chunk(&mut self, room: u64, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        if matches!(self, Self::Idle(_))
            && let Self::Idle(file) = std::mem::replace(self, Self::Lost)
        {
            *self = Self::Reading(going_on(move || read(file, room)));
        }
        let Self::Reading(reading) = self else {
            return Poll::Ready(Err(Error::internal("a file that could not be read is read further")));
        };
        let done = ready!(Pin::new(reading).poll(cx));
        *self = Self::Lost;
        let (file, read) = done?;
        *self = Self::Idle(file);
        let bytes = read?;
        Poll::Ready(Ok((!bytes.is_empty()).then(|| bytes.into())))
    }
}

fn read(file: File, room: u64) -> (File, io::Result<Vec<u8>>) {
    let room = room.min(PIECE as u64);
    let mut bytes = Vec::with_capacity(room as usize);
    let read = (&file).take(room).read_to_end(&mut bytes);
    (file, read.map(|_| bytes))
}

/// Opens a file to be sent, with its length.
pub(super) async fn open(path: PathBuf) -> Result<(File, u64)> {
    let opened = going_on(move || {
        // Before it is opened: to open a pipe is to wait for who writes into it.
        let metadata = std::fs::metadata(&path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "it is no file"));
        }
        let file = File::open(&path)?;
        Ok((file, metadata.len()))
    });
    opened.await?.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Error::not_found("Not Found").with_source(error),
        _ => Error::from(error),
    })
}

/// Writes what is left of `body` into `file`, and says how many bytes that were.
pub(super) async fn save(body: &mut Body, mut file: File) -> Result<u64> {
    let (mut written, mut is_over) = (0, false);
    while !is_over {
        let (mut batch, mut len) = (Vec::new(), 0);
        while len < PIECE && !is_over {
            match body.chunk().await? {
                Some(chunk) => {
                    len += chunk.len();
                    batch.push(chunk);
                }
                None => is_over = true,
            }
        }
        // The client is not read from meanwhile: a slow disk stops it.
        let result;
        (file, result) = going_on(move || {
            let result = batch.iter().try_for_each(|chunk| file.write_all(chunk));
            (file, result)
        })
        .await?;
        result?;
        written += len as u64;
    }
    Ok(written)
}
