//! Patterns: those that read the text once from its start are fastweb's own, the rest is the judge's.

use super::super::judge::{Judge, Judged};
use crate::document::Node;

pub(super) struct Pattern {
    pub(super) source: Box<str>,
    pub(super) matcher: Matcher,
}

pub(super) enum Matcher {
    Simple(Simple),
    Judge(Judge),
}

impl Pattern {
    #[inline]
    pub(super) fn accepts(&self, text: &[u8], node: Node<'_>) -> bool {
        match &self.matcher {
            Matcher::Simple(simple) => simple.accepts(text),
            Matcher::Judge(judge) => judge.is_valid(Judged::Value(node)),
        }
    }
}

/// `^`, then sets of ASCII characters with their counts, then `$` or whatever follows: `^[A-Z]{2}-\d+$`. It needs no going back, because
/// no character that a set takes one more of could be the first of what comes after.
#[derive(Debug)]
pub(crate) struct Simple {
    steps: Box<[Step]>,
    to_end: bool,
}

#[derive(Debug)]
struct Step {
    /// One bit per ASCII character.
    set: u128,
    min: u32,
    max: u32,
}

impl Step {
    #[inline]
    fn has(&self, byte: u8) -> bool {
        byte < 128 && self.set >> byte & 1 == 1
    }
}

impl Simple {
    #[inline]
    pub(crate) fn accepts(&self, text: &[u8]) -> bool {
        let mut at = 0usize;
        for step in &self.steps {
            let most = text.len().min(at.saturating_add(step.max as usize));
            let start = at;
            while at < most && step.has(text[at]) {
                at += 1;
            }
            if at - start < step.min as usize {
                return false;
            }
        }
        !self.to_end || at == text.len()
    }

    /// `None` for patterns that need more than this.
    pub(crate) fn compile(pattern: &str) -> Option<Self> {
        let mut rest = pattern.strip_prefix('^')?.as_bytes();
        let mut steps: Vec<Step> = Vec::new();
        let (mut to_end, mut total) = (false, 0u32);
        while let Some((&byte, after)) = rest.split_first() {
            if byte == b'$' {
                if !after.is_empty() {
                    return None;
                }
                to_end = true;
                break;
            }
            let set;
            (set, rest) = match byte {
                b'[' => class(after)?,
                b'\\' => escaped(after)?,
                b'-' | b'_' | b'/' | b'@' | b':' | b',' | b' ' => (1 << byte, after),
                byte if byte.is_ascii_alphanumeric() => (1 << byte, after),
                _ => return None,
            };
            let (min, max);
            (min, max, rest) = count(rest)?;
            let most = if max == u32::MAX { min } else { max };
            total = total.saturating_add(most);
            if total > MOST {
                return None;
            }
            steps.push(Step { set, min, max });
        }
        // Taking as many as there are is right only if none of them could belong to what follows.
        for (i, step) in steps.iter().enumerate() {
            if step.min == step.max {
                continue;
            }
            for next in &steps[i + 1..] {
                if next.set & step.set != 0 {
                    return None;
                }
                if next.min > 0 {
                    break;
                }
            }
        }
        Some(Self { steps: steps.into(), to_end })
    }
}

/// How many characters a pattern may count up to. Beyond this the judge's engine may refuse it for its size, and what that refuses is to be told
/// at start-up.
const MOST: u32 = 1000;

const DIGITS: u128 = range(b'0', b'9');
const WORD: u128 = DIGITS | range(b'a', b'z') | range(b'A', b'Z') | 1 << b'_';

const fn range(first: u8, last: u8) -> u128 {
    let mut set = 0;
    let mut byte = first;
    while byte <= last {
        set |= 1 << byte;
        byte += 1;
    }
    set
}

/// What follows a backslash.
fn escaped(rest: &[u8]) -> Option<(u128, &[u8])> {
    let (&byte, rest) = rest.split_first()?;
    let set = match byte {
        b'd' => DIGITS,
        b'w' => WORD,
        b'.' | b'-' | b'/' | b'+' | b'*' | b'?' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'|' | b'^' | b'$'
        | b'\\' => 1 << byte,
        _ => return None,
    };
    Some((set, rest))
}

/// What follows an opening bracket, up to the closing one.
fn class(mut rest: &[u8]) -> Option<(u128, &[u8])> {
    let mut set = 0;
    loop {
        let (&byte, after) = rest.split_first()?;
        match byte {
            b']' => return (set != 0).then_some((set, after)),
            b'\\' => {
                let one;
                (one, rest) = escaped(after)?;
                // What a range from or to a set of characters is, nobody says.
                if rest.first() == Some(&b'-') && rest.get(1) != Some(&b']') {
                    return None;
                }
                set |= one;
            }
            // The engines differ about brackets and doubled operators inside of a class.
            b'[' | b'^' | b'&' | b'~' => return None,
            b'-' if after.first() == Some(&b'-') => return None,
            byte if byte.is_ascii_graphic() || byte == b' ' => match after {
                [b'-', last, after @ ..] if *last != b']' => {
                    if !byte.is_ascii_alphanumeric() || !last.is_ascii_alphanumeric() || *last < byte {
                        return None;
                    }
                    set |= range(byte, *last);
                    rest = after;
                }
                after => {
                    set |= 1 << byte;
                    rest = after;
                }
            },
            _ => return None,
        }
    }
}

/// How often, from the quantifier at hand.
fn count(rest: &[u8]) -> Option<(u32, u32, &[u8])> {
    let (min, max, rest) = match rest.split_first() {
        Some((b'*', rest)) => (0, u32::MAX, rest),
        Some((b'+', rest)) => (1, u32::MAX, rest),
        Some((b'?', rest)) => (0, 1, rest),
        Some((b'{', rest)) => {
            let end = rest.iter().position(|&byte| byte == b'}')?;
            let number = |text: &[u8]| std::str::from_utf8(text).ok().filter(|t| !t.starts_with('+'))?.parse().ok();
            let (min, max) = match rest[..end].iter().position(|&byte| byte == b',') {
                None => {
                    let exact: u32 = number(&rest[..end])?;
                    (exact, exact)
                }
                Some(comma) if comma + 1 == end => (number(&rest[..comma])?, u32::MAX),
                Some(comma) => (number(&rest[..comma])?, number(&rest[comma + 1..end])?),
            };
            if min > max {
                return None;
            }
            (min, max, &rest[end + 1..])
        }
        _ => return Some((1, 1, rest)),
    };
    // Lazy ones, and quantifiers of quantifiers.
    if matches!(rest.first(), Some(b'?' | b'*' | b'+' | b'{')) { None } else { Some((min, max, rest)) }
}
