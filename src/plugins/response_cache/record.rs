//! What a store keeps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastweb_core::{Reply, StoredReply};

/// What a [`ResponseStore`](super::ResponseStore) keeps under a key: an answer with what is known about its age, or the names of the headers by which the answers to one target differ.
///
/// A store passes it on as it is. Clones share what they hold; one that does not keep it in this process has [`to_bytes`](Self::to_bytes).
#[derive(Clone)]
pub struct Record(Arc<Inner>);

struct Inner {
    what: What,
    since: SystemTime,
    /// How old it was then.
    age: Duration,
    fresh: Duration,
    stale: Duration,
    tags: Vec<String>,
}

enum What {
    Reply(StoredReply),
    Varies(Vec<String>),
}

/// How long an answer may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) age: Duration,
    pub(super) fresh: Duration,
    pub(super) stale: Duration,
}

impl Record {
    pub(super) fn reply(reply: StoredReply, since: SystemTime, life: Lifetime, tags: Vec<String>) -> Self {
        let Lifetime { age, fresh, stale } = life;
        Self(Arc::new(Inner { what: What::Reply(reply), since, age, fresh, stale, tags }))
    }

    /// Lives as long as what is found by it.
    pub(super) fn varies(names: Vec<String>, since: SystemTime, life: Lifetime, tags: Vec<String>) -> Self {
        let Lifetime { age, fresh, stale } = life;
        Self(Arc::new(Inner { what: What::Varies(names), since, age, fresh, stale, tags }))
    }

    pub(super) fn as_reply(&self) -> Option<&StoredReply> {
        match &self.0.what {
            What::Reply(reply) => Some(reply),
            What::Varies(_) => None,
        }
    }

    pub(super) fn names(&self) -> Option<&[String]> {
        match &self.0.what {
            What::Reply(_) => None,
            What::Varies(names) => Some(names),
        }
    }

    /// RFC 9111, 4.2.3.
    pub(super) fn age(&self, now: SystemTime) -> Duration {
        self.0.age + now.duration_since(self.0.since).unwrap_or_default()
    }

    pub(super) fn fresh_for(&self) -> Duration {
        self.0.fresh
    }

    /// What it can be removed by.
    pub fn tags(&self) -> &[String] {
        &self.0.tags
    }

    /// How long it is of any use, from the moment in which it was made.
    pub fn time_to_live(&self) -> Duration {
        (self.0.fresh + self.0.stale).saturating_sub(self.0.age)
    }

    pub(super) fn is_over(&self, now: SystemTime) -> bool {
        now.duration_since(self.0.since).unwrap_or_default() >= self.time_to_live()
    }

    /// About how many bytes of memory it takes.
    pub fn size(&self) -> usize {
        let what = match &self.0.what {
            What::Reply(reply) => {
                let headers: usize = reply.headers().iter().map(|(name, value)| name.len() + value.len() + 28).sum();
                reply.body().len() + headers + reply.content_type().map_or(0, str::len)
            }
            What::Varies(names) => names.iter().map(|name| name.len() + 24).sum(),
        };
        let tags: usize = self.0.tags.iter().map(|tag| tag.len() + 24).sum();
        // The structures themselves, with what the map needs for an entry.
        what + tags + 400
    }

    /// It as bytes, for a store that keeps it elsewhere. They are of this version of fastweb: another one may not know them, which is a miss.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Inner { what, since, age, fresh, stale, tags } = &*self.0;
        let mut out = Writer(vec![VERSION]);
        let since = since.duration_since(UNIX_EPOCH).unwrap_or_default();
        for time in [&since, age, fresh, stale] {
            out.0.extend_from_slice(&u64::try_from(time.as_millis()).unwrap_or(u64::MAX).to_le_bytes());
        }
        out.list(tags.iter().map(String::as_bytes));
        match what {
            What::Varies(names) => {
                out.0.extend_from_slice(&0_u16.to_le_bytes());
                out.list(names.iter().map(String::as_bytes));
            }
            What::Reply(reply) => {
                out.0.extend_from_slice(&reply.status().as_u16().to_le_bytes());
                out.list(reply.content_type().map(str::as_bytes).into_iter());
                out.list(reply.headers().iter().flat_map(|(name, value)| [name.as_bytes(), value]));
                out.bytes(reply.body());
            }
        }
        out.0
    }

    /// What [`to_bytes`](Self::to_bytes) gave. `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut input = Reader(bytes);
        if input.take(1)? != [VERSION] {
            return None;
        }
        let mut time = || Some(Duration::from_millis(u64::from_le_bytes(input.take(8)?.try_into().ok()?)));
        let (since, age, fresh, stale) = (time()?, time()?, time()?, time()?);
        let since = UNIX_EPOCH.checked_add(since)?;
        let tags = input.texts()?;
        let what = match u16::from_le_bytes(input.take(2)?.try_into().ok()?) {
            0 => What::Varies(input.texts()?),
            status => {
                let mut reply = Reply::new().with_status(status);
                if let [media_type] = input.texts()?.as_slice() {
                    reply.set_content_type(media_type.clone());
                }
                let fields = input.list()?;
                for field in fields.chunks_exact(2) {
                    reply.append_header(std::str::from_utf8(field[0]).ok()?, field[1]);
                }
                reply.set_body(input.bytes()?.to_vec());
                // None where something may not stand in a reply.
                What::Reply(reply.store()?)
            }
        };
        input.0.is_empty().then(|| Self(Arc::new(Inner { what, since, age, fresh, stale, tags })))
    }
}

const VERSION: u8 = 1;

struct Writer(Vec<u8>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn list<'b>(&mut self, list: impl Iterator<Item = &'b [u8]>) {
        let mut count = 0_u32;
        let at = self.0.len();
        self.0.extend_from_slice(&[0; 4]);
        for bytes in list {
            self.bytes(bytes);
            count += 1;
        }
        self.0[at..at + 4].copy_from_slice(&count.to_le_bytes());
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn count(&mut self) -> Option<usize> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?) as usize)
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    fn list(&mut self) -> Option<Vec<&'b [u8]>> {
        let count = self.count()?;
        (0..count).map(|_| self.bytes()).collect()
    }

    fn texts(&mut self) -> Option<Vec<String>> {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        self.list()?.into_iter().map(text).collect()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut record = f.debug_struct("Record");
        match &self.0.what {
            What::Reply(reply) => record.field("reply", reply),
            What::Varies(names) => record.field("varies", names),
        };
        record.field("fresh", &self.0.fresh).field("stale", &self.0.stale).field("tags", &self.0.tags).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_record_of_bytes_is_the_same(
            status in 200..600_u16,
            body in proptest::collection::vec(proptest::num::u8::ANY, 0..100),
            value in "[!-~]{0,20}",
            tags in proptest::collection::vec("\\PC{0,8}", 0..4),
            (age, fresh, stale) in (0..9_000_u64, 0..9_000_u64, 0..9_000_u64),
        ) {
            let reply = Reply::new().with_status(status).with_content_type("text/csv").with_body(body.clone());
            let reply = reply.with_header("x-a", &value).with_header("x-b", "2").store().unwrap();
            let since = UNIX_EPOCH + Duration::from_millis(1_790_000_000_123);
            let [age, fresh, stale] = [age, fresh, stale].map(Duration::from_millis);
            let record = Record::reply(reply, since, Lifetime { age, fresh, stale }, tags);
            let bytes = record.to_bytes();
            let again = Record::from_bytes(&bytes).unwrap();
            proptest::prop_assert_eq!(format!("{record:?}"), format!("{again:?}"));
            proptest::prop_assert_eq!(again.as_reply().unwrap().body(), &body);
            proptest::prop_assert_eq!(again.age(since), age);
            // What is cut off is nothing.
            for end in 0..bytes.len() {
                proptest::prop_assert!(Record::from_bytes(&bytes[..end]).is_none());
            }
        }

        #[test]
        fn no_bytes_are_too_strange(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
            }
            let _ = Record::from_bytes(&bytes).map(|record| (record.size(), record.age(SystemTime::now())));
        }
    }

    #[test]
    fn names_of_headers_are_kept_too() {
        let names = vec!["accept".to_owned(), "cookie".to_owned()];
        let life = Lifetime { fresh: Duration::from_secs(9), ..Lifetime::default() };
        let record = Record::varies(names.clone(), UNIX_EPOCH, life, Vec::new());
        assert_eq!(Record::from_bytes(&record.to_bytes()).unwrap().names().unwrap(), names);
    }
}
