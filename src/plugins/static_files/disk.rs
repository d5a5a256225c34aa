//! Files of a folder. All of this runs in the pool for blocking work.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use fastweb_core::{Bytes, Error, Result};

use super::answer::{Content, Found, Wanted};
use super::listing::{self, Entry};
use super::memory::Asset;
use super::path::Dotfiles;
use super::ranges::Parts;
use super::{Options, Outcome};
use crate::plugins::etag::{EntityTag, Validators};
use crate::plugins::negotiation::Coding;

/// What becomes of symbolic links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symlinks {
    /// They are followed to what lies within the folder; others are not there: 404.
    #[default]
    Within,
    /// Whatever has one on its way is not there.
    Never,
    /// They are followed wherever they lead. Whoever can make one can then show every file that the server may read.
    Anywhere,
}

/// Contents up to here are read at once, and sent from memory.
const SMALL: u64 = 64 * 1024;

#[derive(Debug)]
pub(super) struct Disk {
    /// Without symbolic links in it.
    root: PathBuf,
}

impl Disk {
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let failed = |error: io::Error| {
            let beginning = std::env::current_dir().map(|path| path.display().to_string()).unwrap_or_default();
            let message = format!(
                "the folder {folder:?} of static files cannot be read: {error}. A relative path begins at {beginning:?}"
            );
            Error::internal(message).with_source(error)
        };
        let root = fs::canonicalize(folder).map_err(failed)?;
        fs::read_dir(&root).map_err(failed)?;
        Ok(Self { root })
    }

    pub(super) fn look(&self, options: &Options, wanted: &Wanted) -> io::Result<Outcome> {
        let looked = self.look_up(options, wanted)?;
        let (Outcome::Missing, Some(page), true) = (&looked, &options.spa, wanted.place.is_page) else {
            return Ok(looked);
        };
        match self.open(options, page)? {
            Some(Opened::File(file, metadata)) => self.serve(options, page, (file, metadata), wanted),
            _ => Ok(Outcome::Missing),
        }
    }

    fn look_up(&self, options: &Options, wanted: &Wanted) -> io::Result<Outcome> {
        let path = &wanted.place.below.path;
        match (self.open(options, path)?, wanted.place.below.is_folder) {
            (Some(Opened::File(file, metadata)), false) => self.serve(options, path, (file, metadata), wanted),
            (Some(Opened::Folder), is_named) => self.folder(options, path, is_named, wanted),
            (Some(Opened::File(..)), true) | (None, _) => Ok(Outcome::Missing),
        }
    }

    /// `is_named`: it was asked for with a slash at its end.
    fn folder(&self, options: &Options, path: &str, is_named: bool, wanted: &Wanted) -> io::Result<Outcome> {
        if let Some(index) = &options.index {
            let index = if path.is_empty() { index.clone() } else { format!("{path}/{index}") };
            if let Some(Opened::File(file, metadata)) = self.open(options, &index)? {
                return match is_named {
                    true => self.serve(options, &index, (file, metadata), wanted),
                    false => Ok(Outcome::Redirect),
                };
            }
        }
        match (options.listing, is_named) {
            (true, true) => Ok(Outcome::Page(listing::html(path, self.entries(options, path)?))),
            (true, false) => Ok(Outcome::Redirect),
            (false, _) => Ok(Outcome::Missing),
        }
    }

    fn entries(&self, options: &Options, path: &str) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.root.join(path))? {
            let entry = entry?;
            // There is no URL for what is no text.
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') && options.dotfiles != Dotfiles::Allow {
                continue;
            }
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            entries.push(Entry { name, is_folder });
            if entries.len() == listing::MOST {
                break;
            }
        }
        Ok(entries)
    }

    fn serve(
        &self,
        options: &Options,
        path: &str,
        mut opened: (File, Metadata),
        wanted: &Wanted,
    ) -> io::Result<Outcome> {
        let mut coding = None;
        for &candidate in &wanted.place.codings {
            if let Some(Opened::File(file, metadata)) = self.open(options, &sibling(path, candidate))? {
                (opened, coding) = ((file, metadata), Some(candidate));
                break;
            }
        }
        let (file, metadata) = opened;
        let len = metadata.len();
        let validators = validators(&metadata, coding);
        if let Some(memory) = options.memory.as_ref().filter(|_| len <= SMALL) {
            // All of it, whatever this request wants: the next one comes.
            let Content::Bytes(content) = read(file, &Parts::Whole, len)? else { return Ok(Outcome::Missing) };
            let asset = Asset { path: path.to_owned(), coding, validators, content };
            let found = asset.serve(wanted);
            memory.put(&wanted.place, asset);
            return Ok(Outcome::File(Box::new(found)));
        }
        let plan = wanted.plan(&validators, len);
        let content = if plan.reads { read(file, &plan.parts, len)? } else { Content::Unread };
        Ok(Outcome::File(Box::new(Found { path: path.to_owned(), coding, validators, len, plan, content })))
    }

    /// What there is at a path below the folder, where it may be looked at.
    fn open(&self, options: &Options, path: &str) -> io::Result<Option<Opened>> {
        let full = if path.is_empty() { self.root.clone() } else { self.root.join(path) };
        match self.open_full(options.symlinks, &full) {
            Err(error) if is_missing(&error) => Ok(None),
            opened => opened,
        }
    }

    fn open_full(&self, symlinks: Symlinks, full: &Path) -> io::Result<Option<Opened>> {
        // Before it is opened: to open a pipe is to wait for who writes into it.
        let metadata = fs::metadata(full)?;
        if metadata.is_dir() {
            return Ok(self.allows(symlinks, full, &fs::canonicalize(full)?).then_some(Opened::Folder));
        }
        if !metadata.is_file() {
            return Ok(None);
        }
        let file = File::open(full)?;
        if symlinks != Symlinks::Anywhere && !self.allows(symlinks, full, &place_of(&file, full)?) {
            return Ok(None);
        }
        // Of what was opened, and not of what may have been put into its place.
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then_some(Opened::File(file, metadata)))
    }

    /// `full` has no symbolic link up to this folder, and no way up behind it: where it leads elsewhere, by a link.
    fn allows(&self, symlinks: Symlinks, full: &Path, real: &Path) -> bool {
        match symlinks {
            Symlinks::Anywhere => true,
            Symlinks::Within => real.starts_with(&self.root),
            Symlinks::Never => real == full,
        }
    }
}

enum Opened {
    File(File, Metadata),
    Folder,
}

/// Where an open file lies. On Linux the system says it of the file itself, so that nobody can exchange a link between two looks.
fn place_of(file: &File, full: &Path) -> io::Result<PathBuf> {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        if let Ok(place) = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())) {
            return Ok(place);
        }
    }
    let _ = file;
    fs::canonicalize(full)
}

fn is_missing(error: &io::Error) -> bool {
    const ELOOP: i32 = 40;
    let is_loop = cfg!(target_os = "linux") && error.raw_os_error() == Some(ELOOP);
    let kind = error.kind();
    let kinds = [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::InvalidInput, ErrorKind::InvalidFilename];
    kinds.contains(&kind) || is_loop
}

/// The name of the precompressed file beside another.
pub(super) fn sibling(path: &str, coding: Coding) -> String {
    let end = match coding {
        Coding::Zstd => "zst",
        Coding::Brotli => "br",
        Coding::Gzip | Coding::Deflate => "gz",
    };
    format!("{path}.{end}")
}

/// The time of the last change, as exactly as the system knows it, and the length: another content has another tag.
fn validators(metadata: &Metadata, coding: Option<Coding>) -> Validators {
    let len = metadata.len();
    // RFC 9110, 8.8.3.3: each form of a file has a tag of its own.
    let form = coding.map(|coding| format!("-{}", coding.as_str())).unwrap_or_default();
    match metadata.modified() {
        Ok(time) => {
            let nanoseconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
            let tag = EntityTag::from_version(format_args!("{nanoseconds:x}-{len:x}{form}"));
            Validators::from(tag).last_modified(time)
        }
        Err(_) => Validators::present(),
    }
}

fn read(mut file: File, parts: &Parts, len: u64) -> io::Result<Content> {
    let (start, len) = match parts {
        Parts::One(part) => (part.start, part.end - part.start),
        _ => (0, len),
    };
    if start > 0 {
        file.seek(SeekFrom::Start(start))?;
    }
    if len > SMALL || matches!(parts, Parts::Several(_)) {
        return Ok(Content::File(file));
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(Content::Bytes(Bytes::from(bytes)))
}
