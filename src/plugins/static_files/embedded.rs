//! Files that are a part of the program.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use fastweb_core::Bytes;

use super::answer::{Content, Found, Wanted};
use super::disk::sibling;
use super::ranges::Parts;
use super::{Options, Outcome};
use crate::plugins::etag::{EntityTag, Validators};

/// By path, as they were when the application was built.
pub(super) struct Embedded(HashMap<String, Asset>);

struct Asset {
    content: Bytes,
    validators: Validators,
}

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
            Some((path.into_owned(), Asset { content, validators }))
        });
        Self(all.collect())
    }

    pub(super) fn look(&self, options: &Options, wanted: &Wanted) -> Outcome {
        let path = &wanted.below.path;
        if let Some(asset) = self.0.get(path).filter(|_| !wanted.below.is_folder) {
            return self.serve(path, asset, wanted);
        }
        if let Some(index) = &options.index {
            let index = if path.is_empty() { index.clone() } else { format!("{path}/{index}") };
            if let Some(asset) = self.0.get(&index) {
                return match wanted.below.is_folder {
                    true => self.serve(&index, asset, wanted),
                    false => Outcome::Redirect,
                };
            }
        }
        match options.spa.as_ref().filter(|_| wanted.is_page).and_then(|page| Some((page, self.0.get(page)?))) {
            Some((page, asset)) => self.serve(page, asset, wanted),
            None => Outcome::Missing,
        }
    }

    fn serve(&self, path: &str, asset: &Asset, wanted: &Wanted) -> Outcome {
        let precompressed =
            wanted.codings.iter().find_map(|&coding| Some((coding, self.0.get(&sibling(path, coding))?)));
        let (coding, asset) = precompressed.map_or((None, asset), |(coding, asset)| (Some(coding), asset));
        let Asset { content, validators } = asset;
        let plan = wanted.plan(validators, content.len() as u64);
        let sent = match &plan.parts {
            _ if !plan.reads => Content::Unread,
            Parts::One(part) => {
                let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(content.len());
                Content::Bytes(content.slice(within(part.start)..within(part.end)))
            }
            _ => Content::Bytes(content.clone()),
        };
        let (path, len) = (path.to_owned(), content.len() as u64);
        Outcome::File(Box::new(Found { path, coding, validators: validators.clone(), len, plan, content: sent }))
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}
