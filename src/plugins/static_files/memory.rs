//! Contents that are in memory: those of small files, for a second, so that a file that many ask for is read once for all of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fastweb_core::Bytes;

use super::answer::{Content, Found, Place, Wanted};
use super::ranges::{Parts, part_of};
use crate::plugins::etag::Validators;
use crate::plugins::negotiation::Coding;

/// A content that is there as a whole.
#[derive(Clone)]
pub(super) struct Asset {
    /// As in [`Found`].
    pub(super) path: String,
    pub(super) coding: Option<Coding>,
    pub(super) validators: Validators,
    pub(super) content: Bytes,
}

impl Asset {
    pub(super) fn serve(&self, wanted: &Wanted) -> Found {
        let Self { path, coding, validators, content } = self;
        let len = content.len() as u64;
        let plan = wanted.plan(validators, len);
        let sent = match &plan.parts {
            _ if !plan.reads => Content::Unread,
            Parts::One(part) => Content::Bytes(part_of(content, part)),
            _ => Content::Bytes(content.clone()),
        };
        Found { path: path.clone(), coding: *coding, validators: validators.clone(), len, plan, content: sent }
    }
}

/// After this time it is looked again whether a file is still what it was.
const FRESH: Duration = Duration::from_secs(1);

/// What an entry takes beside its content, about.
const ENTRY: usize = 512;

/// By what was asked for, so that nothing has to be looked up to find it.
pub(super) struct Memory {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    entries: HashMap<Place, (Instant, Asset)>,
    bytes: usize,
}

impl Memory {
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, place: &Place) -> Option<Asset> {
        let kept = self.kept();
        let (since, asset) = kept.entries.get(place)?;
        (since.elapsed() < FRESH).then(|| asset.clone())
    }

    pub(super) fn put(&self, place: &Place, asset: Asset) {
        let size = |asset: &Asset| asset.content.len() + ENTRY;
        let added = size(&asset);
        if added > self.most {
            return;
        }
        let mut kept = self.kept();
        if kept.bytes + added > self.most {
            // Whoever asks for many does not get more. Those that many ask for are back at once.
            *kept = Kept::default();
        }
        kept.bytes += added;
        if let Some((_, before)) = kept.entries.insert(place.clone(), (Instant::now(), asset)) {
            kept.bytes -= size(&before);
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("most", &self.most).field("bytes", &self.kept().bytes).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::static_files::path::Below;

    #[test]
    fn memory_is_bounded_and_counted() {
        let memory = Memory::new(10_000);
        let asset = |len: usize| Asset {
            path: "a".into(),
            coding: None,
            validators: Validators::present(),
            content: vec![0; len].into(),
        };
        let place = |n: usize| Place {
            below: Below { path: n.to_string(), is_folder: false },
            codings: Vec::new(),
            is_page: false,
        };
        for n in 0..1000 {
            memory.put(&place(n), asset(n));
            let kept = memory.kept();
            let sum: usize = kept.entries.values().map(|(_, asset)| asset.content.len() + ENTRY).sum();
            assert!(sum <= 10_000 && sum == kept.bytes, "{sum} {}", kept.bytes);
        }
        memory.put(&place(1), asset(100));
        memory.put(&place(1), asset(200));
        assert_eq!(memory.get(&place(1)).map(|asset| asset.content.len()), Some(200));
        memory.put(&place(2), asset(10_000));
        assert!(memory.get(&place(2)).is_none() && memory.get(&place(1)).is_some());
    }
}
