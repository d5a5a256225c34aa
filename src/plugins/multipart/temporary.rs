//! Files that are removed unless they are kept.
//!
//! A file that is written has two owners: its name, which stays with the request and is removed with it, and the open file, which goes to the pool
//! and back with each piece that is written. Removing a name is quick; giving back the disk of a large file, which closing it does, may take long
//! and is left to the pool.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fastweb_core::{Bytes, Error, Result, blocking};

use super::field::Field;

/// What is written at a time. Large enough that the way to another thread does not count.
const PIECE: usize = 64 * 1024;

/// Files of fewer bytes are closed where they are dropped.
const LARGE: u64 = 1024 * 1024;

/// Where a file is written.
pub(super) enum Place {
    /// For the while; only this user may read it.
    Folder(PathBuf),
    /// Where it is to be later, so that it only needs another name then.
    Beside(PathBuf),
}

/// The name of a file, which is removed with this.
struct Name(PathBuf);

impl Drop for Name {
    fn drop(&mut self) {
        // Where the file has another name by now there is nothing to remove.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// An open file, closed where that holds up nobody.
struct Open {
    file: Option<File>,
    len: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.len >= LARGE {
            let file = self.file.take();
            // Nobody waits for it: the pool drops work that nobody waits for, and the file with it.
            drop(blocking(move || drop(file)).go_on());
        }
    }
}

/// A file that is removed when this is dropped.
pub(super) struct TemporaryFile {
    // First, because of the order in which they are dropped: an open file keeps its disk, and removing its name is quick.
    name: Name,
    open: Open,
}

impl Place {
    fn create(&self) -> io::Result<TemporaryFile> {
        let (folder, is_private) = match self {
            Self::Folder(folder) => (&**folder, true),
            Self::Beside(path) => {
                (path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")), false)
            }
        };
        let mut options = OpenOptions::new();
        // Never what is there already, nor what a link leads to.
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        if is_private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = is_private;
        loop {
            // The hasher's keys come from the system's source of randomness: nobody can be there before.
            let path = folder.join(format!(".fastweb-{:016x}", RandomState::new().hash_one(0)));
            match options.open(&path) {
                Ok(file) => {
                    return Ok(TemporaryFile { name: Name(path), open: Open { file: Some(file), len: 0 } });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Writes what is left of `field` into a file: created with its first piece, in the pool for blocking work.
pub(super) async fn receive(field: &mut Field<'_>, place: Place) -> Result<TemporaryFile> {
    let (batch, mut is_over) = gather(field).await?;
    let created = blocking(move || {
        let mut file = place.create()?;
        file.open.append(&batch)?;
        Ok::<_, io::Error>(file)
    });
    let mut file = created.go_on().await?.map_err(unwritable)?;
    while !is_over {
        let batch;
        (batch, is_over) = gather(field).await?;
        // The client is not read from meanwhile: a slow disk stops it.
        let mut open = std::mem::replace(&mut file.open, Open { file: None, len: 0 });
        let written = blocking(move || {
            let result = open.append(&batch);
            (open, result)
        });
        let result;
        (file.open, result) = written.go_on().await?;
        result.map_err(unwritable)?;
    }
    Ok(file)
}

fn unwritable(error: io::Error) -> Error {
    Error::internal("an uploaded file could not be written").with_source(error)
}

async fn gather(field: &mut Field<'_>) -> Result<(Vec<Bytes>, bool)> {
    let (mut batch, mut len) = (Vec::new(), 0);
    while len < PIECE {
        let Some(chunk) = field.chunk().await? else { return Ok((batch, true)) };
        len += chunk.len();
        batch.push(chunk);
    }
    Ok((batch, false))
}

impl Open {
    fn append(&mut self, batch: &[Bytes]) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Err(io::Error::other("the file was closed")) };
        for chunk in batch {
            file.write_all(chunk)?;
            self.len += chunk.len() as u64;
        }
        Ok(())
    }
}

impl TemporaryFile {
    pub(super) fn path(&self) -> &Path {
        &self.name.0
    }

    pub(super) fn len(&self) -> u64 {
        self.open.len
    }

    /// The open file, without a name any more where the system has such files.
    pub(super) fn into_file(mut self) -> io::Result<File> {
        self.open.file.take().ok_or_else(|| io::Error::other("the file was closed"))
    }

    /// Gives the file another name, in place of what is there. On another disk it is copied, and has its name when it is whole there, too.
    pub(super) async fn persist(self, path: PathBuf) -> Result<()> {
        let moved = blocking(move || match std::fs::rename(&self.name.0, &path) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                let copy = Place::Beside(path.clone()).create()?;
                std::fs::copy(&self.name.0, &copy.name.0)?;
                std::fs::rename(&copy.name.0, &path)
            }
            renamed => renamed,
        });
        let moved = moved.go_on().await?;
        moved.map_err(|error| Error::internal("an uploaded file could not be moved to its place").with_source(error))
    }
}
