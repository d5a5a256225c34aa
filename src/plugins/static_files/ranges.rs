//! Parts of files (RFC 9110, 14).

use std::ops::Range;

use fastweb_core::Bytes;

/// More parts than this are nobody's who wants them, and the whole is sent (RFC 9110, 14.2: many small or overlapping ranges may be ignored).
const MOST: usize = 16;

/// What is to be sent of something.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parts {
    Whole,
    One(Range<u64>),
    Several(Vec<Range<u64>>),
    /// 416.
    None,
}

enum Spec {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

impl Parts {
    /// What a `range` header asks for of `len` bytes. A header that is malformed, or of another unit, says nothing (RFC 9110, 14.2).
    pub(super) fn of(header: &str, len: u64) -> Self {
        let Some(specs) = parse(header) else { return Self::Whole };
        // Of nothing there is no part that could be named, and nobody is helped by being told so.
        if specs.len() > MOST || len == 0 {
            return Self::Whole;
        }
        let mut parts: Vec<_> = specs.iter().filter_map(|spec| spec.within(len)).collect();
        // Parts that overlap could make much of little.
        let sum = parts.iter().map(|part| part.end - part.start).fold(0, u64::saturating_add);
        match parts.len() {
            0 => Self::None,
            1 => Self::One(parts.remove(0)),
            _ if sum > len => Self::Whole,
            _ => Self::Several(parts),
        }
    }
}

impl Spec {
    /// `None` where there is no such part.
    fn within(&self, len: u64) -> Option<Range<u64>> {
        let part = match *self {
            Self::From(first) => first..len,
            Self::Between(first, last) => first..last.saturating_add(1).min(len),
            Self::Last(count) => len.saturating_sub(count)..len,
        };
        (part.start < part.end).then_some(part)
    }
}

fn parse(header: &str) -> Option<Vec<Spec>> {
    let (unit, list) = header.split_once('=')?;
    if !unit.trim_end_matches([' ', '\t']).eq_ignore_ascii_case("bytes") {
        return None;
    }
    let elements =
        list.split(',').map(|element| element.trim_matches([' ', '\t'])).filter(|element| !element.is_empty());
    let specs = elements.map(spec).collect::<Option<Vec<_>>>()?;
    (!specs.is_empty()).then_some(specs)
}

fn spec(text: &str) -> Option<Spec> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.trim_matches([' ', '\t']), last.trim_matches([' ', '\t']));
    match (first, last) {
        ("", last) => Some(Spec::Last(number(last)?)),
        (first, "") => Some(Spec::From(number(first)?)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Spec::Between(first, last))
        }
    }
}

/// A number too large to be one is as large as they come.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// A part of what is in memory; as much of it as there is.
pub(super) fn part_of(content: &Bytes, part: &Range<u64>) -> Bytes {
    let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(content.len());
    content.slice(within(part.start)..within(part.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_that_there_are() {
        use Parts::{None, One, Several, Whole};
        for (header, len, expected) in [
            ("bytes=0-0", 10, One(0..1)),
            ("bytes=0-9", 10, One(0..10)),
            ("bytes=2-", 10, One(2..10)),
            ("bytes=-3", 10, One(7..10)),
            ("bytes=-99", 10, One(0..10)),
            ("bytes=5-99", 10, One(5..10)),
            ("BYTES = 5-6", 10, One(5..7)),
            ("bytes=0-1,3-4", 10, Several(vec![0..2, 3..5])),
            ("bytes= 0 - 1 ,\t-1,", 10, Several(vec![0..2, 9..10])),
            ("bytes=0-1,20-30", 10, One(0..2)),
            ("bytes=10-", 10, None),
            ("bytes=-0", 10, None),
            ("bytes=20-30,40-", 10, None),
            ("bytes=0-", 0, Whole),
            ("bytes=-1", 0, Whole),
            ("bytes=0-18446744073709551615", 10, One(0..10)),
            ("bytes=99999999999999999999999-", 10, None),
            ("bytes=-99999999999999999999999", 10, One(0..10)),
            // As much as there is, and more.
            ("bytes=0-4,5-9", 10, Several(vec![0..5, 5..10])),
            ("bytes=0-9,0-0", 10, Whole),
            ("bytes=0-,0-,0-", 10, Whole),
            // Nothing that means anything.
            ("bytes=5-4", 10, Whole),
            ("bytes=", 10, Whole),
            ("bytes=,", 10, Whole),
            ("bytes=-", 10, Whole),
            ("bytes=a-b", 10, Whole),
            ("bytes=0-1,x", 10, Whole),
            ("bytes=+1-2", 10, Whole),
            ("bytes=0x1-2", 10, Whole),
            ("bytes 0-1", 10, Whole),
            ("items=0-1", 10, Whole),
            ("", 10, Whole),
        ] {
            assert_eq!(Parts::of(header, len), expected, "{header} of {len}");
        }
        let many = format!("bytes={}", ["0-0"; 17].join(","));
        assert_eq!(Parts::of(&many, 1000), Whole);
    }

    proptest::proptest! {
        #[test]
        fn parts_lie_within_and_are_no_more_than_the_whole(header in "bytes=[0-9,-]{0,40}", len in 0..200_u64) {
            let parts = match Parts::of(&header, len) {
                Parts::Whole | Parts::None => vec![],
                Parts::One(part) => vec![part],
                Parts::Several(parts) => parts,
            };
            proptest::prop_assert!(parts.iter().all(|part| part.start < part.end && part.end <= len));
            proptest::prop_assert!(parts.iter().map(|part| part.end - part.start).sum::<u64>() <= len);
        }

        #[test]
        fn no_header_is_too_strange(header in "\\PC*", len in proptest::num::u64::ANY) {
            let _ = Parts::of(&header, len);
        }
    }
}
