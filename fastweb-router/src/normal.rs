//! The path as it is compared: escapes undone, and what the options ignore left out.
//!
//! Few requests need it. Most paths are their own normal form, which [`is_normal`] sees in one pass.

use std::cell::Cell;

use crate::params::Span;
use crate::text::{has, has_behind_slash};
use crate::{Miss, Options};

/// Stands for a slash that was escaped, and so ends no segment. No text has this byte, neither a pattern's nor a path's.
pub(crate) const ESCAPED_SLASH: u8 = 0xff;

/// A path's normal form, and the way back to where its bytes came from.
#[derive(Default)]
pub(crate) struct Normal {
    /// Escapes undone, slashes left out.
    pub(crate) exact: Vec<u8>,
    /// The same in lower case if case is ignored; else empty.
    folded: Vec<u8>,
    /// From this byte of `exact` on, until the next entry, the bytes come from here in the path.
    origins: Vec<(u32, u32)>,
    escaped_slash: bool,
}

thread_local! {
    /// One per thread, so that a lookup allocates nothing. What runs while it is lent finds none and makes its own.
    static LENT: Cell<Option<Box<Normal>>> = const { Cell::new(None) };
}

/// More than the paths of a server: what one that was longer needed is given back.
const KEPT: usize = 16 * 1024;

/// Whether the path is its own normal form. Only bytes of ASCII are looked for, and those are never a part of another character.
#[inline]
pub(crate) fn is_normal(path: &[u8], options: &Options) -> bool {
    let Options { case_sensitive, ignore_trailing_slash, ignore_duplicate_slashes, max_param_length: _ } = *options;
    !has(path, |byte| byte == b'%')
        && ((case_sensitive && !ignore_trailing_slash && !ignore_duplicate_slashes) || nothing_ignored(path, options))
}

/// Whether nothing is in the path that the options ignore.
#[inline(never)]
fn nothing_ignored(bytes: &[u8], options: &Options) -> bool {
    (options.case_sensitive || !has(bytes, |byte| byte.is_ascii_uppercase()))
        && !(options.ignore_trailing_slash && bytes.len() > 1 && bytes.ends_with(b"/"))
        && !(options.ignore_duplicate_slashes && has_behind_slash(bytes, b'/'))
}

/// Calls `then` with the normal form.
///
/// # Errors
///
/// [`Miss::BadEscape`].
#[cold]
pub(crate) fn with_normal<R>(path: &str, options: &Options, then: impl FnOnce(&Normal) -> R) -> Result<R, Miss> {
    // Where the thread is about to end there is nothing to borrow from.
    let mut normal = LENT.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let read = normal.read(path, options);
    let result = read.map(|()| then(&normal));
    if normal.exact.capacity() <= KEPT {
        let _ = LENT.try_with(|lent| lent.set(Some(normal)));
    }
    result
}

impl Normal {
    fn read(&mut self, path: &str, options: &Options) -> Result<(), Miss> {
        self.exact.clear();
        self.folded.clear();
        self.origins.clear();
        self.escaped_slash = false;

        let raw = path.as_bytes();
        let mut at = 0;
        let mut slash_before = false;
        while let Some(&byte) = raw.get(at) {
            if !options.ignore_duplicate_slashes && byte != b'%' {
                // All up to the next escape as it is.
                let rest = &raw[at..];
                let run = rest.iter().position(|&byte| byte == b'%').unwrap_or(rest.len());
                self.exact.extend_from_slice(&rest[..run]);
                at += run;
                continue;
            }
            match byte {
                b'%' => {
                    let digit = |at: usize| raw.get(at).and_then(|&digit| char::from(digit).to_digit(16));
                    let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else {
                        return Err(Miss::BadEscape);
                    };
                    let byte = (high * 16 + low) as u8;
                    self.escaped_slash |= byte == b'/';
                    self.exact.push(byte);
                    at += 3;
                    self.origin(at);
                    slash_before = false;
                }
                b'/' if slash_before => {
                    at += 1;
                    self.origin(at);
                }
                _ => {
                    self.exact.push(byte);
                    at += 1;
                    slash_before = byte == b'/';
                }
            }
        }
        // The path was UTF-8 before, so what is wrong came from escapes. Decoded once: what comes of it is text.
        if std::str::from_utf8(&self.exact).is_err() {
            return Err(Miss::BadEscape);
        }
        if self.escaped_slash {
            for &(to, from) in &self.origins {
                // An origin stands behind an escape or behind a slash that was left out, and only an escape ends in a digit.
                if self.exact[to as usize - 1] == b'/' && raw[from as usize - 1] != b'/' {
                    self.exact[to as usize - 1] = ESCAPED_SLASH;
                }
            }
        }
        if options.ignore_trailing_slash && self.exact.len() > 1 && self.exact.ends_with(b"/") {
            self.exact.pop();
        }
        if !options.case_sensitive {
            self.folded.extend(self.exact.iter().map(u8::to_ascii_lowercase));
        }
        Ok(())
    }

    /// The next byte comes from `at`. Paths are shorter than 4 GiB, see [`Span`].
    fn origin(&mut self, at: usize) {
        let to = self.exact.len() as u32;
        match self.origins.last_mut() {
            Some(last) if last.0 == to => last.1 = at as u32,
            _ => self.origins.push((to, at as u32)),
        }
    }

    /// What is compared with patterns.
    pub(crate) fn text(&self) -> &[u8] {
        if self.folded.is_empty() { &self.exact } else { &self.folded }
    }

    /// Whether there are slashes that end no segment.
    pub(crate) fn has_escaped_slash(&self) -> bool {
        self.escaped_slash
    }

    /// The same, where it may be a static path.
    pub(crate) fn as_static(&self) -> Option<&str> {
        if self.escaped_slash { None } else { std::str::from_utf8(self.text()).ok() }
    }

    /// Where a range of the normal form stands in the path.
    pub(crate) fn in_path(&self, span: Span) -> Span {
        Span { start: self.place(span.start), end: self.place(span.end) }
    }

    fn place(&self, at: u32) -> u32 {
        match self.origins.partition_point(|&(to, _)| to <= at).checked_sub(1) {
            Some(last) => self.origins[last].1 + (at - self.origins[last].0),
            None => at,
        }
    }
}

/// Whether one of the segments of a normal form is `.` or `..`.
#[cold]
pub(crate) fn has_dot_segment(text: &[u8]) -> bool {
    text.split(|byte| matches!(*byte, b'/' | ESCAPED_SLASH)).any(|segment| matches!(segment, b"." | b".."))
}
