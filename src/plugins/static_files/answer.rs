//! From what was found to what is sent.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::task::Poll;

use fastweb_core::{Body, Bytes, Code, Error, Reply, Request, Result, blocking};

use super::path::Below;
use super::ranges::{Parts, part_of};
use crate::plugins::etag::{Preconditions, Validators, Verdict};
use crate::plugins::negotiation::{Accepted, Coding};

/// What a request wants, apart from the request itself: another thread looks it up.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) place: Place,
    is_head: bool,
    range: Option<String>,
    pub(super) conditions: Preconditions,
}

/// All that decides which file it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) below: Below,
    /// What may be sent instead of the file as it is, the best first.
    pub(super) codings: Vec<Coding>,
    /// A page may be sent where nothing is found.
    pub(super) is_page: bool,
}

impl Wanted {
    pub(super) fn of(req: &Request, below: Below, is_precompressed: bool) -> Self {
        let mut codings = Vec::new();
        if is_precompressed {
            let accepted = Accepted::of(req);
            let mut left = vec![Coding::Zstd, Coding::Brotli, Coding::Gzip];
            while let Some(best) = accepted.best(left.iter().copied()) {
                left.retain(|coding| *coding != best);
                codings.push(best);
            }
        }
        let has_extension = below.path.rsplit('/').next().is_some_and(|name| name.contains('.'));
        let accepts_pages =
            req.header("accept").is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"));
        Self {
            place: Place { is_page: accepts_pages && !has_extension, below, codings },
            is_head: req.method() == "HEAD",
            range: req.header("range").map(str::to_owned),
            conditions: Preconditions::of(req),
        }
    }

    /// What is to be sent of `len` bytes.
    pub(super) fn plan(&self, validators: &Validators, len: u64) -> Plan {
        let verdict = self.conditions.evaluate(validators);
        let parts = match &self.range {
            // RFC 9110, 14.2: a range means something to `GET` alone.
            Some(range) if !self.is_head && self.conditions.allow_range(validators) => Parts::of(range, len),
            _ => Parts::Whole,
        };
        let reads = verdict == Verdict::Proceed && !self.is_head && parts != Parts::None;
        Plan { verdict, parts, reads }
    }
}

pub(super) struct Plan {
    pub(super) verdict: Verdict,
    pub(super) parts: Parts,
    /// Anything of the content is sent.
    pub(super) reads: bool,
}

/// A file that was found.
pub(super) struct Found {
    /// Its path as it was asked for: that of the file which a precompressed one stands for.
    pub(super) path: String,
    pub(super) coding: Option<Coding>,
    pub(super) validators: Validators,
    pub(super) len: u64,
    pub(super) plan: Plan,
    pub(super) content: Content,
}

pub(super) enum Content {
    /// None of it is sent.
    Unread,
    /// What is sent: of one part that part, else all.
    Bytes(Bytes),
    /// From where it stands: the begin of one part, else that of the file.
    File(File),
}

impl Found {
    /// Puts it into a reply that says already what it is and how long it may be kept.
    pub(super) fn answer(self, mut reply: Reply, conditions: &Preconditions) -> Result<Reply> {
        let Self { validators, len, plan, content, .. } = self;
        validators.set(&mut reply);
        match plan.verdict {
            Verdict::Proceed => {}
            Verdict::Failed => return Err(Error::from_code(Code::PreconditionFailed)),
            Verdict::NotModified => {
                conditions.make_not_modified(&validators, &mut reply);
                return Ok(reply);
            }
        }
        reply.set_header("accept-ranges", "bytes");
        match plan.parts {
            Parts::None => Err(Error::from_code(Code::RangeNotSatisfiable)
                .with_header("content-range", format!("bytes */{len}"))
                .with_header("accept-ranges", "bytes")),
            Parts::Whole => Ok(reply.with_body(body(content, len))),
            Parts::One(part) => Ok(reply
                .with_status(206)
                .with_header("content-range", content_range(&part, len))
                .with_body(body(content, part.end - part.start))),
            Parts::Several(parts) => {
                let media_type = reply.content_type().unwrap_or("application/octet-stream").to_owned();
                let several = Several::new(parts, len, &media_type);
                let media_type = format!("multipart/byteranges; boundary={}", several.boundary);
                Ok(reply.with_status(206).with_content_type(media_type).with_body(several.body(content)))
            }
        }
    }
}

fn body(content: Content, len: u64) -> Body {
    match content {
        Content::Bytes(bytes) => bytes.into(),
        Content::File(file) => Body::from_file(file, len),
        // For `HEAD`: it is said how long the content is, and nobody asks for it.
        Content::Unread => Body::from_poll_fn(|_| Poll::Ready(None)).with_length(len),
    }
}

fn content_range(part: &Range<u64>, len: u64) -> String {
    format!("bytes {}-{}/{len}", part.start, part.end - 1)
}

/// RFC 9110, 14.6: several parts, each with a head.
struct Several {
    boundary: String,
    parts: Vec<(String, Range<u64>)>,
    end: String,
}

impl Several {
    fn new(parts: Vec<Range<u64>>, len: u64, media_type: &str) -> Self {
        // Nothing that a file could have on purpose. The hasher's keys are the thread's own secret, and change with every one.
        let random = || RandomState::new().build_hasher().finish();
        let boundary = format!("{:016x}{:016x}", random(), random());
        let head = |part: &Range<u64>| {
            let range = content_range(part, len);
            format!("\r\n--{boundary}\r\ncontent-type: {media_type}\r\ncontent-range: {range}\r\n\r\n")
        };
        let parts = parts.into_iter().map(|part| (head(&part), part)).collect();
        let end = format!("\r\n--{boundary}--\r\n");
        Self { boundary, parts, end }
    }

    fn body(self, content: Content) -> Body {
        let Self { parts, end, .. } = self;
        let lens = parts.iter().map(|(head, part)| head.len() as u64 + (part.end - part.start));
        let len = lens.sum::<u64>() + end.len() as u64;
        let body = Body::from_fn(async move |out| {
            let mut content = content;
            for (head, part) in parts {
                out.send(head).await;
                match content {
                    Content::Bytes(ref bytes) => out.send(part_of(bytes, &part)).await,
                    Content::File(file) => {
                        let (again, handle) = blocking(move || at(file, part.start)).go_on().await??;
                        let mut body = Body::from_file(handle, part.end - part.start);
                        while let Some(chunk) = body.chunk().await? {
                            out.send(chunk).await;
                        }
                        content = Content::File(again);
                    }
                    Content::Unread => return Err(Error::internal("parts of a file that was not read")),
                }
            }
            out.send(end).await;
            Ok(())
        });
        body.with_length(len)
    }
}

/// A file, and a handle of it that stands at `start`. Both share that place, so that only one may be read at a time.
fn at(file: File, start: u64) -> io::Result<(File, File)> {
    let mut handle = file.try_clone()?;
    handle.seek(SeekFrom::Start(start))?;
    Ok((file, handle))
}
