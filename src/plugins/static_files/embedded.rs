//! Files that are a part of the program.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use fastweb_core::Bytes;

use super::answer::{Place, Wanted};
use super::disk::sibling;
use super::memory::Asset;
use super::{Options, Outcome};
use crate::plugins::etag::{EntityTag, Validators};

/// By path, as they were when the application was built.
pub(super) struct Embedded(HashMap<String, Asset>);

impl Embedded {
    pub(super) fn of<E: rust_embed::RustEmbed>() -> Self {
        let all = E::iter().filter_map(|path| {
            let file = E::get(&path)?;
            // A hash of the content is there already.
            let hash = file.metadata.sha256_hash();
            let tag: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
            let mut validators = Validators::from(EntityTag::from_version(tag));
            if let Some(seconds) = file.metadata.last_modified() {
                validators = validators.last_modified(UNIX_EPOCH + Duration::from_secs(seconds));
            }
            let content = match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            };
            let path = path.into_owned();
            Some((path.clone(), Asset { path, coding: None, validators, content }))
        });
        Self(all.collect())
    }

    pub(super) fn look(&self, options: &Options, wanted: &Wanted) -> Outcome {
        let Place { below, is_page, .. } = &wanted.place;
        if let Some(asset) = self.0.get(&below.path).filter(|_| !below.is_folder) {
            return self.serve(asset, wanted);
        }
        if let Some(index) = &options.index {
            let index = if below.path.is_empty() { index.clone() } else { format!("{}/{index}", below.path) };
            if let Some(asset) = self.0.get(&index) {
                return if below.is_folder { self.serve(asset, wanted) } else { Outcome::Redirect };
            }
        }
        let page = options.spa.as_ref().filter(|_| *is_page).and_then(|page| self.0.get(page));
        page.map_or(Outcome::Missing, |asset| self.serve(asset, wanted))
    }

    fn serve(&self, asset: &Asset, wanted: &Wanted) -> Outcome {
        let mut codings = wanted.place.codings.iter();
        let compressed = codings.find_map(|&coding| Some((coding, self.0.get(&sibling(&asset.path, coding))?)));
        let found = match compressed {
            Some((coding, other)) => {
                Asset { path: asset.path.clone(), coding: Some(coding), ..other.clone() }.serve(wanted)
            }
            None => asset.serve(wanted),
        };
        Outcome::File(Box::new(found))
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
