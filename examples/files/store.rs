//! Where the files are.

use std::fs::File;
use std::path::PathBuf;

use fastweb::prelude::{Error, Result};
use serde::Deserialize;

/// A name that a client may choose: nothing that leads out of the folder, and nothing hidden.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Name(String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(name: String) -> std::result::Result<Self, &'static str> {
        match Self::is_one(&name) {
            true => Ok(Self(name)),
            false => Err("must be at most 100 letters, digits and ._- that do not begin with a dot"),
        }
    }
}

impl Name {
    fn is_one(name: &str) -> bool {
        !name.is_empty() && !name.starts_with('.') && name.len() <= 100 && name.chars().all(Self::has)
    }

    fn has(c: char) -> bool {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
    }

    /// The name that a file has elsewhere, with underscores for what is none here.
    pub(crate) fn like(file_name: &str) -> Result<Self> {
        let name: String = file_name.chars().map(|c| if Self::has(c) { c } else { '_' }).collect();
        Self::try_from(name).map_err(|told| Error::bad_request(format!("the name of the file {told}")))
    }
}

pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(crate) fn in_folder(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self, Name(name): &Name) -> PathBuf {
        self.folder.join(name)
    }

    /// A file for what comes in. It has its name when it is whole.
    pub(crate) fn begin(&self, name: &Name) -> Result<(Part, File)> {
        let whole = self.path(name);
        let part = self.folder.join(format!(".{}.part", name.0));
        // Two uploads of one name at a time would be mixed.
        let file = File::create_new(&part).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Error::conflict("this file is being uploaded").with_code("FILE_BUSY"),
            _ => error.into(),
        })?;
        Ok((Part { part, whole }, file))
    }

    pub(crate) fn names(&self) -> Result<impl Iterator<Item = Result<String>> + use<>> {
        let names = std::fs::read_dir(&self.folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        // What is not whole yet is hidden, and what somebody else has put there may have any name.
        Ok(names.filter(|name| name.as_ref().map_or(true, |name: &String| Name::is_one(name))))
    }
}

/// The file of an upload that is not whole yet. It is removed with this, whatever ends the upload.
pub(crate) struct Part {
    part: PathBuf,
    whole: PathBuf,
}

impl Part {
    /// The upload is whole.
    pub(crate) fn keep(self) -> Result<()> {
        Ok(std::fs::rename(&self.part, &self.whole)?)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Where it was kept there is nothing to remove.
        let _ = std::fs::remove_file(&self.part);
    }
}
